#!/usr/bin/env python3
"""The Spark example over a pack's pages, as WARC and as Parquet, on one core and on two: spark.py PACK [--command PROGRAM] [--times N] [--runs N] [--form warc].

The pages, --times over, become eight files of each form in a temporary folder. A run is a process of its own, held to its cores
by taskset; the session is started and warm before the clock is. Runs on one core and on two alternate.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in ["../python/tests", "../python/examples"]:
    sys.path.insert(0, str(HERE / folder))

FILES = 8


def job(form, cores, folder, out):
    """A run: prints its seconds."""
    import spark_extract
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {"spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC", "spark.driver.memory": "2g"}
    spark = SparkSession.builder.master(f"local[{cores}]").config(map=settings).getOrCreate()
    page = "<h1>Ferry comes home</h1><p>The ferry came home on Monday after nine days at sea.</p>"
    warm = spark.createDataFrame([(page,)] * 64, "html string").repartition(cores)
    spark_extract.of_pages(warm).write.mode("overwrite").parquet(out)
    files = sorted(str(path) for path in Path(folder).glob(f"*.{form}*"))
    shutil.rmtree(out)
    start = time.perf_counter()
    records = spark_extract.of_pages(spark.read.parquet(*files)) if form == "parquet" else spark_extract.of_archives(spark, files)
    spark_extract.write(records, out)
    print("seconds", time.perf_counter() - start)
    spark.stop()


def main():
    import pyarrow
    import pyarrow.parquet
    from conftest import Command, rows, warc
    from pack import read

    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("pack", type=Path)
    arguments.add_argument("--command", default="target/release/copydesk")
    arguments.add_argument("--times", type=int, default=2)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--form", choices=["parquet", "warc"], help="only this one")
    given = arguments.parse_args()
    command = Command(given.command)
    pages = [page | {"id": f"{page['id']}#{time}"} for time in range(given.times) for page in read(given.pack)]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for number in range(FILES):
            part = pages[number::FILES]
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(part), folder / f"{number}.parquet")
            named = [(page["id"], page["url"], page["html"].encode()) for page in part]
            (folder / f"{number}.warc.gz").write_bytes(warc(named, "text/html; charset=utf-8"))
        lines = "".join(json.dumps(page) + "\n" for page in pages).encode()
        answers = command.lines("extract", "--from", "jsonl", "-", stdin=lines)
        expected = {"parquet": [answer for answer in answers if "error" not in answer]}
        expected["warc"] = command.lines("extract", *sorted(folder.glob("*.warc.gz")))
        for form in [given.form] if given.form else ["parquet", "warc"]:
            seconds = {1: [], 2: []}
            for _ in range(given.runs):
                for cores in seconds:
                    line = ["taskset", "-c", "0" if cores == 1 else "0,1", sys.executable, __file__, "--job", form, str(cores), str(folder), str(folder / "out")]
                    done = subprocess.run(line, capture_output=True, text=True)
                    assert done.returncode == 0, done.stderr
                    seconds[cores].append(float(done.stdout.split()[-1]))
            found = pyarrow.parquet.read_table(folder / "out")
            found = found.filter(pyarrow.compute.is_null(found.column("error")))
            same = rows(found) == rows(command.export(expected[form], folder))
            one, two = (statistics.median(of) for of in seconds.values())
            ratio = statistics.median(a / b for a, b in zip(*seconds.values()))
            print(f"{form}: {len(pages)} pages, {found.num_rows} records, {'the same' if same else 'NOT the same'} as the command's;", end=" ")
            print(f"1 core {one:.1f} s, 2 cores {two:.1f} s, {ratio:.2f} times the throughput (median of {given.runs} pairs)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        job(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])
    else:
        main()
