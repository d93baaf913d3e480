"""The project's own pages with what a careful editor made of them, in the form of the pack's: they stand for layouts, scripts
and years that the pack has few of."""
import json, pathlib, re, tomllib, urllib.parse

FOLDER = pathlib.Path(__file__).parent.parent / "fixtures"


def decoded(raw, content_type):
    """The page's text, by the charset that the answer or the page itself names."""
    declared = re.search(r"charset=([\w-]+)", content_type) or re.search(rb"charset=[\"']?([\w-]+)", raw[:2000], re.I)
    charset = declared.group(1) if declared else "utf-8"
    return raw.decode(charset.decode() if isinstance(charset, bytes) else charset, errors="replace")


def pages():
    """(page, gold) for each article whose text the page prints."""
    for folder in sorted(FOLDER.iterdir()):
        if not (folder / "page.html").exists():
            continue
        meta = tomllib.loads((folder / "meta.toml").read_text(encoding="utf-8"))
        record = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        source = record.get("extraction", {}).get("sources", {}).get("body", "model")
        if not record.get("body") or "subtitle" not in record or source != "model":
            continue
        name = f"fixtures/{folder.name}"
        gold = {"body": record["body"], "captions": record["captions"], "summary": record["subtitle"]}
        yield (
            {"id": name, "url": meta["url"], "html": decoded((folder / "page.html").read_bytes(), meta["content_type"])},
            {"id": name, "dataset": "fixtures", "domain": urllib.parse.urlsplit(meta["url"]).hostname, "gold": gold},
        )
