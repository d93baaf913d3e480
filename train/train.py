"""Trains the block model: `python3 train/train.py PACK SEGMENTS -o src/extract/model/blocks.bin --oof FILE`.

SEGMENTS is what `cargo run --release --example segments` wrote for the pack's pages. A small gate that sees the
outline alone sets aside what is surely not of the article; three gradient-boosted models (body, caption, standfirst)
over the features of src/extract/features/ and learned odds of class words judge the rest. Cross-validation grouped by
registrable domain comes first: the models are trained on all likely segments, what they take rightly of unseen domains
is what the gate has to let through, the body's out-of-fold probabilities are features of the other two, and the
predictions of every page by models that saw no page of its domain are written to --oof, so that figures mean unseen sites.
"""
import argparse, array, collections, json, math, os, re, struct, sys
import lightgbm as lgb
import numpy as np

import fixtures

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("pack")
ap.add_argument("segments")
ap.add_argument("-o", "--output", required=True)
ap.add_argument("--oof", required=True)
ap.add_argument("--folds", type=int, default=5)
A = ap.parse_args()
sys.path.insert(0, os.path.join(A.pack, ".."))
from score import toks, grams, overlap, prf, WORD  # the tokens that scoring uses

LEVELS = 4  # distances of class words, as in features/mod.rs
TEXT = 4  # the level of words and pairs of words in the text itself
MIN_DOMAINS = {"class": 4, "text": 6}
KINDS = {"body": "min mean max".split(), "caption": ["max"], "standfirst": ["max"]}
TEXT_KINDS = "min mean max".split()


# ---------------------------------------------------------------- pages and labels
def load():
    """The pages, labelled; their segments stand in Segments after each other."""
    gold = {g["id"]: g for _, g in fixtures.pages()}
    for name in ("fundus", "trafeval", "wcxb"):
        with open(os.path.join(A.pack, name + ".jsonl"), encoding="utf-8") as f:
            for line in f:
                g = json.loads(line)
                gold[g["id"]] = g
    pages, rows, headings, likely = [], [], [], []
    words = Words()
    with open(A.segments, encoding="utf-8") as f:
        first = json.loads(f.readline())
        for line in f:
            p = json.loads(line)
            segs = p["segments"]
            if not segs:
                continue
            start = len(headings)
            pages.append(label({"id": p["id"], "gold": gold[p["id"]], "texts": [s["t"] for s in segs], "tokens": [toks(s["t"]) for s in segs], "span": slice(start, start + len(segs))}))
            rows.append(np.array([s["f"] for s in segs], dtype=np.float32))
            headings += [s["l"] is not None for s in segs]
            likely += [s["m"] for s in segs]
            for s in segs:
                words.add(s["w"], s["h"])
    return first["features"], first["outline"], pages, np.vstack(rows), np.array(headings), np.array(likely), words.finish(pages)


def covered(tokens, have):
    """Share of the tokens that stand in a run of four which the gold has."""
    n = len(tokens)
    hit = np.zeros(n, bool)
    for i in range(n - 3):
        if tuple(tokens[i:i + 4]) in have:
            hit[i:i + 4] = True
    return hit.mean() if n else 0.0


def match(page, gold_text):
    """Segments whose text the gold holds; of equal segments the one with most matches around it."""
    have = set(grams(toks(gold_text)))
    lines = {tuple(toks(l)) for l in gold_text.split("\n")}
    y = np.array([float(len(t) >= 4 and covered(t, have) >= 0.5) for t in page["tokens"]])
    for i, t in enumerate(page["tokens"]):
        if 0 < len(t) < 4 and tuple(t) in lines and y[max(0, i - 4):i + 5].sum() > 0:
            y[i] = 1.0
    places = collections.defaultdict(list)
    for i, t in enumerate(page["tokens"]):
        if y[i]:
            places[tuple(t)].append(i)
    for at in places.values():
        if len(at) > 1:
            around = [y[max(0, i - 6):i + 7].sum() for i in at]
            keep = at[int(np.argmax(around))]
            for i in at:
                y[i] = float(i == keep)
    return y


