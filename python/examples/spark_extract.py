"""Records of WARC files, or of Parquet with pages, by Spark.

    spark-submit spark_extract.py OUT IN...         # IN: .warc, .warc.gz, .warc.zst files; or Parquet with html, url?, id?

The files have to be where the executors see them (a shared file system). A WARC file is one task's work, as Common Crawl's are
one gigabyte each; Parquet is split as Spark splits it. The wheel has to be on the executors (pip, or --archives).
"""

import sys
from collections.abc import Iterator

import pyarrow
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

import copydesk


def of_pages(pages: DataFrame) -> DataFrame:
    """Rows of html, url?, id? -> rows of records; a page that gives none has a row with its error."""

    def work(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        # A task has one core.
        for batch in batches:
            yield copydesk.extract_many(batch, threads=1)

    return pages.mapInArrow(work, from_arrow_schema(copydesk.schema()))


def of_archives(spark: SparkSession, paths: list[str]) -> DataFrame:
    """Paths of WARC files -> rows of records."""

    def work(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        for batch in batches:
            for path in batch.column("path").to_pylist():
                yield from copydesk.extract_warc(path, threads=1)

    # By range, for by hash some tasks would get several files and others none.
    files = spark.createDataFrame([(path,) for path in paths], "path string").repartitionByRange(len(paths), "path")
    return files.mapInArrow(work, from_arrow_schema(copydesk.schema()))


def write(records: DataFrame, out: str) -> None:
    """Writes Parquet. Instants as the format has them: Spark's default is a 96-bit form of its own without UTC."""
    records.sparkSession.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    records.write.parquet(out)


def main(out: str, inputs: list[str]) -> None:
    spark = SparkSession.builder.appName("copydesk").getOrCreate()
    archives = [path for path in inputs if ".warc" in path.rsplit("/", 1)[-1]]
    records = of_archives(spark, archives) if archives else of_pages(spark.read.parquet(*inputs))
    write(records, out)
    spark.stop()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
