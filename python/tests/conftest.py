"""What the tests share: the command line beside which the wheel is held, and pages."""

import gzip
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pyarrow.parquet
import pytest
from pack import read

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python/examples"))


class Command:
    """The `copydesk` of this checkout."""

    def __init__(self, path):
        self.path = path

    def lines(self, *arguments, stdin=b""):
        """What it writes, line by line; pages that give no record are no failure."""
        done = subprocess.run([self.path, *map(str, arguments)], input=stdin, capture_output=True, timeout=300)
        assert done.returncode in (0, 3), done.stderr.decode()
        return [json.loads(line) for line in done.stdout.splitlines()]

    def page(self, *arguments):
        """The record of a page, or none and what is said of it."""
        done = subprocess.run([self.path, *map(str, arguments)], capture_output=True, timeout=300)
        assert done.returncode in (0, 1), done.stderr.decode()
        return json.loads(done.stdout) if done.returncode == 0 else None, done.stderr.decode()

    def export(self, records, folder):
        """The records as the exported Parquet has them."""
        source, out = folder / "records.jsonl", folder / "records.parquet"
        source.write_text("".join(json.dumps(record) + "\n" for record in records))
        self.lines("export", source, "-o", out)
        return pyarrow.parquet.read_table(out)


@pytest.fixture(scope="session")
def command():
    path = Path(os.environ.get("COPYDESK", ROOT / "target/release/copydesk"))
    assert path.exists(), f"{path} is not built: cargo build --release, or name it in COPYDESK"
    return Command(path)


def fixture_pages():
    """The repository's fixtures that are pages: name, URL, bytes."""
    found = []
    for folder in sorted((ROOT / "fixtures").iterdir()):
        if (folder / "page.html").exists():
            meta = tomllib.loads((folder / "meta.toml").read_text())
            found.append((folder.name, meta["url"], (folder / "page.html").read_bytes()))
    return found


@pytest.fixture(scope="session")
def pages():
    found = fixture_pages()
    assert len(found) > 20
    return found


@pytest.fixture(scope="session")
def pack():
    """The pages of the pack (of every PACK_EVERY, one) as lines of `--from jsonl`, where it stands beside the checkout."""
    folder = Path(os.environ.get("COPYDESK_PACK", ROOT.parent / "shared/bench/pack"))
    if not folder.is_dir():
        pytest.skip(f"the pack is not here: {folder}")
    return read(folder, every=int(os.environ.get("PACK_EVERY", "1")))


def warc(pages, content_type="text/html"):
    """Pages (name, URL, bytes) as a WARC file, a gzip member a record."""
    members = []
    for number, (_, url, body) in enumerate(pages):
        block = b"HTTP/1.1 200 OK\r\nContent-Type: " + content_type.encode() + b"\r\n\r\n" + body
        head = (
            f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-05-01T06:00:{number % 60:02}Z\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
        )
        members.append(gzip.compress(head.encode() + block + b"\r\n\r\n", 1))
    return b"".join(members)


def rows(table):
    """The rows of records without the column of errors, to be compared: in the order of their ids, which pages of one address share."""
    names = [name for name in table.column_names if name != "error"]
    return sorted(table.select(names).to_pylist(), key=lambda row: [str(row[name]) for name in ["id", "content_hash", "url", "fetched_at"]])
