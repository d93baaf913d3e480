"""Trains the block model: `python3 train/train.py PACK SEGMENTS -o src/extract/model/blocks.bin --oof FILE`.

SEGMENTS is what `cargo run --release --example segments` wrote for the pack's pages. Three gradient-boosted
models (body, caption, standfirst) over the features of src/extract/features.rs and learned odds of class words.
Cross-validation grouped by registrable domain comes first: the body's out-of-fold probabilities are features
of the other two, and the predictions of every page by models that saw no page of its domain are written to
--oof, so that figures mean unseen sites.
"""
import argparse, collections, json, math, os, re, struct, sys
import lightgbm as lgb
import numpy as np

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("pack")
ap.add_argument("segments")
ap.add_argument("-o", "--output", required=True)
ap.add_argument("--oof", required=True)
ap.add_argument("--body-oof", help="take the body's out-of-fold probabilities from this earlier --oof file")
ap.add_argument("--folds", type=int, default=5)
A = ap.parse_args()
sys.path.insert(0, os.path.join(A.pack, ".."))
from score import toks, grams, overlap, prf, WORD  # the tokens that scoring uses

LEVELS = 4
ODDS = {"body": "min mean max".split(), "caption": ["max"], "standfirst": ["max"]}


# ---------------------------------------------------------------- pages and labels
def load():
    gold = {}
    for name in ("fundus", "trafeval", "wcxb"):
        with open(os.path.join(A.pack, name + ".jsonl"), encoding="utf-8") as f:
            for line in f:
                g = json.loads(line)
                gold[g["id"]] = g
    with open(A.segments, encoding="utf-8") as f:
        names = json.loads(f.readline())["features"]
        pages = []
        for line in f:
            p = json.loads(line)
            g = gold[p["id"]]
            segs = p["segments"]
            if not segs:
                continue
            pages.append(label({"id": p["id"], "gold": g, "texts": [s["t"] for s in segs], "tokens": [toks(s["t"]) for s in segs],
                                "x": np.array([s["f"] for s in segs], dtype=np.float32),
                                "words": [[[sys.intern(w) for w in l] for l in s["w"]] for s in segs]}))
    return names, pages


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
    if page["gold"]["dataset"] == "fundus":
        caps = [collections.Counter(toks(c["text"])) for c in gold.get("captions") or []]
        caps += [collections.Counter(toks(c["text"] + " " + (c["credit"] or ""))) for c in gold.get("captions") or []]
        caption = np.array([float(is_caption(t, caps)) for t in page["tokens"]])
        page["caption"] = caption * (1 - page["body"])
        stand = set(grams(toks(summary))) if len(toks(summary)) >= 4 else set()
        page["standfirst"] = np.array([float(bool(stand) and len(t) >= 4 and covered(t, stand) >= 0.6) for t in page["tokens"]]) * (1 - page["body"])
    return page


# ---------------------------------------------------------------- class words
def word_odds(pages, target):
    """Smoothed log-odds of the target for each (level, word) seen on at least four domains."""
    pos, all_, domains = collections.Counter(), collections.Counter(), collections.defaultdict(set)
    total = np.zeros(2)
    for p in pages:
        if p[target] is None:
            continue
        for i, levels in enumerate(p["words"]):
            w = p["weight"][i]
            if w == 0:
                continue
            y = p[target][i]
            total += (w * y, w)
            for level, words in enumerate(levels):
                for word in set(words):
                    key = (level, word)
                    all_[key] += w
                    pos[key] += w * y
                    domains[key].add(p["domain"])
    rate = total[0] / total[1]
    shrink = 0.02
    out = {}
    for key, n in all_.items():
        if len(domains[key]) >= 4:
            r = (pos[key] + shrink * rate) / (n + shrink)
            out[key] = math.log(max(r, 1e-4) / max(1 - r, 1e-4)) - math.log(rate / (1 - rate))
    return out


def encode(pages, odds, kinds):
    rows = []
    for p in pages:
        for levels in p["words"]:
            row = []
            for level in range(LEVELS):
                v = [odds[k] for w in levels[level] if (k := (level, w)) in odds]
                for kind in kinds:
                    row.append(0.0 if not v else min(v) if kind == "min" else max(v) if kind == "max" else sum(v) / len(v))
            rows.append(row)
    return np.array(rows, dtype=np.float32)


