"""How a judge does on the canaries: may it gate?

    python benchmarks/judges.py --home HOME            # the model of [llm] in the home's settings
    python benchmarks/judges.py --home HOME --judge NAME --votes 1 --all

Prints accuracy over all canaries and for each kind, and the sentences that it got wrong. Without
``--all`` it ends as soon as 95 % cannot be reached any more, as a run does. Replies are cached in
the home: what a run has asked already is not asked again, and the other way round.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from booktune_assets.llm.calls import open_caller
from booktune_assets.pairs.judges_canaries import KINDS, NEEDED, examine, load_canaries
from booktune_assets.pairs.recipes.base import Teaching
from booktune_assets.settings import Settings


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--home", type=Path, required=True)
    words.add_argument("--judge", default="", help="a model beside the settings' own")
    words.add_argument("--votes", type=int, default=3)
    words.add_argument("--all", action="store_true", help="the whole suite, whatever comes out")
    given = words.parse_args()
    suite = load_canaries()
    with open_caller(Settings.load(given.home)) as caller:
        teaching = Teaching(votes=given.votes, judge=given.judge)
        name = f"{given.judge or caller.model}@{caller.revision}"
        found = examine(
            lambda requests: caller.ask(requests, progress="judging canaries"), teaching, name,
            suite, early=not given.all,
        )  # fmt: skip
    print(found.words)
    print(f"accuracy {found.right / max(1, found.asked):.1%} of {found.asked}, needed {NEEDED:.0%}")
    asked = Counter(one.kind for one in suite[: found.asked])
    wrong = Counter(found.wrong.values())
    for kind in KINDS:
        print(f"  {kind:15} {asked[kind] - wrong[kind]:3} of {asked[kind]:3}")
    print(f"calls {found.calls}, cached {found.cached}")
    sentences = {one.name: one.sentence for one in suite}
    for canary in sorted(found.wrong):
        print(f"  wrong: {canary}: {sentences[canary]}")


if __name__ == "__main__":
    main()
