"""How the idiom score does on the labelled twins: order, recall, precision, and texts with nothing.

    .venv/bin/python benchmarks/idioms.py [--faults]

*order*: the idiomatic twin scores above the other. *recall*: the other one has the finding that its
heading names. *precision*: findings that are the heading's, of all in either twin and in the texts
of ``fine.md``, where each is false. A second finding in an unidiomatic twin counts as false too,
though it may be right.
"""

from __future__ import annotations

import argparse

from booktune_assets.beam.idioms import idiom_score
from booktune_assets_tests.beam.twins import Twins, fine, twins


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", action="store_true", help="name the texts that differ")
    faults = parser.parse_args().faults
    for file, pairs in twins().items():
        _say(file, pairs, faults)
    texts = fine()
    wrong = [(one, idiom_score(one.text, one.lang).findings) for one in texts]
    wrong = [(one, found) for one, found in wrong if found]
    print(f"fine.md: {len(texts)} texts, {len(wrong)} with findings")
    for one, found in wrong if faults else ():
        print(f"  {one.where}: {[finding.name for finding in found]}")


def _say(file: str, pairs: list[Twins], faults: bool) -> None:
    ordered = right = wrong = 0
    lost: list[str] = []
    for one in pairs:
        good, bad = idiom_score(one.good, one.lang), idiom_score(one.bad, one.lang)
        names = [finding.name for finding in bad.findings]
        ordered += good.score > bad.score
        right += one.name in names
        others = [finding.name for finding in good.findings]
        others += [name for name in names if name != one.name]
        wrong += len(others)
        if good.score <= bad.score or one.name not in names or others:
            lost.append(f"  {one.where} {one.name}: {good.score} {bad.score} {names} {others}")
    found = max(1, right + wrong)
    print(f"{file}: {len(pairs)} pairs, order {ordered}, recall {right / len(pairs):.3f}, "
          f"precision {right / found:.3f}")  # fmt: skip
    print("\n".join(lost)) if faults and lost else None


if __name__ == "__main__":
    main()
