"""WARC files: the command line's records."""

import copydesk
import pyarrow
import pytest
from conftest import rows, warc


@pytest.mark.parametrize("batch_rows", [1, 7, 256])
def test_the_command_lines_records(command, pages, tmp_path, batch_rows):
    file = tmp_path / "pages.warc.gz"
    file.write_bytes(warc(pages + [("empty", "https://news.example/empty", b"<p></p>")]))
    expected = command.lines("extract", file)
    batches = list(copydesk.extract_warc(file, threads=2, batch_rows=batch_rows))
    assert all(batch.num_rows == batch_rows for batch in batches[:-1])
    table = pyarrow.Table.from_batches(batches)
    assert table.column("content_hash").to_pylist() == [record["content_hash"] for record in expected]
    assert rows(table) == rows(command.export(expected, tmp_path))
    assert table.column("fetched_at").null_count == 0


def test_damage_is_told_and_costs_one_page(pages, tmp_path):
    file = tmp_path / "pages.warc.gz"
    first, second, third = (warc([page]) for page in [pages[0], pages[1], pages[0]])
    file.write_bytes(first + b"\x00" + second[:20] + b"\xff" * 40 + third)
    with pytest.warns(UserWarning, match="pages.warc.gz: damaged at byte"):
        records = [record for batch in copydesk.extract_warc(file) for record in batch.to_pylist()]
    assert len(records) == 2


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="none.warc"):
        copydesk.extract_warc(tmp_path / "none.warc")


def test_who_stops_early_may(pages, tmp_path):
    file = tmp_path / "pages.warc.gz"
    file.write_bytes(warc(pages * 20))
    batches = copydesk.extract_warc(file, batch_rows=1)
    assert next(batches).num_rows == 1
    del batches
