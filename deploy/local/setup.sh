#!/usr/bin/env bash
# Make the Python environment of booktune.  Usage: setup.sh VENV
# uv resolves and unpacks in parallel (minutes less than pip); pip is the way when uv cannot be had.
set -euo pipefail
venv=${1:-.venv}
python=${PYTHON:-python3}
extras=${EXTRAS:-train,tiny,vectors,dev}
constraints=constraints/cpu.txt  # vLLM brings a torch of its own, so that the pins of the CPU cannot hold
case ",$extras," in *,vllm,*) constraints=constraints/gpu.txt ;; esac
constraints=${CONSTRAINTS:-$constraints}

"$python" - <<'PY' || exit 1
import sys
if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Set PYTHON=/path/to/python3.11")
PY
started=$SECONDS
# A terminal gets the progress bars of the installers; a log gets their summary without the package list.
shown() { if [ -t 2 ]; then "$@"; else "$@" 2> >(grep -v '^ [-+~] ' >&2); fi; }

if [ ! -x "$venv/bin/python" ]; then
  echo "setup 1/3: Python environment in $venv"
  "$python" -m venv "$venv" || {
    echo "The venv module is missing. Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 1
  }
fi

echo "setup 2/3: packages (extras: $extras; $constraints); a first run downloads about 1 GB: some minutes"
links=()
for folder in ${PIP_FIND_LINKS:-}; do links+=(--find-links "$folder"); done
# Without a GPU the CPU build of torch is meant (several GB less). A local wheel wins where one is offered.
backend=()
if [ ${#links[@]} -eq 0 ] && [ "$constraints" != constraints/gpu.txt ] && ! command -v nvidia-smi >/dev/null 2>&1; then backend=(--torch-backend cpu); fi

if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv>=0.9" 2>/dev/null; then
  install() { shown "$venv/bin/uv" pip install --python "$venv/bin/python" -c "$constraints" "$@" -e ".[$extras]"; }
  install "${links[@]}" "${backend[@]}" || {
    [ ${#backend[@]} -gt 0 ] || exit 1
    echo "setup: the index of CPU builds did not do (see above); trying the usual index, whose torch is a GPU build of several GB" >&2
    install "${links[@]}"
  }
else
  "$venv/bin/python" -m pip install --disable-pip-version-check -c "$constraints" -e ".[$extras]"
fi
echo "setup 3/3: packages are there after $((SECONDS - started)) s; compiling bytecode, about half a minute"
# One file of torch needs a newer Python to compile: its complaint is of no interest here.
# Our own packages too: they stay in place, and where nothing may be written each start compiled them anew, a second of it.
env -u PYTHONDONTWRITEBYTECODE "$venv/bin/python" -m compileall -q -j 0 "$venv/lib" booktune_assets booktune_assets_tests >/dev/null 2>&1 || true
echo "setup: ready in $((SECONDS - started)) s"
