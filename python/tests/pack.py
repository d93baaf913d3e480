"""The pages of the pack, as lines of `--from jsonl`."""

import gzip
import json

SETS = ("fundus", "trafeval", "wcxb")


def read(folder, sets=SETS, every=1):
    """Of every so many pages of each set, one."""
    pages = []
    for name in sets:
        for line in (folder / f"{name}.jsonl").read_bytes().splitlines()[::every]:
            page = json.loads(line)
            html = gzip.decompress((folder / page["html"]).read_bytes()).decode("utf-8", "replace")
            pages.append({"id": page["id"], "url": page["url"], "html": html})
    return pages