def groups(pages, n, seed):
    domains = sorted({p["domain"] for p in pages})
    order = np.random.RandomState(seed).permutation(len(domains))
    fold = {d: int(order[i]) % n for i, d in enumerate(domains)}
    return np.array([fold[p["domain"]] for p in pages])


def around_body(p):
    """The measures of features.rs's `around_body`, of the page's out-of-fold body probabilities."""
    n = len(p)
    inside = np.flatnonzero(p > 0.5)
    out = np.zeros((n, 7), dtype=np.float32)
    for i in range(n):
        before, after = np.searchsorted(inside, i, "left"), np.searchsorted(inside, i, "right")
        out[i] = (p[i], p[max(0, i - 3):i].max(initial=0), p[i + 1:i + 4].max(initial=0), p[max(0, i - 8):i + 9].mean(), before / max(1, len(inside)),
                  math.log1p(i - inside[before - 1]) if before else 9.0, math.log1p(inside[after] - i) if after < len(inside) else 9.0)
    return out


# ---------------------------------------------------------------- models
TREES = {"body": 200, "caption": 80, "standfirst": 60}


def measures(page, target):
    return page["x"] if target == "body" else np.hstack([page["x"], page["around"]])


def fit(pages, target):
    """Class-word odds and trees; the odds that the trees see in training come from other domains."""
    pages = [p for p in pages if p[target] is not None]
    sub = groups(pages, 4, 7)
    parts = []
    for k in range(4):
        inner = word_odds([p for p, g in zip(pages, sub) if g != k], target)
        parts.append(([p for p, g in zip(pages, sub) if g == k], inner))
    rows = [np.hstack([np.vstack([measures(p, target) for p in ps]), encode(ps, odds, ODDS[target])]) for ps, odds in parts if ps]
    used = [p for ps, _ in parts for p in ps]
    x, y, w = np.vstack(rows), np.concatenate([p[target] for p in used]), np.concatenate([p["weight"] for p in used])
    keep = w > 0
    params = dict(objective="binary", num_leaves=31 if target == "body" else 15, learning_rate=0.08, min_data_in_leaf=60 if target == "body" else 20,
                  feature_fraction=0.5, bagging_fraction=0.8, bagging_freq=1, lambda_l2=2.0, verbose=-1, seed=1, num_threads=2, deterministic=True,
                  min_sum_hessian_in_leaf=1e-3, max_bin=127)
    weight = w[keep] / w[keep].mean()
    model = lgb.train(params, lgb.Dataset(x[keep], y[keep], weight=weight), TREES[target])
    return {"target": target, "odds": word_odds(pages, target), "model": model}


def predict(trained, page):
    x = np.hstack([measures(page, trained["target"]), encode([page], trained["odds"], ODDS[trained["target"]])])
    return trained["model"].predict(x)


# ---------------------------------------------------------------- packing
def fnv(word):
    h = 0x811C9DC5
    for b in word.encode():
        h = ((h ^ b) * 0x01000193) & 0xFFFFFFFF
    return h


def pack(models, names):
    out = [b"CDBM\x01", struct.pack("<HB", len(names), len(models))]
    for m in models:
        kinds = ODDS[m["target"]]
        odds = sorted((fnv(f"{level}{word}"), v) for (level, word), v in m["odds"].items() if abs(v) > 0.05)
        out.append(struct.pack("<BI", sum({"min": 1, "mean": 2, "max": 4}[k] for k in kinds), len(odds)))
        for h, v in odds:
            out.append(struct.pack("<Ih", h, max(-32000, min(32000, round(v * 1000)))))
        trees = m["model"].dump_model()["tree_info"]
        out.append(struct.pack("<H", len(trees)))
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
    return b"".join(out)


