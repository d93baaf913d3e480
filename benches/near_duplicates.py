#!/usr/bin/env python3
"""Precision, recall and time of `copydesk dedup`, beside MinHash as others run it, on one file made from a pack.

    python3 benches/near_duplicates.py PACK [--copydesk target/release/copydesk] [--keep DIR]

PACK is a folder of .jsonl files whose lines hold gold bodies ({"gold": {"title", "body"}, "url"}), as score.py of the pack
reads them. Nothing of it stays but what --keep names. Every article gives copies and things that only look like copies:

    copies      edited      up to 10 % of its words replaced, left out or put in
                edited-10   every tenth word on average replaced
                cut         up to 10 % cut: from the end, the beginning or the midst
                reordered   its paragraphs in another order
                headline    another headline only
                dateline    a dateline before it
                mixed       headline, dateline, 5 % edited and 5 % cut
    no copies   numbers     all its numbers others (from 6 on)
                names       all its names others (from 8 on)
                form        numbers and names others
                follow-up   another article that quotes a third of it
                boilerplate another article under which the same long paragraphs stand
                report      a daily report by formula, other values and names each day

Beside it run datasketch (MinHash of 128 permutations, LSH at 0.8, word 5-grams), datasketch with the bands of datatrove and
FineWeb (14 buckets of 8) and datatrove itself where it is installed; what is absent is said. A mark is right when the record
that it names is of the same article and the same kind of text; recall is over all records but the first of each.
"""

import argparse
import collections
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORD = re.compile(r"\w+", re.UNICODE)
NAME = re.compile(r"(?<=[a-zà-ÿ,;] )[A-ZÀ-Þ][\w-]+")
SYLLABLES = "ba de fi go lu mar nor sel tan vik wes ros hal kor dun pel".split()


def invented(rng):
    return "".join(rng.choices(SYLLABLES, k=rng.randint(2, 3))).capitalize()


def load(pack):
    """Articles with a body of at least 80 words, each text once."""
    out, seen = [], set()
    for file in sorted(Path(pack).glob("*.jsonl")):
        for line in file.open(encoding="utf-8"):
            gold = json.loads(line).get("gold", {})
            body = gold.get("body") or ""
            paragraphs = [p.strip() for p in body.split("\n") if p.strip()]
            words = WORD.findall(" ".join(paragraphs))
            start = tuple(w.lower() for w in words[:30])
            if len(words) >= 80 and start not in seen:
                seen.add(start)
                out.append((gold.get("title") or "", paragraphs))
    return out


