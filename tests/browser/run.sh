#!/usr/bin/env bash
# The browser test of `copydesk inspect` and `copydesk report`: run.sh [PROGRAM]. Says so, and ends well, where a browser or npm is missing.
set -euo pipefail
[ $# -eq 0 ] || COPYDESK="$(realpath "$1")"
cd "$(dirname "$0")"
browser="${CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}"
skip() { echo "-- skipped: $1"; exit 0; }
[ -n "$browser" ] || skip "chromium is not installed (apt-get install chromium)"
command -v npm >/dev/null || skip "npm is not installed"
export COPYDESK="${COPYDESK:-$(realpath ../../target/release/copydesk)}" CHROMIUM="$browser"
export REPORT="${REPORT:-$(realpath -m ../../target/tmp/report.html)}"
[ -x "$COPYDESK" ] || skip "$COPYDESK is not built"
[ -d node_modules ] || npm ci --no-audit --no-fund --ignore-scripts --silent || skip "npm cannot get its packages"
exec node inspect.mjs
