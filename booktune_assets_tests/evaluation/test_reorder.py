"""Statements in another order: all of it is said, nothing leans on what has moved."""

from __future__ import annotations

import re

from booktune_assets.beam.problems import load_problems
from booktune_assets.evaluation.suites.reorder import reordered
from booktune_assets.settings import PROJECT

PROBLEMS = load_problems(PROJECT / "data" / "evals" / "problems")
NEEDS = ["Box.put/2", "Box.get/1", "Box.size/0"]


def test_nothing_is_lost_and_hashes_decide() -> None:
    changed = 0
    for problem in PROBLEMS:
        first = reordered(problem.prompt, problem.interface, problem.id)
        assert first == reordered(problem.prompt, problem.interface, problem.id)
        assert sorted(re.findall(r"\w+", first)) == sorted(re.findall(r"\w+", problem.prompt))
        assert first.count("`") == problem.prompt.count("`")
        changed += first != problem.prompt
    assert changed >= 0.5 * len(PROBLEMS)


def test_what_follows_a_call_moves_with_it() -> None:
    text = (
        "Write a module `Box` with `put/2`, `get/1` and `size/0`. `Box.put(a, b)` stores. It "
        "returns `:ok`. `Box.get(a)` reads. `Box.size()` counts."
    )
    units = [
        "`Box.put(a, b)` stores. It returns `:ok`.",
        "`Box.get(a)` reads.",
        "`Box.size()` counts.",
    ]
    seen = set[str]()
    for key in "abcdefghijkl":
        found = reordered(text, NEEDS, key)
        assert found != text
        head, *rest = found.split("\n")
        assert sorted(rest) == sorted(units) and rest != units
        names = re.findall(r"`(\w+/\d)`", head)
        assert sorted(names) == ["get/1", "put/2", "size/0"] and names != [
            "put/2",
            "get/1",
            "size/0",
        ]
        assert re.sub(r"`\w+/\d`", "_", head) == "Write a module `Box` with _, _ and _."
        seen.add(found)
    assert len(seen) > 5


def test_bullets_keep_the_marks_of_their_places() -> None:
    text = "Kinds:\n\n- `a`: one,\n- `b`: two\n  and more,\n- `c`: three.\n\nNo others."
    for key in "abcdef":
        found = reordered(text, NEEDS, key)
        assert (
            found != text
            and found.startswith("Kinds:\n\n- `")
            and found.endswith(".\n\nNo others.")
        )
        assert "- `b`: two\n  and more" in found
        assert found.count(",") == 2 and found.count(".") == 2


def test_what_leans_on_its_place_stays() -> None:
    for text in (
        "`Box.put(a, b)` stores. `Box.get(a)` returns the same.",
        "`Box.put(a, b)` stores. `Box.get(a)` returns it.",
        "`Box.put(a, b)` stores. `Box.get(a)` reads. Both are quick.",
        "`Box.put(a, b)` stores. `Box.get(a)` reads. They are tried in this order.",
        "- `a`: one\n- anything else: two",
        "- `a`: one\n- `b`: another, as said above",
        "1. `a` first\n2. `b` then",
        "```\n`Box.put(a, b)` stores. `Box.get(a)` reads.\n```",
        "`put/2` and `get/1` return 1 and 2 respectively.",
        "`Other.put(a, b)` stores. `Other.get(a)` reads.",
    ):
        assert reordered(text, NEEDS, "k") == text
