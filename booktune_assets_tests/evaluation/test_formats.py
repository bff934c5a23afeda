"""Rules on the form of answers: a good answer to every request passes, slips of each kind fail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given as given_text
from hypothesis import strategies as st

from booktune_assets.evaluation.format_rules import RULES, follows, follows_loosely
from booktune_assets.evaluation.suite import Given
from booktune_assets.evaluation.suites.formats import Asked, Formats, asked_for
from booktune_assets.settings import Evaluation

MANY = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
Made = tuple[str, tuple[str, ...]]  # a good answer, and slips


def listed(n: int, mark: str) -> str:
    return "\n".join(f"{mark.format(n=k + 1)} thing {k}" for k in range(n))


def of_lists(kind: str, v: Mapping[str, Any]) -> Made:
    """Good and bad for rules on lines and structures."""
    n = v.get("n", 0)
    if kind == "json_object":
        good = dict.fromkeys(v["keys"], "text")
        first = v["keys"][0]
        bad = (good | {"more": "x"}, good | {first: 3}, dict.fromkeys(v["keys"][1:], "x"))
        return json.dumps(good), (*map(json.dumps, bad), f"```json\n{json.dumps(good)}\n```")
    if kind == "json_list":
        good = ["text"] * n
        return json.dumps(good), (json.dumps(good[1:]), json.dumps([*good[1:], 3]), "[oops")
    if kind.startswith("bullets"):
        mark = "- {n}"
        comma = (
            (listed(n, mark) + ", really",) if kind != "bullets" else ("Here:\n" + listed(n, mark),)
        )
        return listed(n, mark), (listed(n + 1, mark), listed(n, "{n}."), *comma)
    if kind == "numbered":
        return listed(n, "{n}."), (listed(n + 1, "{n}."), listed(n, "1."), listed(n, "-"))
    if kind == "paragraphs":
        parts = ["A paragraph of words."] * n
        return "\n\n".join(parts), ("\n".join(parts), "\n\n".join([*parts, "x"]), listed(n, "-"))
    if kind == "headings":
        parts = [f"## Part {k}\nwords" for k in range(n)]
        bare = "\n".join(f"## Part {k}" for k in range(n))
        return "\n".join(parts), ("\n".join(parts[1:]), bare, "Well:\n" + "\n".join(parts))
    if kind == "table":
        row = "| " + " | ".join("abcd"[:n]) + " |"
        rule = "|" + "---|" * n
        good = "\n".join([row, rule, row, row])
        return good, ("\n".join([row, rule, row]), "\n".join([row] * 4), good + "\nDone.")
    if kind == "json_nested":
        row = {"name": "x", "text": "y"}
        bad = ({v["key"]: [row] * (n + 1)}, {v["key"]: [row] * n, "more": 1},
               {v["key"]: [{**row, "z": "z"}] * n}, {v["key"]: ["x"] * n}, [row] * n)  # fmt: skip
        return json.dumps({v["key"]: [row] * n}), tuple(map(json.dumps, bad))
    if kind == "fields":
        fields = [f"field {k}, so" for k in range(n)]
        good = ";".join(fields)
        return good, (f"{good};more", "\n;".join(fields), good.replace("field 0, so", " "))
    if kind == "lines_begin":
        lines = [f"{v['letter']}ome {k}" for k in range(n)]
        return "\n".join(lines), (
            "\n".join(lines[1:]), "\n".join([*lines[1:], "x"]), "- " + "\n- ".join(lines),
        )  # fmt: skip
    if kind == "labelled":
        lines = [f"{label}: some text" for label in v["labels"]]
        bare = [f"{label}:" for label in v["labels"]]
        return "\n".join(lines), (
            "\n".join(reversed(lines)), "\n".join(bare), "\n".join([*lines, "And so on."]),
        )  # fmt: skip
    if kind == "checklist":
        mark = "- [ ] {n}"
        return listed(n, mark), (listed(n, "- {n}"), listed(n + 1, mark), listed(n, "- [x] {n}"))
    if kind == "divided":
        parts, mark = [f"part {k}" for k in range(n)], f"\n{v['mark']}\n"
        good = mark.join(parts)
        return good, (good + mark + "x", good + mark, "\n".join(parts))
    raise KeyError(kind)


def of_words(kind: str, v: Mapping[str, Any]) -> Made:
    """Good and bad for rules on words and marks."""
    n = v.get("n", 0)
    if kind == "sentences":
        said = ["It costs 3.5 pounds, e.g. here."] * n
        return " ".join(said), (" ".join([*said, "More."]), " ".join(said)[:-1], "no end at all")
    if kind == "no_commas":
        words = f"{MANY} {MANY}"
        return words, (f"{words}, and more", "too short", f"yes, {words}")
    if kind in ("uppercase", "lowercase"):
        good = MANY.upper() if kind == "uppercase" else MANY
        return good, (MANY.title(), good.split()[0], good + (" x" if kind == "uppercase" else " X"))
    if kind == "keyword":
        word = v["word"]
        return f"So {word}. " * n, (f"So {word}. " * (n + 1), f"{word}ness " * n, "nothing of it")
    if kind == "without_words":
        return MANY, (f"{MANY} {v['words'][0]}", f"{MANY} {v['words'][-1].title()}!", "few")
    if kind == "ends_with":
        phrase = v["phrase"]
        return f"Words. {phrase}", (f"{phrase} Words.", f"Words. {phrase[:-1]}", phrase)
    if kind == "begins_with":
        phrase = v["phrase"]
        return f"{phrase} words.", (f"Well. {phrase} words.", phrase.lower() + " words.", phrase)
    if kind == "words_most":
        words = f"{MANY} {MANY}".split()
        return " ".join(words[: v["most"]]), (
            " ".join(words[: v["most"] + 1]), " ".join(words[: v["least"] - 1]), "…",
        )  # fmt: skip
    if kind == "placeholders":
        names = " and ".join(f"[name {k}]" for k in range(n))
        good = f"Dear reader, please meet {names} on the day that we agreed on."
        return good, (
            good.replace("[name 0]", "Ann"),
            good.replace("[", "<"),
            good.replace("[name 1]", "[name 0]"),
        )
    if kind == "no_digits":
        return f"{MANY} {MANY}", (f"{MANY} {MANY} 7", "few words", f"{MANY} {MANY} x2y")
    if kind == "questions":
        good = "Is it so?"
        said = [good] * n
        return " ".join(said), (" ".join([*said, good]), " ".join([*said[1:], "So."]), "Is it so")
    if kind == "exact_words":
        words = MANY.split()
        return " ".join(words[:n]) + ".", (
            " ".join(words[: n + 1]), " ".join(words[: n - 1]) or "…", " ".join([*words[:n], "x"]),
        )  # fmt: skip
    if kind == "no_letter":
        letter = v["letter"]
        good = "three trees were seen here then three men met sheep"
        if letter in "aouqzk":
            return good, (f"{good} {letter}", f"{good} {letter.upper()}x", "the end")
    if kind == "bold":
        good = "So " + " and ".join(f"**word {k}**" for k in range(n))
        return good, (good + " **x**", good.replace("**", "*"), good.replace("**word 0**", "word"))
    if kind == "brackets":
        good = "So it is " + " and ".join(f"(or {k})" for k in range(n)) + " as they say."
        return good, (good + " (more)", good.replace("(or 0)", ""), good.replace("(", "["))
    raise KeyError(kind)


def of_frames(kind: str, v: Mapping[str, Any]) -> Made:
    """Good and bad for rules on what stands around an answer."""
    if kind == "only_fence":
        good = "```elixir\ndefmodule A do\nend\n```"
        return good, (
            f"Here:\n{good}",
            good.replace("elixir", ""),
            f"{good}\n{good}",
            "```elixir\n```",
        )
    if kind == "quoted":
        return '"So it is."', ("So it is.", '"So" it is.', '"So it is')
    if kind == "titled":
        return "<<A title>>\nText.", ("<<A title>>", "A title\nText.", "Text.\n<<A title>>")
    if kind == "one_line":
        return MANY, (MANY[:20], MANY.replace("two", "two\n"), "short")
    if kind == "postscript":
        return "Text.\nP.S. More.", ("P.S. More.", "P.S. More.\nText.", "Text.\nBy the way: more.")
    if kind == "one_of":
        return v["options"][0], (f"{v['options'][0]} and so", "perhaps", " ".join(v["options"]))
    if kind == "tagged":
        tag = v["tag"]
        good = f"<{tag}>So it is.\n</{tag}>"
        return good, (f"Here: {good}", f"<{tag}></{tag}>", f"<{tag}>So it is.", good * 2)
    if kind == "two_answers":
        return "One.\n======\nTwo.", ("One.\n======\nOne.", "One.\nTwo.", "One.\n======",
                                     "One.\n======\nTwo.\n======\nThree.")  # fmt: skip
    if kind == "signed":
        end = f"-- {v['name']}"
        return f"Text.\n{end}", (end, f"{end}\nText.", f"Text. {end}", f"Text.\n{end}, truly")
    if kind == "hashtags":
        tags = " ".join(f"#tag{k}" for k in range(v["n"]))
        return f"Text.\n{tags}", (f"Text.\n{tags} #x", f"Some #x\n{tags}", f"Text. {tags}", tags)
    raise KeyError(kind)


def made(asked: Asked) -> Made:
    for maker in (of_lists, of_words, of_frames):
        try:
            return maker(asked.kind, asked.values)
        except KeyError as missing:
            if missing.args != (asked.kind,):
                raise
    raise AssertionError(asked.kind)


@pytest.mark.parametrize("asked", asked_for(), ids=lambda one: one.name)
def test_good_answers_pass_and_slips_do_not(asked: Asked) -> None:
    good, slips = made(asked)
    assert follows(asked.kind, good, asked.values), good
    assert follows_loosely(asked.kind, good, asked.values)
    assert len(slips) >= 3
    for slip in slips:
        assert not follows(asked.kind, slip, asked.values), slip
    for empty in ("", " \n "):
        assert not follows_loosely(asked.kind, empty, asked.values)


def test_there_are_enough_and_every_rule_is_asked() -> None:
    asked = asked_for()
    assert len(asked) >= 240 and len({one.text for one in asked}) == len(asked)
    assert {one.kind for one in asked} == set(RULES)
    assert len({one.kind for one in asked[:40]}) == 40  # few are of many kinds
    assert not any("{" in one.text for one in asked)


def test_loosely_an_introduction_is_forgiven() -> None:
    values = {"n": 2}
    told = "Here you are:\n- **one**\n- **two**\nI hope this helps!"
    assert not follows("bullets", told, values) and follows_loosely("bullets", told, values)
    assert not follows_loosely("bullets", told + "\nBye!", values)


@given_text(st.text(max_size=80), st.sampled_from(asked_for()))
def test_any_text_has_a_verdict_and_strict_is_loose_too(text: str, asked: Asked) -> None:
    if follows(asked.kind, text, asked.values):
        assert follows_loosely(asked.kind, text, asked.values)


def test_the_suite_counts_empty_and_looping_answers_as_broken() -> None:
    suite = Formats()
    items = suite.items(Given(Evaluation(formats=3)))
    assert len(items) == 3 and len({one.cluster for one in items}) == 3
    good = {one.name: made(one)[0] for one in asked_for()}
    loop = "and so on it goes " * 20
    replies = {
        "base": {item.item_id: [good[item.item_id]] for item in items},
        "tuned": dict(zip([one.item_id for one in items], ([""], [loop], {"error": "TOO_LONG"}),
                          strict=True)),
    }  # fmt: skip
    rows = suite.score(items, replies)
    assert len(rows) == 12
    assert all(one.score == 100 for one in rows if one.arm == "base")
    said = [(one.score, one.status) for one in rows if (one.arm, one.metric) == ("tuned", "strict")]
    assert said == [(0.0, "empty"), (0.0, "loops"), (None, "TOO_LONG")]
    assert Formats().items(Given(Evaluation(formats=0))) == []
