"""The Spark examples on two local cores: the command line's records. Skipped without pyspark and Java."""

import json
import os
import shutil
import sys

import copydesk
import pyarrow
import pytest
from conftest import rows, warc
from test_dedup import text

pytest.importorskip("pyspark", reason="pyspark is not installed: pip install pyspark")
if shutil.which("java") is None:
    pytest.skip("Java is not installed: apt-get install default-jre-headless", allow_module_level=True)

import spark_extract
import spark_near_duplicates
from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def spark():
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4", "spark.sql.session.timeZone": "UTC"}
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    yield session
    session.stop()


def read(folder):
    return pyarrow.parquet.read_table(folder)


def test_parquet_of_pages(spark, command, pages, tmp_path):
    lines = [{"id": name, "url": url, "html": page.decode("utf-8", "replace")} for name, url, page in pages]
    lines.append({"id": "empty", "url": "https://news.example/empty", "html": ""})
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(lines), tmp_path / "pages.parquet", row_group_size=5)
    answers = command.lines("extract", "--from", "jsonl", "-", stdin="\n".join(map(json.dumps, lines)).encode())
    expected = command.export([answer for answer in answers if "error" not in answer], tmp_path)
    records = spark_extract.of_pages(spark.read.parquet(str(tmp_path / "pages.parquet")).repartition(4))
    spark_extract.write(records, str(tmp_path / "out"))
    found = read(tmp_path / "out")
    failed = found.filter(pyarrow.compute.is_valid(found.column("error")))
    assert {row["id"]: row["error"] for row in failed.to_pylist()} == {answer["id"]: answer["error"] for answer in answers if "error" in answer}
    assert failed.num_rows >= 1
    assert rows(found.filter(pyarrow.compute.is_null(found.column("error")))) == rows(expected)


def test_archives(spark, command, pages, tmp_path):
    half = len(pages) // 2
    files = [tmp_path / "first.warc.gz", tmp_path / "second.warc.gz"]
    for file, part in zip(files, [pages[:half], pages[half:]]):
        file.write_bytes(warc(part))
    expected = command.export(command.lines("extract", *files), tmp_path)
    spark_extract.write(spark_extract.of_archives(spark, [str(file) for file in files]), str(tmp_path / "out"))
    assert rows(read(tmp_path / "out")) == rows(expected)


def story(number, words):
    body = "".join(f"<p>{' '.join(words[at : at + 60])}.</p>" for at in range(0, len(words), 60))
    head = f'<meta property="article:published_time" content="2026-03-{number % 28 + 1:02}T08:00:00Z">'
    return f"<html><head>{head}</head><body><article><h1>{' '.join(words[:5])}</h1>{body}</article></body></html>"


def test_near_duplicates_are_those_of_the_command(spark, command, tmp_path):
    """Stories, of every third an edited copy and of every sixth another; the earliest is named, as `copydesk dedup` does."""
    texts = []
    for seed in range(24):
        words = text(seed)
        texts.append(words)
        for copy in range((seed % 3 == 0) + (seed % 6 == 0)):
            texts.append(["edited" if (number + copy) % 50 == 7 else word for number, word in enumerate(words)])
    records = [copydesk.extract(story(number * 5, words), f"https://paper{number}.example/story") for number, words in enumerate(texts)]
    expected = tmp_path / "expected.jsonl"
    source = tmp_path / "source.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    command.lines("dedup", "--boilerplate=false", source, "-o", expected)
    marked = {record["id"]: record["duplicate_of"] for record in map(json.loads, expected.read_bytes().splitlines())}
    assert sum(copy is not None for copy in marked.values()) == 12
    command.export(records, tmp_path)
    found = spark_near_duplicates.with_duplicates(spark.read.parquet(str(tmp_path / "records.parquet")))
    assert {row["id"]: row["duplicate_of"] for row in found.select("id", "duplicate_of").collect()} == marked
    assert found.columns == spark.read.parquet(str(tmp_path / "records.parquet")).columns
