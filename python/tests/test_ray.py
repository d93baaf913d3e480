"""The Ray Data example: the command line's records. Skipped without Ray."""

import json

import pyarrow
import pytest
from conftest import rows

ray = pytest.importorskip("ray", reason='Ray is not installed: pip install "ray[data]"')
pytest.importorskip("ray.data", reason='Ray Data is not installed: pip install "ray[data]"')

import ray_extract


def test_parquet_of_pages(command, pages, tmp_path):
    lines = [{"id": name, "url": url, "html": page.decode("utf-8", "replace")} for name, url, page in pages]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(lines), tmp_path / "pages.parquet", row_group_size=5)
    records = command.lines("extract", "--from", "jsonl", "-", stdin="\n".join(map(json.dumps, lines)).encode())
    expected = command.export([record for record in records if "error" not in record], tmp_path)
    ray.init(num_cpus=2, include_dashboard=False)
    try:
        ray_extract.main(str(tmp_path / "out"), [str(tmp_path / "pages.parquet")])
    finally:
        ray.shutdown()
    found = pyarrow.parquet.read_table(tmp_path / "out")
    assert rows(found.filter(pyarrow.compute.is_null(found.column("error")))) == rows(expected)
    assert found.num_rows == len(lines)
