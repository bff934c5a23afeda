"""tree-sitter against the installed parser and compiler, on listings and on damaged listings.

    .venv/bin/python benchmarks/grammar.py [--show N] [FILE.truth.jsonl …]

Takes the Elixir and Erlang listings of the shared books (or ``$BOOKTUNE_BOOKS``), damages each in
seven ways, and compares ``grammar.parses`` with ``validity.valid``. *missed*: tree-sitter said
fine, the judge refused. *false alarm*: the other way round. *lost*: of what a listing defines,
the share that ``structure`` no longer finds in the damaged text though it stands before the damage.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from booktune_assets.beam.grammar import language_of, parses
from booktune_assets.beam.structure import Structure, structure
from booktune_assets.beam.validity import Validity, valid

BOOKS = Path(os.environ.get("BOOKTUNE_BOOKS", Path(__file__).parents[2] / "shared" / "books"))
KINDS = ("original", "line deleted", "cut off", "sign deleted", "end deleted", "do deleted",
         "prose around", "fence around")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--show", type=int, default=0, help="print N disagreements of each kind")
    parser.add_argument("files", nargs="*", type=Path)
    wanted = parser.parse_args()
    listings = sorted(set(_listings(wanted.files or sorted(BOOKS.glob("*.truth.jsonl")))))
    for lang in ("elixir", "erlang", "iex", "erl_shell"):
        texts = [text for of, text in listings if of == lang]
        if texts:
            _compare(lang, texts, wanted.show)


def _listings(files: list[Path]) -> Iterator[tuple[str, str]]:
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if record["kind"] == "code" and record.get("lang") in ("elixir", "erlang", "iex"):
                yield language_of(record["text"], record["lang"]), record["text"]


def _compare(lang: str, texts: list[str], show: int) -> None:
    variants = [one for text in texts for one in _damaged(text, lang)]
    before = {text: structure(text, lang) for text in texts}
    started = time.process_time()
    ours = [parses(text, lang) for _, text, _, _ in variants]
    parsing = time.process_time() - started
    started = time.process_time()
    after = [structure(text, lang) for _, text, _, _ in variants]
    reading = time.process_time() - started
    judged = valid([text for _, text, _, _ in variants], lang)
    if judged is None:
        sys.exit("no Elixir, or no sandbox, here")
    size = sum(len(text) for _, text, _, _ in variants) / 1e6
    print(f"\n{lang}: {len(texts)} listings, {len(variants)} texts; "
          f"parses {size / parsing:.1f} MB/s, structure {size / reading:.1f} MB/s")  # fmt: skip
    print(f"{'':14}{'texts':>7}{'invalid':>9}{'missed':>8}{'alarms':>8}{'lost':>12}")
    for kind in KINDS:
        rows = [
            (text, mine, judge, _lost(before[whole], found, at))
            for (of, text, at, whole), mine, judge, found in zip(
                variants, ours, judged, after, strict=True
            )
            if of == kind
        ]
        _row(kind, rows, show)


def _row(
    kind: str, rows: list[tuple[str, bool | None, Validity, tuple[int, int]]], show: int
) -> None:
    if not rows:
        return
    missed = [(text, judge) for text, mine, judge, _ in rows if mine and not judge.ok]
    alarms = [(text, judge) for text, mine, judge, _ in rows if not mine and judge.ok]
    invalid = sum(not judge.ok for _, _, judge, _ in rows)
    lost, had = (sum(both[n] for *_, both in rows) for n in (0, 1))
    print(f"{kind:14}{len(rows):7}{invalid:9}{len(missed):8}{len(alarms):8}{lost:6}/{had}")
    for name, cases in (("missed", missed), ("false alarm", alarms)):
        for text, judge in cases[:show]:
            print(f"--- {name}: {judge.message}\n{text}\n---")


def _lost(before: Structure, after: Structure, at: int) -> tuple[int, int]:
    """Definitions that end before the damage: those no longer found, and all."""
    early = {(one.kind, one.name, one.arity) for one in before.defines if one.span[1] <= at}
    still = {(one.kind, one.name, one.arity) for one in after.defines}
    return len(early - still), len(early)


def _damaged(text: str, lang: str) -> Iterator[tuple[str, str, int, str]]:
    """Kind, text, first byte of the damage, the text before."""
    dice = random.Random(text)
    yield "original", text, len(text.encode()), text
    lines = text.splitlines(keepends=True)
    if len(lines) > 1:
        n = dice.randrange(len(lines))
        yield "line deleted", "".join(lines[:n] + lines[n + 1 :]), _bytes(lines[:n]), text
        n = max(1, len(lines) * 2 // 3)
        yield "cut off", "".join(lines[:n]), _bytes(lines[:n]), text
    for kind, sign in (
        ("sign deleted", r"[\[\](){}\"',]"),
        ("end deleted", r"\bend\b"),
        ("do deleted", r" do\b(?!:)" if lang in ("elixir", "iex") else r" (?:of|->)"),
    ):
        if places := list(re.finditer(sign, text)):
            one = places[0] if kind == "do deleted" else dice.choice(places)
            yield kind, text[: one.start()] + text[one.end() :], _bytes([text[: one.start()]]), text
    if lang in ("elixir", "erlang"):
        yield "prose around", f"Here is how it is done:\n\n{text}\n\nNice, isn't it?\n", 0, text
        yield "fence around", f"```{lang}\n{text}\n```\n", 0, text


def _bytes(parts: list[str]) -> int:
    return len("".join(parts).encode())


if __name__ == "__main__":
    main()
