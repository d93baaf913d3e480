#!/usr/bin/env bash
# Checks the manifests of Kubernetes and Compose: check.sh [COPYDESK]. What a check needs and is not here is told and skipped.
set -euo pipefail
here="$(dirname "$0")"
copydesk="$(realpath "${1:-$here/../target/release/copydesk}")"
cd "$here"
skip() { printf -- '-- skipped: %s\n' "$*"; }

"$copydesk" check --config kubernetes/pipeline.toml >/dev/null
echo "the workers' pipeline.toml is one"

venv="${VENV:-../target/manifests}"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv" 2>/dev/null || true
if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check kubernetes-validate 2>/dev/null; then
  manifests=(kubernetes/*.yaml)
  # What kustomize makes of them where it is here; else each by itself.
  if kubectl kustomize kubernetes >"$venv/all.yaml" 2>/dev/null; then manifests=("$venv/all.yaml")
  else manifests=($(printf '%s\n' "${manifests[@]}" | grep -v kustomization)); skip "kubectl is not installed: what kustomize adds is not checked"; fi
  "$venv/bin/kubernetes-validate" --strict "${manifests[@]}"
else skip "pip cannot get kubernetes-validate"; fi

if docker compose version >/dev/null 2>&1; then docker compose -f compose.yaml config --quiet && echo "compose.yaml is valid"
elif command -v docker-compose >/dev/null; then docker-compose -f compose.yaml config --quiet && echo "compose.yaml is valid"
else skip "docker compose is not installed: compose.yaml is not checked"; fi
