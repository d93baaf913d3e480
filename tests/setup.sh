#!/usr/bin/env bash
# Installs what some tests need and are skipped without, on Debian and Ubuntu: setup.sh [postgres] [java] [python]; without a name all of them.
# What is here already is left alone. Needs root, or sudo that asks nothing.
set -euo pipefail
[ $# -gt 0 ] || set -- postgres java python

wanted=()
for name in "$@"; do
  case "$name" in
    # A shared frontier: tests/fleet.rs and the crawl tests start servers of their own.
    postgres) command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || wanted+=(postgresql) ;;
    # Spark, in python/test.sh --engines
    java) command -v java >/dev/null || wanted+=(default-jre-headless) ;;
    # the wheel
    python) python3 -c 'import ensurepip, venv' 2>/dev/null || wanted+=(python3 python3-venv) ;;
    *) echo "there is nothing called $name here: postgres, java, python" >&2; exit 2 ;;
  esac
done
[ ${#wanted[@]} -gt 0 ] || exit 0
command -v apt-get >/dev/null || { echo "apt-get is not here: install ${wanted[*]} by hand" >&2; exit 1; }
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -qq -y --no-install-recommends "${wanted[@]}"
