#!/usr/bin/env bash
# Make the Python environment of booktune.  Usage: setup.sh VENV
# uv resolves and unpacks in parallel (minutes less than pip); pip is the way when uv cannot be had.
set -euo pipefail
venv=${1:-.venv}
python=${PYTHON:-python3}
extras=${EXTRAS:-train,tiny,dev}
constraints=constraints/cpu.txt  # vLLM brings a torch of its own, so that the pins of the CPU cannot hold
case ",$extras," in *,vllm,*) constraints=constraints/gpu.txt ;; esac
constraints=${CONSTRAINTS:-$constraints}

"$python" - <<'PY' || exit 1
import sys
if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Set PYTHON=/path/to/python3.11")
PY
if [ ! -x "$venv/bin/python" ]; then
  "$python" -m venv "$venv" || {
    echo "The venv module is missing. Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 1
  }
fi

echo "setup: installing packages into $venv (extras: $extras; $constraints)"
started=$SECONDS
links=()
for folder in ${PIP_FIND_LINKS:-}; do links+=(--find-links "$folder"); done
# Without a GPU the CPU build of torch is meant (several GB less). A local wheel wins where one is offered.
backend=()
if [ ${#links[@]} -eq 0 ] && [ "$constraints" != constraints/gpu.txt ] && ! command -v nvidia-smi >/dev/null 2>&1; then backend=(--torch-backend cpu); fi

if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv>=0.9" 2>/dev/null; then
  install() { "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" -c "$constraints" "$@" -e ".[$extras]"; }
  if [ ${#backend[@]} -gt 0 ]; then
    why=$(mktemp)
    if ! install "${backend[@]}" 2>"$why"; then
      echo "setup: the CPU build of torch could not be installed, because" >&2
      sed 's/^/setup:   /' "$why" >&2
      echo "setup: trying again with the index's own build of torch (with CUDA, several GB more)" >&2
      install
    fi
    rm -f "$why"
  else
    install "${links[@]}"
  fi
else
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -c "$constraints" -e ".[$extras]"
fi
echo "setup: packages installed in $((SECONDS - started)) s; compiling bytecode"
# One file of torch needs a newer Python to compile: its complaint is of no interest here.
env -u PYTHONDONTWRITEBYTECODE "$venv/bin/python" -m compileall -q -j 0 "$venv/lib" >/dev/null 2>&1 || true
echo "setup: ready in $((SECONDS - started)) s"
