"""Many pages at once: the rows of the exported Parquet, none lost."""

import json
import os
import signal
import threading
import time

import copydesk
import pyarrow
import pytest
from conftest import rows

PAGE = "<h1>Ferry comes home</h1><p>The ferry came home on Monday after nine days at sea, the harbour master said.</p>"


def table(batch):
    return pyarrow.Table.from_batches([batch])


@pytest.fixture(scope="module")
def exported(command, pages, tmp_path_factory):
    """The fixtures as the command line's Parquet."""
    lines = [{"id": name, "url": url, "html": page.decode("utf-8", "replace")} for name, url, page in pages]
    records = command.lines("extract", "--from", "jsonl", "-", stdin="\n".join(map(json.dumps, lines)).encode())
    return lines, command.export([record for record in records if "error" not in record], tmp_path_factory.mktemp("export"))


def test_the_schema_is_that_of_the_export(exported):
    ours, theirs = copydesk.schema(), exported[1].schema
    assert [field.name for field in ours] == [field.name for field in theirs] + ["error"]
    for field in theirs:
        assert str(ours.field(field.name).type) == str(field.type).replace(" not null", ""), field.name
    assert ours.metadata[b"copydesk.schema"] == b"copydesk/article@1"


def test_a_list_and_a_batch_give_the_exported_rows(exported):
    lines, expected = exported
    of_list = copydesk.extract_many(lines, threads=2)
    of_batch = copydesk.extract_many(pyarrow.RecordBatch.from_pylist(lines))
    assert of_list.equals(of_batch)
    assert of_list.schema.equals(copydesk.schema(), check_metadata=True)
    of_list.validate(full=True)
    assert of_list.column("id").to_pylist() == [line["id"] for line in lines]
    good = table(of_list).filter(pyarrow.compute.is_null(of_list.column("error")))
    assert rows(good) == rows(expected)


def test_the_number_of_threads_changes_nothing(exported):
    lines, _ = exported
    one = copydesk.extract_many(lines, threads=1)
    assert all(copydesk.extract_many(lines, threads=threads).equals(one) for threads in [2, 3, 16])


def test_no_row_is_lost():
    pages = [PAGE, "", None, b"%PDF-1.7", PAGE.encode()]
    batch = copydesk.extract_many([{"id": n, "url": f"https://news.example/{n}", "html": page} for n, page in enumerate(pages)])
    kinds = [error and error["kind"] for error in batch.column("error").to_pylist()]
    assert kinds == [None, "no_content", "bad_input", "not_html", None]
    assert batch.column("id").to_pylist() == ["0", "1", "2", "3", "4"]
    assert batch.column("url").to_pylist() == [f"https://news.example/{n}" for n in range(5)]
    assert [title is not None for title in batch.column("title").to_pylist()] == [True, False, False, False, True]
    batch.validate(full=True)


def test_failures_can_be_written(tmp_path):
    batch = copydesk.extract_many([PAGE, ""])
    pyarrow.parquet.write_table(table(batch), tmp_path / "out.parquet")
    assert pyarrow.parquet.read_table(tmp_path / "out.parquet").to_pylist() == batch.to_pylist()


def test_ids_are_kept_or_made():
    own = copydesk.extract(PAGE, "https://news.example/a")["id"]
    batch = copydesk.extract_many([{"html": PAGE, "url": "https://news.example/a"}, PAGE, {"html": PAGE, "id": 2**64 - 1}, {"html": PAGE, "id": -5}])
    ids = batch.column("id").to_pylist()
    assert (ids[0], ids[2:]) == (own, ["18446744073709551615", "-5"])
    assert ids[1] == copydesk.extract(PAGE)["id"]


@pytest.mark.parametrize("html", ["string", "large_string", "string_view", "binary", "large_binary", "binary_view"])
@pytest.mark.parametrize("id", ["string", "large_string", "int32", "int64", "uint32", "uint64", "null"])
def test_columns_of_every_type(html, id):
    pages = [PAGE, None, PAGE.replace("Ferry", "Fähre")]
    if "binary" in html:
        pages = [page and page.encode() for page in pages]
    ids = [None] * 3 if id == "null" else [1, 2, 3] if "int" in id else ["1", "2", "3"]
    columns = [pyarrow.array(pages, pyarrow.type_for_alias(html)), pyarrow.array(ids, pyarrow.type_for_alias(id)), pyarrow.nulls(3)]
    batch = copydesk.extract_many(pyarrow.record_batch(columns, ["html", "id", "url"]))
    assert batch.column("title").to_pylist() == ["Ferry comes home", None, "Fähre comes home"]
    assert id == "null" or batch.column("id").to_pylist() == ["1", "2", "3"]


def test_a_part_of_a_batch_is_read_as_that_part():
    batch = pyarrow.RecordBatch.from_pylist([{"html": PAGE, "id": str(n)} for n in range(10)]).slice(3, 4)
    assert copydesk.extract_many(batch).column("id").to_pylist() == ["3", "4", "5", "6"]


def test_nothing_gives_a_batch_of_no_rows():
    assert copydesk.extract_many([]).num_rows == 0
    assert copydesk.extract_many([]).schema.equals(copydesk.schema())


@pytest.mark.parametrize(
    "pages, error, words",
    [
        (pyarrow.RecordBatch.from_pylist([{"text": PAGE}]), ValueError, "the batch has no column html; it has: text"),
        (pyarrow.RecordBatch.from_pylist([{"html": 7}]), TypeError, "the column html has to be string or binary, not Int64"),
        (pyarrow.RecordBatch.from_pylist([{"html": PAGE, "url": 7}]), TypeError, "the column url has to be string"),
        (pyarrow.RecordBatch.from_pylist([{"html": PAGE, "id": 1.5}]), TypeError, "the column id has to be string or of integers"),
        (pyarrow.Table.from_pylist([{"html": PAGE}]), TypeError, "to_batches"),
        ("<p>", TypeError, "pages are a list or a pyarrow.RecordBatch, not str"),
        ([7], TypeError, "html has to be str or bytes, not int"),
        ([{"html": PAGE, "id": 1.5}], TypeError, "id has to be str or an int of 64 bits, not float"),
        ([{"html": PAGE, "url": 7}], TypeError, "url has to be str, not int"),
    ],
)
def test_what_is_no_batch_of_pages_is_told(pages, error, words):
    with pytest.raises(error, match=words):
        copydesk.extract_many(pages)


def test_no_threads_are_refused():
    with pytest.raises(ValueError):
        copydesk.extract_many([PAGE], threads=0)


def test_python_goes_on_meanwhile():
    """The interpreter's lock is free: another thread counts while pages are read."""
    counted, done = [0], threading.Event()

    def count():
        while not done.is_set():
            counted[0] += 1
            time.sleep(0)

    thread = threading.Thread(target=count)
    thread.start()
    pages = [PAGE * 200] * 100
    before = counted[0]
    copydesk.extract_many(pages, threads=1)
    during = counted[0] - before
    done.set()
    thread.join(60)
    assert during > 0


def test_an_interrupt_is_heard():
    # A job in the background of a shell is started deaf to it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        copydesk.extract_many([{"html": PAGE * 200}] * 200_000, threads=2)
    timer.join()
    signal.signal(signal.SIGINT, before)