# ---------------------------------------------------------------- figures
def figures(pages, pred):
    fun, wc = [], []
    snip = np.zeros(3)
    for p in pages:
        keep = pred[p["id"]]["body"] >= 0.4
        text = "\n".join(t for t, k in zip(p["texts"], keep) if k)
        g = p["gold"]["gold"]
        if p["gold"]["dataset"] == "fundus":
            fun.append(max(prf(*overlap(grams(toks(b)), grams(toks(text))))[2] for b in [g["body"]] + (g.get("body_alt") or [])))
        elif p["gold"]["dataset"] == "wcxb":
            f1 = prf(*overlap(collections.Counter(WORD.findall(g["body"].lower())), collections.Counter(WORD.findall(text.lower()))))[2]
            wc.append((p["gold"]["page_type"], f1))
        else:
            n = lambda s: re.sub(r"\s+", " ", s).strip()
            body = n(text)
            a, b = sum(n(s) in body for s in g["with"]), sum(n(s) in body for s in g["without"])
            snip += (a, b, len(g["with"]) - a)
    print(f"fundus sh_f1_lenient {np.mean(fun):.4f} near {np.mean(np.array(fun) >= .95):.3f}  wcxb article w_f1 {np.mean([f for t, f in wc if t == 'article']):.4f} "
          f"all {np.mean([f for _, f in wc]):.4f}  trafeval snip {prf(*snip)[2]:.4f}")
    for target in ("caption", "standfirst"):
        y = np.concatenate([p[target] for p in pages if p[target] is not None])
        q = np.concatenate([pred[p["id"]][target] for p in pages if p[target] is not None])
        for cut in (0.3, 0.5):
            tp, fp, fn = ((q >= cut) * y).sum(), ((q >= cut) * (1 - y)).sum(), ((q < cut) * y).sum()
            print(f"  {target} segments at {cut}: P {tp / max(1, tp + fp):.3f} R {tp / max(1, tp + fn):.3f} of {int(y.sum())}")


names, pages = load()
print(f"{len(pages)} pages, {sum(len(p['texts']) for p in pages)} segments, body share {np.mean([(p['body'] * p['weight']).sum() / max(p['weight'].sum(), 1e-9) for p in pages]):.3f}", flush=True)
oracle = {p["id"]: {"body": p["body"], "caption": p["caption"] if p["caption"] is not None else np.zeros(len(p["texts"])), "standfirst": p["standfirst"]} for p in pages}
figures(pages, oracle)
STACKED = ("caption", "standfirst")
fold = groups(pages, A.folds, 3)
pred = {}
if A.body_oof:
    with open(A.body_oof, encoding="utf-8") as f:
        pred = {r["id"]: {"body": np.array(r["body"])} for r in map(json.loads, f)}
else:
    for k in range(A.folds):
        model = fit([p for p, f in zip(pages, fold) if f != k], "body")
        for p, f in zip(pages, fold):
            if f == k:
                pred[p["id"]] = {"body": predict(model, p)}
        print("fold", k, flush=True)
for p in pages:
    p["around"] = around_body(pred[p["id"]]["body"])
for k in range(A.folds):
    models = [fit([p for p, f in zip(pages, fold) if f != k], t) for t in STACKED]
    for p, f in zip(pages, fold):
        if f == k:
            pred[p["id"]].update({m["target"]: predict(m, p) for m in models})
print("out of fold:")
figures(pages, pred)
with open(A.oof, "w", encoding="utf-8") as f:
    for p in pages:
        f.write(json.dumps({"id": p["id"], **{t: [round(float(v), 4) for v in pred[p["id"]][t]] for t in ("body", *STACKED)}}) + "\n")
models = [fit(pages, t) for t in ("body", *STACKED)]
blob = pack(models, names)
os.makedirs(os.path.dirname(A.output) or ".", exist_ok=True)
with open(A.output, "wb") as f:
    f.write(blob)
for m in models:
    known = names + ([] if m["target"] == "body" else ["self", "before3", "after3", "mean17", "share", "gap_before", "gap_after"])
    gain = m["model"].feature_importance("gain")
    known += [f"odds{i}" for i in range(len(gain) - len(known))]
    print(m["target"], "gain:", ", ".join(f"{n} {g / gain.sum():.3f}" for g, n in sorted(zip(gain, known), reverse=True)[:22]))
print(f"{A.output}: {len(blob)} bytes")
