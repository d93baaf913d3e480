#!/usr/bin/env bash
# Builds the wheel and tests it: test.sh [--engines] [pytest's arguments]. With --engines, Spark, Ray and datatrove are installed and tested, too;
# without, their tests say that they are skipped. PROFILE is cargo's, release if it is not set; with PACK_EVERY=n one of n pages of the pack is read. Needs Python 3.10 or newer with venv, and pip's registry for maturin, pyarrow and pytest;
# the command line that the wheel is held against is COPYDESK, or target/release/copydesk, which is built if it is missing.
set -euo pipefail
cd "$(dirname "$0")"
engines=
if [ "${1:-}" = --engines ]; then engines=1; shift; fi
target="${CARGO_TARGET_DIR:-$(realpath -m ../target)}"
venv="${VENV:-$target/venv}"
python="${PYTHON:-python3}"

"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { echo "-- skipped: $python is older than 3.10 or has no venv (apt-get install python3-venv)"; exit 0; }
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
wants=(maturin pyarrow pytest)
[ -z "$engines" ] || wants+=("pyspark[sql]" "ray[data]" datatrove warcio orjson faust-cchardet python-magic)
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${wants[@]}" || { echo "-- skipped: pip cannot get ${wants[*]}"; exit 0; }

export COPYDESK="${COPYDESK:-$target/release/copydesk}"
[ -x "$COPYDESK" ] || cargo build --locked --release --features arrow --manifest-path ../Cargo.toml
rm -rf "$target/wheels"
PYO3_PYTHON="$venv/bin/python" "$venv/bin/maturin" build --quiet --locked --profile "${PROFILE:-release}" --features shared --interpreter "$venv/bin/python" --out "$target/wheels"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps "$target"/wheels/copydesk-*.whl
exec "$venv/bin/python" -m pytest -q "$@"
