#!/usr/bin/env bash
# Look for the system packages named, install them where that is allowed, and say what is skipped
# without them. Never fails: what is missing is skipped later, in the open.  Usage: system.sh PACKAGE...
set -uo pipefail

present() {
  case $1 in
    elixir) command -v elixir >/dev/null ;;
    bubblewrap) command -v bwrap >/dev/null ;;
    chromium) command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ;;
    erlang-dev) compgen -G '/usr/lib/erlang/lib/eunit-*/include/eunit.hrl' >/dev/null || compgen -G '/usr/lib/erlang/usr/include/ei.h' >/dev/null ;;
    erlang-eunit) compgen -G '/usr/lib/erlang/lib/eunit-*/ebin' >/dev/null ;;
    tesseract-ocr) compgen -G '/usr/share/tesseract-ocr/*/tessdata/eng.traineddata' >/dev/null || command -v tesseract >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}
skipped() {
  case $1 in
    elixir | erlang-dev | erlang-eunit) echo "programs are not run: pass@1 in the report and the tests that run book code" ;;
    bubblewrap) echo "no sandbox: model-written code is never run, pass@1 is left out of the report" ;;
    asciidoctor) echo "books in AsciiDoc are refused with MISSING_PROGRAM; the tests that read them" ;;
    tesseract-ocr) echo "scanned pages are not recognised, and the tests of that are skipped" ;;
    chromium) echo "the test that drives the Dagster UI in a browser" ;;
  esac
}

missing=()
for package in "$@"; do present "$package" || missing+=("$package"); done
[ ${#missing[@]} -eq 0 ] && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  log=$(mktemp)
  # a terminal sees what apt-get does, a log only the phases; the end of it is kept for the case of failure
  shown() { if [ -t 1 ]; then "$@" 2>&1 | tee "$log"; else "$@" >"$log" 2>&1; fi; }
  echo "system 1/2: reading the package lists"
  if shown apt-get update -q &&
    echo "system 2/2: installing ${missing[*]}; a first time downloads up to 150 MB: a minute or two" &&
    DEBIAN_FRONTEND=noninteractive shown apt-get install -y -q --no-install-recommends "${missing[@]}"; then
    rm -f "$log"
  else
    echo "system: apt-get did not succeed; its last lines:" && tail -n 3 "$log"
  fi
fi
left=()
for package in "${missing[@]}"; do present "$package" || left+=("$package"); done
if [ ${#left[@]} -gt 0 ]; then
  echo "system: not installed: ${left[*]}"
  echo "  install with:  sudo apt-get install --no-install-recommends ${left[*]}"
  for package in "${left[@]}"; do echo "  without $package, this is skipped: $(skipped "$package")"; done
fi
exit 0