def is_caption(tokens, captions):
    if len(tokens) < 2:
        return False
    mine = collections.Counter(tokens)
    return any(prf(*overlap(c, mine))[2] >= 0.7 for c in captions)


def label(page):
    gold = page["gold"]["gold"]
    n = len(page["texts"])
    size = np.array([max(1, len(t)) for t in page["tokens"]], dtype=float) ** 0.7
    page["weight"] = size / size.sum()
    page["domain"] = page["gold"]["domain"]
    page["caption"] = page["standfirst"] = None
    if page["gold"]["dataset"] == "trafeval":
        norm = lambda s: re.sub(r"\s+", " ", s).strip()
        y, w = np.zeros(n), np.zeros(n)
        for i, t in enumerate(map(norm, page["texts"])):
            if any(s in t or (len(t) >= 25 and t in s) for s in map(norm, gold["with"])):
                y[i], w[i] = 1.0, 1.0
            elif any((s in t and len(t) < 3 * len(s)) for s in map(norm, gold["without"])):
                w[i] = 1.0
        page["body"], page["weight"] = y, w * 0.5 / max(1.0, w.sum()) if w.sum() else w
        return page
    text = gold["body"] or ""
    summary = " ".join(gold.get("summary") or []) if isinstance(gold.get("summary"), list) else (gold.get("summary") or "")
    if gold.get("body_alt"):
        text = min(gold["body_alt"] + [text], key=len)
    page["body"] = match(page, text)
    if page["gold"]["dataset"] in ("fundus", "fixtures"):
        caps = [collections.Counter(toks(c["text"])) for c in gold.get("captions") or []]
        caps += [collections.Counter(toks(c["text"] + " " + (c["credit"] or ""))) for c in gold.get("captions") or []]
        caption = np.array([float(is_caption(t, caps)) for t in page["tokens"]])
        page["caption"] = caption * (1 - page["body"])
        stand = set(grams(toks(summary))) if len(toks(summary)) >= 4 else set()
        page["standfirst"] = np.array([float(bool(stand) and len(t) >= 4 and covered(t, stand) >= 0.6) for t in page["tokens"]]) * (1 - page["body"])
    return page


