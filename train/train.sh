#!/bin/sh
# Trains the block model on a pack of pages with gold and scores it out of fold: sh train/train.sh PACK
set -eu
pack="$1"
cd "$(dirname "$0")/.."
mkdir -p target/train
python3 train/pages.py "$pack" > target/train/pages.jsonl
cargo run --release --quiet --example segments < target/train/pages.jsonl > target/train/segments.jsonl
python3 train/train.py "$pack" target/train/segments.jsonl --oof target/train/oof.jsonl -o src/extract/model/blocks.bin
cargo run --release --quiet --example out_of_fold target/train/pages.jsonl target/train/oof.jsonl > target/train/records.jsonl
python3 train/calibrate.py "$pack" target/train/records.jsonl > src/extract/model/confidence.tsv
python3 "$pack/../score.py" --pack "$pack" --pred target/train/records.jsonl
