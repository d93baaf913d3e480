"""The Ray Data example: the command line's records. Skipped without Ray."""

import json
import subprocess
import sys

import pyarrow
import pytest
from conftest import ROOT, rows

pytest.importorskip("ray", reason='Ray is not installed: pip install "ray[data]"')
pytest.importorskip("ray.data", reason='Ray Data is not installed: pip install "ray[data]"')


def test_parquet_of_pages(command, pages, tmp_path):
    lines = [{"id": name, "url": url, "html": page.decode("utf-8", "replace")} for name, url, page in pages]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(lines), tmp_path / "pages.parquet", row_group_size=5)
    records = command.lines("extract", "--from", "jsonl", "-", stdin="\n".join(map(json.dumps, lines)).encode())
    expected = command.export([record for record in records if "error" not in record], tmp_path)
    # As a program of its own: Ray sends workers what stands in the main module, and has them import all else.
    script = ROOT / "python/examples/ray_extract.py"
    done = subprocess.run([sys.executable, script, tmp_path / "out", tmp_path / "pages.parquet"], capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    found = pyarrow.parquet.read_table(tmp_path / "out")
    assert rows(found.filter(pyarrow.compute.is_null(found.column("error")))) == rows(expected)
    assert found.num_rows == len(lines)
