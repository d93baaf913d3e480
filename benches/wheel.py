#!/usr/bin/env python3
"""The wheel beside the command line, and beside trafilatura (pip), on the pages of a pack: wheel.py PACK [--command PROGRAM] [--runs N]
[--threads N] [--sets fundus,trafeval] [--predictions FOLDER].

Runs alternate (--runs 0 leaves the command line out), and the ratio is that of each pair: other work on the machine falls on both. --predictions keeps what copydesk and
trafilatura made of the pages, for the pack's score.py --pred.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import copydesk
import pyarrow

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python/tests"))
from pack import SETS, read  # noqa: E402


def timed(work):
    start, processor = time.perf_counter(), os.times()
    result = work()
    now = os.times()
    used = sum(getattr(now, name) - getattr(processor, name) for name in ["user", "system", "children_user", "children_system"])
    return time.perf_counter() - start, used, result


def against_the_command(pages, command, runs, threads):
    batches = pyarrow.Table.from_pylist(pages).to_batches(max_chunksize=256)
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "pages.jsonl", Path(folder) / "out.jsonl"
        source.write_text("".join(json.dumps(page) + "\n" for page in pages))
        line = [command, "extract", "--from", "jsonl", "--jobs", str(threads), "-o", str(out), str(source)]
        pairs = []
        for run in range(runs + 1):
            theirs = timed(lambda: subprocess.run(line, stderr=subprocess.DEVNULL))
            ours = timed(lambda: [copydesk.extract_many(batch, threads=threads) for batch in batches])
            # The first of each warms the caches.
            if run > 0:
                pairs.append((theirs, ours))
        expected = {answer["id"]: answer for answer in map(json.loads, out.read_bytes().splitlines())}
    same = 0
    for batch in pairs[-1][1][2]:
        for row in batch.select(["id", "url", "content_hash", "body", "published", "authors", "title", "error"]).to_pylist():
            same += all(expected[row["id"]].get(key) == value for key, value in row.items())
    for clock, name in [(0, "time"), (1, "processor time")]:
        theirs, ours = (statistics.median(pair[side][clock] for pair in pairs) for side in (0, 1))
        ratio = statistics.median(pair[0][clock] / pair[1][clock] for pair in pairs)
        print(f"{name}: command {theirs:.2f} s, extract_many {ours:.2f} s, throughput {ratio:.2f} of the command's (median of {runs} pairs)")
    print(f"rows equal to the command's: {same} of {len(pages)}")


def against_trafilatura(pages, predictions):
    import trafilatura

    def one(page):
        try:
            return copydesk.extract(page["html"], page["url"])
        except copydesk.Error:
            return {}

    def other(page):
        found = trafilatura.bare_extraction(page["html"], url=page["url"], with_metadata=True)
        return found.as_dict() if found else {}

    spent = {"copydesk": 0.0, "trafilatura": 0.0}
    lines = {name: [] for name in spent}
    for page in pages:
        for name, work in [("copydesk", one), ("trafilatura", other)]:
            _, used, record = timed(lambda: work(page))
            spent[name] += used
            if name == "trafilatura":
                author, date = record.get("author"), record.get("date")
                record = {"title": record.get("title"), "authors": author.split("; ") if author else [], "published": date, "body": record.get("text") or ""}
            lines[name].append(json.dumps(record | {"id": page["id"]}))
    for name, seconds in spent.items():
        print(f"{name}: {seconds:.1f} s of one core, {len(pages) / seconds:.0f} pages/s")
        if predictions:
            predictions.mkdir(parents=True, exist_ok=True)
            (predictions / f"{name}.jsonl").write_text("\n".join(lines[name]) + "\n")


def main():
    sys.stdout.reconfigure(line_buffering=True)
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("pack", type=Path)
    arguments.add_argument("--command", default="target/release/copydesk")
    arguments.add_argument("--runs", type=int, default=7)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--predictions", type=Path)
    arguments.add_argument("--sets", default=",".join(SETS))
    given = arguments.parse_args()
    pages = read(given.pack, given.sets.split(","))
    print(f"{len(pages)} pages, {given.threads} threads")
    if given.runs > 0:
        against_the_command(pages, given.command, given.runs, given.threads)
    against_trafilatura(pages, given.predictions)


if __name__ == "__main__":
    main()
