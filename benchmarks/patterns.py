"""Precision and recall of the pattern detectors on the labelled listings, pattern by pattern.

    .venv/bin/python benchmarks/patterns.py [--faults] [tuned|held_out]

``tuned`` was labelled before the detectors were written and used to mend them; ``held_out`` was
written after they were done, ``house`` later, in the styles of libraries.
"""

from __future__ import annotations

import argparse

from booktune_assets.beam.patterns import PATTERNS
from booktune_assets_tests.beam.labelled import Score, score, snippets


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", action="store_true", help="name the snippets that differ")
    parser.add_argument("shares", nargs="*", default=["tuned", "held_out", "house"])
    wanted = parser.parse_args()
    for share in wanted.shares:
        labelled = snippets(share)
        result = score(labelled)
        langs = {lang: sum(one.lang == lang for one in labelled) for lang in ("elixir", "erlang")}
        print(f"\n{share}: {len(labelled)} snippets {langs}, "
              f"precision {result.precision:.3f}, recall {result.recall:.3f}")  # fmt: skip
        _table(result)
        for fault in result.faults if wanted.faults else ():
            print(fault)


def _table(result: Score) -> None:
    print(f"{'pattern':20}{'right':>7}{'wrong':>7}{'missed':>8}")
    for name in PATTERNS:
        print(f"{name:20}{result.right[name]:7}{result.wrong[name]:7}{result.missed[name]:8}")


if __name__ == "__main__":
    main()