class Maker:
    def __init__(self, articles, seed):
        self.rng, self.articles = random.Random(seed), articles
        self.vocabulary = [w for _, p in articles[:200] for w in " ".join(p).split()]
        self.boilerplate = [" ".join(self.rng.choices(self.vocabulary, k=60)) for _ in range(3)]

    def edited(self, paragraphs, share, kinds=("replace", "replace", "delete", "insert")):
        spots = [(p, w) for p, text in enumerate(paragraphs) for w in range(len(text.split()))]
        words = [text.split() for text in paragraphs]
        for p, w in self.rng.sample(spots, int(len(spots) * share)):
            kind = self.rng.choice(kinds)
            new = self.rng.choice(self.vocabulary)
            words[p][w] = {"replace": new, "delete": "", "insert": words[p][w] + " " + new}[kind]
        return [" ".join(w for w in text if w) for text in words]

    def cut(self, paragraphs, share):
        words = [(p, w) for p, text in enumerate(paragraphs) for w in text.split()]
        count = int(len(words) * share)
        start = self.rng.choice([0, len(words) - count, self.rng.randint(0, len(words) - count)])
        left = words[:start] + words[start + count :]
        return [" ".join(w for q, w in left if q == p) for p in sorted({p for p, _ in left})]

    def reordered(self, paragraphs):
        out = paragraphs[:]
        self.rng.shuffle(out)
        return out

    def dateline(self, paragraphs):
        line = f"{invented(self.rng).upper()}, {self.rng.choice(['March', 'June', 'October'])} {self.rng.randint(1, 28)} (NPA) - "
        return [line + paragraphs[0]] + paragraphs[1:]

    def headline(self):
        return " ".join(self.rng.choices(self.vocabulary, k=8))

    def other_numbers(self, paragraphs):
        def new(match):
            digits = match.group()
            while True:
                other = "".join(self.rng.choices("0123456789", k=len(digits)))
                if other != digits:
                    return other

        return [re.sub(r"\d+", new, text) for text in paragraphs]

    def other_names(self, paragraphs):
        names = collections.defaultdict(lambda: invented(self.rng))
        found = {n for text in paragraphs for n in NAME.findall(text)}
        return [re.sub(r"[A-ZÀ-Þ][\w-]+", lambda m: names[m.group()] if m.group() in found else m.group(), text) for text in paragraphs]

    def records(self):
        """(article and kind of text, variant, title, paragraphs)"""
        rng = self.rng
        for at, (title, paragraphs) in enumerate(self.articles):
            own = f"{at}"
            yield own, "original", title, paragraphs
            yield own, "edited", title, self.edited(paragraphs, rng.uniform(0.02, 0.10))
            yield own, "edited-10", title, self.edited(paragraphs, 0.10, ("replace",))
            yield own, "cut", title, self.cut(paragraphs, rng.uniform(0.02, 0.10))
            if len(paragraphs) > 2:
                yield own, "reordered", title, self.reordered(paragraphs)
            yield own, "headline", self.headline(), paragraphs
            yield own, "dateline", title, self.dateline(paragraphs)
            yield own, "mixed", self.headline(), self.dateline(self.cut(self.edited(paragraphs, 0.05), 0.05))
            text = " ".join(paragraphs)
            numbers, names = len(re.findall(r"\d+", text)), len(NAME.findall(text))
            if numbers >= 6:
                yield f"{own}/numbers", "numbers", title, self.other_numbers(paragraphs)
            if names >= 8:
                yield f"{own}/names", "names", title, self.other_names(paragraphs)
            if numbers >= 4 and names >= 4:
                yield f"{own}/form", "form", title, self.other_names(self.other_numbers(paragraphs))
            other = self.articles[(at + 7) % len(self.articles)][1]
            words = text.split()
            quoted = words[: max(1, len(words) // 3)]
            # A follow-up has its own words: an article of its own, invented in order that no other record holds them.
            fresh = " ".join(rng.sample(" ".join(other).split(), len(" ".join(other).split())))
            yield f"{own}/follow-up", "follow-up", self.headline(), [" ".join(fresh.split()[: max(60, 2 * len(quoted))]), " ".join(quoted)]
            stub = " ".join(rng.choices(self.vocabulary, k=60))
            yield f"{own}/boilerplate", "boilerplate", self.headline(), [stub] + self.boilerplate
        for day in range(len(self.articles) // 4):
            yield f"report/{day}", "report", f"Markets on day {day}", self.report()

    def report(self):
        rng = self.rng
        number = lambda: f"{rng.randint(100, 9999)}.{rng.randint(10, 99)}"
        rise = lambda: rng.choice(["rose", "fell"])
        firms = [invented(rng) for _ in range(6)]
        return [
            f"The main index {rise()} to {number()} points at the close of trade, after a high of {number()} points in the morning.",
            f"Among the day's gainers was {firms[0]}, which closed at {number()}, ahead of {firms[1]} at {number()} and {firms[2]} at {number()}.",
            f"The largest losses were those of {firms[3]}, down to {number()}, and of {firms[4]}, which closed at {number()} in heavy trade.",
            f"The currency was quoted at {number()} in the afternoon. Oil {rise()} to {number()} a barrel and gold to {number()} an ounce.",
            f"Analysts at {firms[5]} said that trade would stay quiet until the figures that are expected at the end of the week.",
        ]


def write(records, path):
    """The file, in an order that says nothing, and what is true of each line."""
    truth = []
    with path.open("w", encoding="utf-8") as out:
        for number, (group, variant, title, paragraphs) in enumerate(records):
            truth.append((group, variant))
            url = f"https://paper{number % 997}.example/{number}"
            blocks = [{"kind": "paragraph", "level": None, "text": p} for p in paragraphs]
            record = {"schema": "copydesk/article@1", "id": str(number), "url": url, "canonical_url": url, "title": title,
                      "published": None, "body": "\n\n".join(paragraphs), "blocks": blocks, "captions": [], "notes": [],
                      "duplicate_of": None, "content_hash": f"{number:032x}"}
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
    return truth


def copydesk(binary, path, *flags):
    out = path.with_suffix(".out")
    subprocess.run([binary, "dedup", "--quiet", "-o", str(out), *flags, str(path)], check=True)
    return out


def marks_of(out):
    marks = {}
    for number, line in enumerate(out.open(encoding="utf-8")):
        of = json.loads(line)["duplicate_of"]
        if of is not None:
            marks[number] = int(of)
    return marks


def bodies(path):
    for line in path.open(encoding="utf-8"):
        yield json.loads(line)["body"]


def datasketch_lsh(path, **settings):
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(num_perm=128, **settings)
    marks = {}
    for number, body in enumerate(bodies(path)):
        words = [w.lower() for w in WORD.findall(body)]
        sketch = MinHash(num_perm=128)
        sketch.update_batch({" ".join(words[n : n + 5]).encode() for n in range(max(1, len(words) - 4))})
        known = lsh.query(sketch)
        if known:
            first = min(known)
            marks[number] = marks.get(first, first)
        lsh.insert(number, sketch)
    return marks


def datatrove(path):
    """MinhashDedup with its default settings, one worker: signatures, buckets, clusters, filter."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    config = MinhashConfig()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in")
        source.mkdir()
        os.symlink(path, source / "all.jsonl")
        reader = JsonlReader(str(source), text_key="body")
        run = lambda steps, name, tasks: LocalPipelineExecutor(steps, tasks=tasks, workers=1, logging_dir=f"{folder}/log-{name}").run()
        run([reader, MinhashDedupSignature(f"{folder}/signatures", config=config)], "1", 1)
        run([MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/buckets", config=config)], "2", config.num_buckets)
        run([MinhashDedupCluster(f"{folder}/buckets", f"{folder}/clusters", config=config, save_cluster_id=True)], "3", 1)
        run([reader, MinhashDedupFilter(f"{folder}/clusters", load_cluster_ids=True), JsonlWriter(f"{folder}/out", compression=None)], "4", 1)
        kept = {json.loads(line)["id"] for file in Path(folder, "out").glob("*.jsonl") for line in file.open(encoding="utf-8")}
    return kept


def score(truth, marks):
    """Precision, recall, and what went wrong by variant."""
    firsts, right, wrong, missed = {}, 0, collections.Counter(), collections.Counter()
    copies = 0
    for number, (group, variant) in enumerate(truth):
        is_copy = group in firsts
        firsts.setdefault(group, number)
        copies += is_copy
        of = marks.get(number)
        if of is not None and truth[of][0] == group:
            right += 1
        elif of is not None:
            wrong[variant] += 1
        if is_copy and (of is None or truth[of][0] != group):
            missed[variant] += 1
    marked = right + sum(wrong.values())
    return right / max(1, marked), right / max(1, copies), wrong, missed


def score_kept(truth, kept):
    """As [`score`], of who only says which records are left."""
    seen, right, wrong, missed, copies = set(), 0, collections.Counter(), collections.Counter(), 0
    by_group = collections.Counter(truth[int(k)][0] for k in kept)
    for number, (group, variant) in enumerate(truth):
        copies += group in seen
        seen.add(group)
    groups = collections.Counter(group for group, _ in truth)
    # Of each group one may stay; more are missed, none is a wrong mark.
    for group, count in groups.items():
        left = by_group[group]
        missed["any"] += max(0, left - 1)
        right += count - max(1, left)
        wrong["any"] += left == 0
    return right / max(1, right + wrong["any"]), right / max(1, copies), wrong, missed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack")
    parser.add_argument("--copydesk", default="target/release/copydesk")
    parser.add_argument("--keep", help="folder in which the file made stays")
    parser.add_argument("--articles", type=int, help="so many of the pack only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", default="datasketch,buckets,datatrove")
    args = parser.parse_args()
    articles = load(args.pack)[: args.articles]
    records = list(Maker(articles, args.seed).records())
    random.Random(args.seed).shuffle(records)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(args.keep or folder, "near_duplicates.jsonl").absolute()
        truth = write(records, path)
        print(f"{len(articles)} articles, {len(truth)} records, {path.stat().st_size / 1e6:.0f} MB")
        # The others look for near copies and nothing else: so does the first, by whose time theirs is measured.
        near = lambda: copydesk(args.copydesk, path, "--boilerplate=false")
        runs = [("copydesk, near copies alone", near, score), ("copydesk", lambda: copydesk(args.copydesk, path), score)]
        if "datasketch" in args.peers:
            runs.append(("datasketch, LSH at 0.8", lambda: datasketch_lsh(path, threshold=0.8), score))
        if "buckets" in args.peers:
            runs.append(("datasketch, 14 buckets of 8", lambda: datasketch_lsh(path, params=(14, 8)), score))
        if "datatrove" in args.peers:
            runs.append(("datatrove", lambda: datatrove(path), score_kept))
        base = None
        for name, run, judge in runs:
            start, before = time.perf_counter(), sum(os.times()[:4])
            try:
                marks = run()
            except ImportError as error:
                print(f"{name}: skipped, {error}")
                continue
            seconds, processor = time.perf_counter() - start, sum(os.times()[:4]) - before
            # What copydesk wrote is read outside its time; the others hold their marks already.
            marks = marks_of(marks) if isinstance(marks, Path) else marks
            base = base or (seconds, processor)
            precision, recall, wrong, missed = judge(truth, marks)
            print(f"{name}: precision {precision:.4f}, recall {recall:.4f}, {seconds:.2f} s ({seconds / base[0]:.1f} times the first), "
                  f"{processor:.2f} s of the processor ({processor / base[1]:.1f} times)")
            print(f"    wrong {dict(wrong.most_common())}\n    missed {dict(missed.most_common())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