# ---------------------------------------------------------------- words
class Words:
    """Words around and in the segments: for each level the numbers of the words, segment after segment."""

    def __init__(self):
        self.numbers = {}
        self.ids = [array.array("i") for _ in range(LEVELS + 1)]
        self.ends = [array.array("i") for _ in range(LEVELS + 1)]

    def add(self, classes, phrases):
        for level, words in enumerate([*classes, phrases]):
            for word in words:
                self.ids[level].append(self.numbers.setdefault((level, word), len(self.numbers)))
            self.ends[level].append(len(self.ids[level]))

    def finish(self, pages):
        """Leaves out words of too few domains, and notes which domains have each."""
        domains = {d: i for i, d in enumerate(sorted({p["domain"] for p in pages}))}
        domain = np.concatenate([np.full(len(p["texts"]), domains[p["domain"]]) for p in pages])
        level = np.zeros(len(self.numbers), dtype=int)
        for (at, _), number in self.numbers.items():
            level[number] = at
        ids, segment = [np.array(i) for i in self.ids], []
        for ends in map(np.array, self.ends):
            segment.append(np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)))
        pairs = np.concatenate([np.unique(i.astype(np.int64) * len(domains) + domain[s]) for i, s in zip(ids, segment)])
        self.least = np.where(level == TEXT, MIN_DOMAINS["text"], MIN_DOMAINS["class"])
        known = np.bincount(pairs // len(domains), minlength=len(level)) >= self.least
        number = np.cumsum(known) - 1
        self.least = self.least[known]
        self.numbers = {key: number[old] for key, old in self.numbers.items() if known[old]}
        self.ids, self.segment = [number[i[known[i]]] for i in ids], [s[known[i]] for i, s in zip(ids, segment)]
        pairs = pairs[known[pairs // len(domains)]]
        self.pairs = number[pairs // len(domains)], pairs % len(domains)
        self.count, self.domain, self.domains = len(self.least), domain, len(domains)
        return self

    def odds(self, weight, y):
        """Smoothed log-odds of the target by word, NaN where too few domains have it; `weight` 0 leaves a segment out."""
        positive, total = np.zeros(self.count), np.zeros(self.count)
        for ids, segment in zip(self.ids, self.segment):
            w = weight[segment]
            total += np.bincount(ids, w, self.count)
            positive += np.bincount(ids, w * y[segment], self.count)
        word, domain = self.pairs
        domains = np.bincount(word, np.bincount(self.domain, weight, self.domains)[domain] > 0, self.count)
        rate = (weight * y).sum() / weight.sum()
        r = np.clip((positive + SHRINK * rate) / (total + SHRINK), 1e-4, 1 - 1e-4)
        out = np.log(r / (1 - r)) - math.log(rate / (1 - rate))
        out[domains < self.least] = np.nan
        return out

    def encode(self, odds, kinds):
        """The odds' minimum, mean and maximum a level, 0 where nothing is known; those of the text with the mean of the heading before."""
        n = len(self.domain)
        columns = []
        for level in range(LEVELS + 1):
            v = odds[self.ids[level]]
            known = ~np.isnan(v)
            v, segment = v[known], self.segment[level][known]
            has, first = np.unique(segment, return_index=True)
            for kind in kinds if level < TEXT else TEXT_KINDS:
                out = np.zeros(n, dtype=np.float32)
                if len(has):
                    reduce = {"min": np.minimum, "max": np.maximum, "mean": np.add}[kind].reduceat(v, first)
                    out[has] = reduce / np.diff(first, append=len(v)) if kind == "mean" else reduce
                columns.append(out)
        columns.append(np.where(last_heading >= 0, columns[-2][last_heading], 0).astype(np.float32))
        return np.stack(columns, axis=1)


SHRINK = 0.02


def groups(pages, n, seed):
    """A group for each page, those of a domain in one."""
    domains = sorted({p["domain"] for p in pages})
    order = np.random.RandomState(seed).permutation(len(domains))
    group = {d: int(order[i]) % n for i, d in enumerate(domains)}
    return np.array([group[p["domain"]] for p in pages])


def spread(values):
    """A value a page as one a segment."""
    return np.repeat(values, [len(p["texts"]) for p in pages])


def around_body(p):
    """The measures of features/around.rs's `around_body`, of the page's out-of-fold body probabilities."""
    n = len(p)
    inside = np.flatnonzero(p > 0.5)
    out = np.zeros((n, 7), dtype=np.float32)
    for i in range(n):
        before, after = np.searchsorted(inside, i, "left"), np.searchsorted(inside, i, "right")
        out[i] = (p[i], p[max(0, i - 3):i].max(initial=0), p[i + 1:i + 4].max(initial=0), p[max(0, i - 8):i + 9].mean(), before / max(1, len(inside)),
                  math.log1p(i - inside[before - 1]) if before else 9.0, math.log1p(inside[after] - i) if after < len(inside) else 9.0)
    return out


# ---------------------------------------------------------------- models
LEAST_ODDS = 0.1  # words that say less are left out
SEED = 2
TREES = {"body": 128, "caption": 80, "standfirst": 60}
RATE = {"body": 0.12, "caption": 0.08, "standfirst": 0.08}
EXITS = {"body": (32, 64), "caption": (32,), "standfirst": (16,)}  # trees after which unlikely rows and sure ones are done with
UNLIKELY = {"body": 0.1, "caption": 0.008, "standfirst": 0.1}  # model/mod.rs says of caption and standfirst what nobody asks for more exactly
SURE = {"body": 0.7}
SPARED = 5e-4  # of the rows that leave, this share may have ended above the one or below the other


def measures(target):
    return x if target == "body" else np.hstack([x, around])


def fit(chosen, target):
    """Odds of words and trees, of the likely segments of the chosen pages; the odds that the trees see in training come from other domains."""
    weight = np.where(spread(chosen) & likely, weights[target], 0.0)
    y = labels[target]
    sub = spread(groups(pages, 4, 7))
    rows = np.zeros((len(x), LEVELS * len(KINDS[target]) + len(TEXT_KINDS) + 1), dtype=np.float32)
    for k in range(4):
        inner = words.odds(np.where(sub != k, weight, 0.0), y)
        rows[sub == k] = words.encode(inner, KINDS[target])[sub == k]
    keep = weight > 0
    small = target != "body"
    params = dict(objective="binary", num_leaves=15 if small else 31, learning_rate=RATE[target], min_data_in_leaf=20 if small else 60,
                  feature_fraction=0.5, bagging_fraction=0.8, bagging_freq=1, lambda_l2=2.0, verbose=-1, seed=SEED, num_threads=2, deterministic=True,
                  min_sum_hessian_in_leaf=1e-3, max_bin=127)
    data = lgb.Dataset(np.hstack([measures(target)[keep], rows[keep]]), y[keep], weight=weight[keep] / weight[keep].mean())
    return {"target": target, "odds": words.odds(weight, y), "model": lgb.train(params, data, TREES[target])}


def predict(trained, chosen):
    """Log-odds of the likely segments of the chosen pages, in their order: after each of EXITS' numbers of trees, and after all."""
    rows, target = spread(chosen) & likely, trained["target"]
    coded = np.hstack([measures(target)[rows], words.encode(trained["odds"], KINDS[target])[rows]])
    return np.stack([trained["model"].predict(coded, raw_score=True, num_iteration=trees) for trees in (*EXITS[target], None)])


def log_odds(p):
    return math.log(p / (1 - p))


def leaving(partial, final, is_wrong):
    """Rows from one end, in this order, that may leave; one row stays."""
    late = np.cumsum(is_wrong) <= SPARED * np.arange(1, len(is_wrong) + 1)
    n = min(np.flatnonzero(late)[-1] + 1, len(is_wrong) - 1) if late.any() else 0
    return n, float((final[:n] - partial[:n]).mean()) if n else 0.0


def exits(target, sums):
    """(trees, log-odds under which a row is done, what the other trees add to such rows on average, log-odds from which on a row is
    done, what they add to those), from unseen domains."""
    out, here = [], np.flatnonzero(through)
    for trees, partial in zip(EXITS[target], sums):
        order = here[np.argsort(partial[here])]
        unlikely, low = leaving(partial[order], sums[-1][order], sums[-1][order] > log_odds(UNLIKELY[target]))
        below, order = float(partial[order[unlikely]]), order[unlikely:]
        sure, high, least = 0, 0.0, math.inf
        if target in SURE:
            sure, high = leaving(partial[order[::-1]], sums[-1][order[::-1]], sums[-1][order[::-1]] < log_odds(SURE[target]))
            least = float(partial[order[len(order) - sure]]) if sure else math.inf
        out.append((trees, below, low, least, high))
        here = order[: len(order) - sure]
        print(f"{target}: {unlikely / through.sum():.3f} and {sure / through.sum():.3f} of the rows are done after {trees} trees: {out[-1]}", flush=True)
    return out


def probabilities(sums, exits, aside):
    """Probabilities as forest.rs has them; what the gate sets aside as model/mod.rs has it."""
    final = sums[-1]
    for (_, below, low, least, high), partial in reversed(list(zip(exits, sums))):
        final = np.where(partial < below, partial + low, np.where(partial >= least, partial + high, final))
    return np.where(through, 1 / (1 + np.exp(-final)), aside)


# ---------------------------------------------------------------- the gate
GATE_TREES = 32
TAKEN = {"body": 0.2, "caption": 0.01, "standfirst": 0.25}  # probabilities from which on the models may take a segment
LOST = {"body": 0.0015, "caption": 0.015, "standfirst": 0.015}  # the share that it may set aside of the weight of what they take rightly
FEW = 0.3  # captions and standfirsts are few: each has this share of all that counts
ASIDE = {"body": 0.01, "caption": 0.0, "standfirst": 0.0}  # the probabilities of what it sets aside


def fit_gate(chosen, y, weight):
    keep = spread(chosen) & likely & (weight > 0)
    params = dict(objective="binary", num_leaves=16, learning_rate=0.2, min_data_in_leaf=100, verbose=-1, seed=SEED, num_threads=2, deterministic=True, max_bin=127)
    counted = weight[keep] + 1e-4
    return lgb.train(params, lgb.Dataset(x[keep, :outline], y[keep], weight=counted / counted.mean()), GATE_TREES)


def gate():
    """The trees of all pages, the log-odds from which on they let through, and what is let through out of fold."""
    taken = {t: labels[t] * (weights[t] > 0) * (pred[t] >= TAKEN[t]) for t in TARGETS}
    y = np.max([taken[t] for t in TARGETS], axis=0)
    weight = np.max([weights[t] for t in TARGETS], axis=0) * np.where(y > 0, 5, 1)
    total = (weight * y).sum() / 5
    for t in TARGETS[1:]:
        weight = weight + taken[t] * FEW * total / taken[t].sum()
    sums = np.zeros(len(x))
    for k in range(A.folds):
        rows = spread(fold == k)
        sums[rows] = fit_gate(fold != k, y, weight).predict(x[rows, :outline], raw_score=True)
    order = np.argsort(sums)
    order = order[likely[order]]
    least = math.inf
    for t in TARGETS:
        counts = (taken[t] * weights[t])[order]
        least = min(least, float(sums[order[np.flatnonzero(np.cumsum(counts) > LOST[t] * counts.sum())[0]]]))
    through = likely & (sums >= least)
    print(f"gate: {likely.mean():.3f} of the segments are likely, {through.mean():.3f} are let through, from {least:.3f} on", flush=True)
    for t in TARGETS:
        print(f"  {t}: {int(taken[t][~through].sum())} of {int(taken[t].sum())} are set aside", flush=True)
    return fit_gate(np.ones(len(pages), bool), y, weight), least, through


# ---------------------------------------------------------------- packing
def fnv(word):
    h = 0x811C9DC5
    for b in word.encode():
        h = ((h ^ b) * 0x01000193) & 0xFFFFFFFF
    return h


def forest(trained):
    trees = trained.dump_model()["tree_info"]
    out = [struct.pack("<H", len(trees))]
    for t in trees:
        nodes, leaves = [], []

        def walk(node):
            if "leaf_value" in node:
                leaves.append(node["leaf_value"])
                return ~(len(leaves) - 1)
            at = len(nodes)
            nodes.append(None)
            assert node["decision_type"] == "<="
            left, right = walk(node["left_child"]), walk(node["right_child"])
            nodes[at] = (node["split_feature"], node["threshold"], left, right)
            return at

        walk(t["tree_structure"])
        out.append(struct.pack("<BB", len(nodes), len(leaves)))
        for f, th, l, r in nodes:
            th = np.float32(th) if np.float32(th) >= th else np.nextafter(np.float32(th), np.float32(np.inf))
            out.append(struct.pack("<Bfbb", f, float(th), l, r))
        out += [struct.pack("<f", v) for v in leaves]
    return out


def with_exits(trained, exits):
    return [*forest(trained), struct.pack("<B", len(exits)), *(struct.pack("<Hffff", *e) for e in exits)]


def pack(gate, least, models, names):
    out = [b"CDBM\x04", struct.pack("<HB", len(names), len(models)), *with_exits(gate, []), struct.pack("<f", least)]
    for m in models:
        kinds = KINDS[m["target"]]
        known = ((key, m["odds"][number]) for key, number in words.numbers.items())
        odds = sorted((word if level == TEXT else fnv(f"{level}{word}"), v) for (level, word), v in known if abs(v) > LEAST_ODDS)
        out.append(struct.pack("<BI", sum({"min": 1, "mean": 2, "max": 4}[k] for k in kinds), len(odds)))
        for h, v in odds:
            out.append(struct.pack("<Ih", h, max(-32000, min(32000, round(v * 1000)))))
        out += with_exits(m["model"], m["exits"])
    return b"".join(out)


# ---------------------------------------------------------------- figures
def figures(pages, pred):
    fun, wc = [], []
    snip = np.zeros(3)
    for p in pages:
        keep = pred["body"][p["span"]] >= 0.4
        text = "\n".join(t for t, k in zip(p["texts"], keep) if k)
        g = p["gold"]["gold"]
        if p["gold"]["dataset"] == "fundus":
            fun.append(max(prf(*overlap(grams(toks(b)), grams(toks(text))))[2] for b in [g["body"]] + (g.get("body_alt") or [])))
        elif p["gold"]["dataset"] == "wcxb":
            f1 = prf(*overlap(collections.Counter(WORD.findall(g["body"].lower())), collections.Counter(WORD.findall(text.lower()))))[2]
            wc.append((p["gold"]["page_type"], f1))
        elif p["gold"]["dataset"] == "trafeval":
            n = lambda s: re.sub(r"\s+", " ", s).strip()
            body = n(text)
            a, b = sum(n(s) in body for s in g["with"]), sum(n(s) in body for s in g["without"])
            snip += (a, b, len(g["with"]) - a)
    print(f"fundus sh_f1_lenient {np.mean(fun):.4f} near {np.mean(np.array(fun) >= .95):.3f}  wcxb article w_f1 {np.mean([f for t, f in wc if t == 'article']):.4f} "
          f"all {np.mean([f for _, f in wc]):.4f}  trafeval snip {prf(*snip)[2]:.4f}")
    for target in ("caption", "standfirst"):
        y, q = labels[target][weights[target] > 0], pred[target][weights[target] > 0]
        for cut in (0.3, 0.5):
            tp, fp, fn = ((q >= cut) * y).sum(), ((q >= cut) * (1 - y)).sum(), ((q < cut) * y).sum()
            print(f"  {target} segments at {cut}: P {tp / max(1, tp + fp):.3f} R {tp / max(1, tp + fn):.3f} of {int(y.sum())}")


names, outline, pages, x, headings, likely, words = load()
at = np.where(headings, np.arange(len(headings)), -1)
last_heading = np.concatenate([np.maximum.accumulate(at[p["span"]]) for p in pages])
TARGETS = ("body", "caption", "standfirst")
labels = {t: np.concatenate([np.zeros(len(p["texts"])) if p[t] is None else p[t] for p in pages]) for t in TARGETS}
weights = {t: np.concatenate([p["weight"] * (p[t] is not None) for p in pages]) for t in TARGETS}
print(f"{len(pages)} pages, {len(x)} segments, {words.count} words", flush=True)
figures(pages, labels)
fold = groups(pages, A.folds, 3)
pred, done = {}, {}


def cross_validate(target):
    """Log-odds of all likely segments by models that saw no page of their domain, see predict()."""
    sums = np.zeros((len(EXITS[target]) + 1, len(x)))
    for k in range(A.folds):
        sums[:, spread(fold == k) & likely] = predict(fit(fold != k, target), fold == k)
        print(target, "fold", k, flush=True)
    return sums


def judge(target, sums):
    """Where rows leave, and the probabilities that come of it."""
    done[target] = exits(target, sums)
    pred[target] = probabilities(sums, done[target], ASIDE[target])


through, around = likely, None
body = cross_validate("body")
for gated in (False, True):
    if gated:
        gate_trees, least, through = gate()
    judge("body", body)
    around = np.vstack([around_body(pred["body"][p["span"]]) for p in pages])
    for target in TARGETS[1:]:
        judge(target, cross_validate(target))
print("out of fold:")
figures(pages, pred)
with open(A.oof, "w", encoding="utf-8") as f:
    for p in pages:
        f.write(json.dumps({"id": p["id"], **{t: [round(float(v), 4) for v in pred[t][p["span"]]] for t in TARGETS}}) + "\n")
models = [{**fit(np.ones(len(pages), bool), t), "exits": done[t]} for t in TARGETS]
blob = pack(gate_trees, least, models, names)
os.makedirs(os.path.dirname(A.output) or ".", exist_ok=True)
with open(A.output, "wb") as f:
    f.write(blob)
for m in models:
    known = names + ([] if m["target"] == "body" else ["self", "before3", "after3", "mean17", "share", "gap_before", "gap_after"])
    gain = m["model"].feature_importance("gain")
    known += [f"{kind}_{level}" for level in range(LEVELS) for kind in KINDS[m["target"]]] + [f"text_{kind}" for kind in TEXT_KINDS] + ["heading_mean"]
    print(m["target"], "gain:", ", ".join(f"{n} {g / gain.sum():.3f}" for g, n in sorted(zip(gain, known), reverse=True)[:22]))
print(f"{A.output}: {len(blob)} bytes")
