"""The datatrove example: the command line's text. Skipped without datatrove and what its WARC reader wants."""

import gzip
import json

import pytest
from conftest import warc

for module, package in [("datatrove", "datatrove"), ("warcio", "warcio"), ("cchardet", "faust-cchardet"), ("magic", "python-magic"), ("orjson", "orjson")]:
    pytest.importorskip(module, reason=f"{package} is not installed: pip install {package}", exc_type=ImportError)

import datatrove_extract


def test_archives(command, pages, tmp_path):
    # Its reader knows UTF-8 and guesses the rest: pages in other charsets are another matter.
    pages = [page for page in pages if is_utf8(page[2])]
    (tmp_path / "in").mkdir()
    (tmp_path / "in/pages.warc.gz").write_bytes(warc(pages))
    lines = [{"id": url, "url": url, "html": page.decode()} for _, url, page in pages]
    records = command.lines("extract", "--from", "jsonl", "-", stdin="\n".join(map(json.dumps, lines)).encode())
    expected = {record["id"]: record for record in records if "error" not in record}
    datatrove_extract.main(str(tmp_path / "out"), str(tmp_path / "in"))
    found = [json.loads(line) for file in (tmp_path / "out").glob("*.jsonl.gz") for line in gzip.open(file)]
    assert len(found) == len(expected) > 15
    for document in found:
        record = expected[document["metadata"]["url"]]
        assert document["text"] == record["body"]
        assert all(document["metadata"][name] == record[name] for name in datatrove_extract.Copydesk.FIELDS)


def is_utf8(page):
    try:
        page.decode()
    except UnicodeDecodeError:
        return False
    return True
