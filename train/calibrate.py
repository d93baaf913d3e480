"""What a measured confidence means: the share of pages whose body is right (shingle F1 of 0.95 and more), out of fold.

    python3 calibrate.py PACK RECORDS > src/extract/model/confidence.tsv

PACK is the folder of pages with gold, its `score.py` beside it; RECORDS are those of `out_of_fold`, whose confidence is
as measured. Pages are sorted by it and taken in groups; groups that fall are joined (pool adjacent violators: Ayer et al.,
1955), and what is between their means is interpolated. A group counts half a page more as right and half a one as wrong: none is sure. Standard error gets the error of the ten bins under
cross-validation by registrable domain.
"""

import importlib.util
import json
import pathlib
import sys

import numpy as np

GROUP = 30
FOLDS = 10


def read(pack, records):
    spec = importlib.util.spec_from_file_location("score", pack.parent / "score.py")
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    made = {}
    for line in open(records):
        record = json.loads(line)
        made[record["id"]] = record
    rows = []
    for name in ("fundus", "wcxb"):
        for line in open(pack / f"{name}.jsonl"):
            gold = json.loads(line)
            record = made.get(gold["id"])
            if record is None or "error" in record:
                continue
            marks = score.score_page(gold, score.normalise(record, False))
            right = marks.get("sh_f1_lenient", marks.get("sh_f1")) >= 0.95
            rows.append((record["extraction"]["confidence"], right, gold["domain"]))
    return rows


def fit(raw, right):
    order = np.argsort(raw, kind="stable")
    groups = [[raw[part].mean(), (right[part].sum() + 0.5) / (len(part) + 1), len(part)] for part in np.array_split(order, max(1, len(order) // GROUP))]
    pooled = []
    for group in groups:
        pooled.append(group)
        while len(pooled) > 1 and pooled[-2][1] >= pooled[-1][1]:
            (x1, y1, n1), (x2, y2, n2) = pooled[-2:]
            n = n1 + n2
            pooled[-2:] = [[(x1 * n1 + x2 * n2) / n, (y1 * n1 + y2 * n2) / n, n]]
    return [(x, y) for x, y, _ in pooled]


def apply(table, raw):
    xs, ys = zip(*table)
    return np.interp(raw, xs, ys)


def bins_error(probability, right):
    bins = np.minimum((probability * 10).astype(int), 9)
    errors = [abs(probability[bins == b].mean() - right[bins == b].mean()) for b in range(10) if (bins == b).any()]
    weights = [(bins == b).sum() for b in range(10) if (bins == b).any()]
    return np.mean(errors), np.average(errors, weights=weights)


def main():
    rows = read(pathlib.Path(sys.argv[1]), sys.argv[2])
    raw = np.array([row[0] for row in rows], float)
    right = np.array([row[1] for row in rows], float)
    domains = sorted({row[2] for row in rows})
    fold = {domain: n % FOLDS for n, domain in enumerate(np.random.default_rng(1).permutation(domains))}
    folds = np.array([fold[row[2]] for row in rows])
    unseen = np.zeros(len(rows))
    for n in range(FOLDS):
        unseen[folds == n] = apply(fit(raw[folds != n], right[folds != n]), raw[folds == n])
    error, weighted = bins_error(unseen, right)
    print(f"{len(rows)} pages, {right.mean():.3f} right; error of ten bins {error:.3f}, weighted by pages {weighted:.3f}", file=sys.stderr)
    for x, y in fit(raw, right):
        print(f"{x:.4f}\t{y:.4f}")


main()
