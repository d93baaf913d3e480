"""Near copies among records, by Spark: the bands of each text's signature are a join, and what it finds is compared.

    spark-submit spark_near_duplicates.py RECORDS OUT        # both Parquet, RECORDS from `copydesk export` or spark_extract.py

OUT is RECORDS with `duplicate_of` filled in: the id of the earliest record (by date of publication, then by id) that is a near copy.
For what fits one machine, `copydesk dedup` does more: it also takes out what a site prints with every article, follows chains of
edits, and tells revisions of an article from copies.
"""

import sys

import pyarrow
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

import copydesk

# A band that more records share than this is a formula (a cookie notice, a page that failed): as pairs, it would be their square.
MAX_RECORDS_A_BAND = 1000


def with_duplicates(records: DataFrame, similarity: float = 0.8) -> DataFrame:
    """The records, with `duplicate_of` of those that are near copies of an earlier one."""

    def bands(batches):
        for batch in batches:
            pairs = [
                (id, number, band)
                for id, text in zip(batch.column("id").to_pylist(), batch.column("body").to_pylist())
                for number, band in enumerate(copydesk.dedup_signature(text) or [])
            ]
            columns = list(zip(*pairs)) or [[], [], []]
            yield pyarrow.record_batch(
                [pyarrow.array(columns[0], "string"), pyarrow.array(columns[1], "int32"), pyarrow.array(columns[2], "int64")],
                ["id", "number", "band"],
            )

    def compared(batches):
        for batch in batches:
            later, earlier, first, second = (batch.column(name).to_pylist() for name in ["later", "earlier", "first", "second"])
            kept = [copydesk.is_near_copy(a, b, similarity) for a, b in zip(first, second)]
            yield pyarrow.record_batch([later, earlier], ["later", "earlier"]).filter(pyarrow.array(kept, "bool"))

    texts = records.where("body is not null").select("id", "body", f.coalesce("published_at", f.lit("9999-12-31").cast("timestamp")).alias("at"))
    signed = texts.select("id", "body").mapInArrow(bands, "id string, number int, band long").join(texts.select("id", "at"), "id")
    common = signed.groupBy("number", "band").count().where((f.col("count") > 1) & (f.col("count") <= MAX_RECORDS_A_BAND))
    signed = signed.join(common, ["number", "band"])
    a, b = signed.alias("a"), signed.alias("b")
    earlier_first = f.struct("a.at", "a.id") < f.struct("b.at", "b.id")
    met = (f.col("a.number") == f.col("b.number")) & (f.col("a.band") == f.col("b.band")) & earlier_first
    pairs = a.join(b, met).select(f.col("b.id").alias("later"), f.col("a.id").alias("earlier")).distinct()
    pairs = pairs.join(texts.select(f.col("id").alias("later"), f.col("body").alias("first")), "later")
    pairs = pairs.join(texts.select(f.col("id").alias("earlier"), f.col("body").alias("second"), "at"), "earlier")
    copies = pairs.select("later", "earlier", "first", "second").mapInArrow(compared, "later string, earlier string")
    copies = copies.join(texts.select(f.col("id").alias("earlier"), "at"), "earlier")
    copies = copies.groupBy(f.col("later").alias("id")).agg(f.min(f.struct("at", "earlier")).getField("earlier").alias("copy_of"))
    marked = records.join(copies, "id", "left").withColumn("duplicate_of", f.coalesce("copy_of", "duplicate_of"))
    return marked.select(*records.columns)


def main(source: str, out: str) -> None:
    spark = SparkSession.builder.appName("copydesk near duplicates").getOrCreate()
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    with_duplicates(spark.read.parquet(source)).write.parquet(out)
    spark.stop()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
