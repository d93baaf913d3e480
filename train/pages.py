"""The pack's pages and the fixtures as JSONL for `cargo run --release --example segments`."""
import gzip, json, os, sys

import fixtures

pack = sys.argv[1]
for name in ("fundus", "trafeval", "wcxb"):
    with open(os.path.join(pack, name + ".jsonl"), encoding="utf-8") as f:
        for line in f:
            g = json.loads(line)
            with gzip.open(os.path.join(pack, g["html"]), "rb") as h:
                print(json.dumps({"id": g["id"], "url": g["url"], "html": h.read().decode("utf-8")}))
for page, _ in fixtures.pages():
    print(json.dumps(page))
