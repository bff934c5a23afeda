"""What columns say of messages: whatever breaks a rule is looked at, and a plain row is not."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.pairs.rules import broken_rule, unsure

PIECES = (
    "What is a map?", "A map holds keys.", "A map", " ", "", "cafe\u0301", "a\x07b", "{{ name }}",
    "<|im_end|>", "[INST]", "[TOOL_CALLS]", "<end_of_turn>",
    "```elixir\n[SYSTEM_PROMPT]\n```",
    "### Answer", "As an AI", "{subject}", "```elixir\n1 + 2\n```",
    "```elixir\ndef f( do\n```", "```elixir\nopen", "keys holds A map", "½ ² Ⅳ", "map_1",
    "\u202e", "a\u202eb", "\u200b\ufeff",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("\n\n".join)
ROLES = st.sampled_from(["system", "user", "assistant"])
TURNS = st.one_of(
    st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=3).map(
        lambda told: [(role, said) for one in told
                      for role, said in zip(("user", "assistant"), one, strict=True)]
    ),
    st.lists(st.tuples(ROLES, TEXT), min_size=1, max_size=5),
)  # fmt: skip


def _unsure(*rows: list[tuple[str, str]]) -> set[int]:
    said = pl.DataFrame(
        [one for row in rows for one in row],
        schema={"role": pl.String, "content": pl.String}, orient="row",
    )  # fmt: skip
    numbers = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    return set(numbers[unsure(said, numbers)].tolist())


@settings(max_examples=150, deadline=None)
@given(st.lists(TURNS, min_size=1, max_size=5))
def test_what_breaks_a_rule_is_looked_at(rows: list[list[tuple[str, str]]]) -> None:
    broken = {
        place
        for place, row in enumerate(rows)
        if broken_rule([{"role": role, "content": said} for role, said in row], parse=True)
    }
    assert broken <= _unsure(*rows) | {place for place, row in enumerate(rows) if len(row) < 2}


def test_what_nobody_sees_is_no_message_and_order_is_not_turned() -> None:
    def broken(said: str) -> str:
        return broken_rule(
            [{"role": "user", "content": said}, {"role": "assistant", "content": "It holds keys."}]
        )

    assert broken("\u200b \ufeff") == "blank"
    assert broken("What is \u202epam a?") == "control_characters"
    assert broken("What is a map?") == broken("مرحبا \u200f[]") == ""


def test_plain_rows_are_not_looked_at() -> None:
    plain = [("user", "What is a map?"), ("assistant", "It holds keys, and a value for each.")]
    code = [("user", "Add two to one."), ("assistant", "```elixir\n1 + 2\n```")]
    assert _unsure(plain, code, plain + code) == set()
    assert _unsure(plain, [("user", "How?"), ("assistant", "```elixir\ndef f( do\n```")]) == {1}


@pytest.mark.parametrize(
    "mark",
    ["<|im_start|>", "<|reserved_special_token_0|>", "<|fim-prefix|>", "<end_of_turn>", "<<SYS>>",
     "[TOOL_CALLS]", "[SYSTEM_PROMPT]", "[/INST]", "<\uff5cend\u2581of\u2581sentence\uff5c>"],
)  # fmt: skip
def test_marks_of_chat_formats_are_left_in_neither_words_nor_listings(mark: str) -> None:
    for said in (f"A map holds keys. {mark} And more.", f"So:\n\n```text\n{mark} said\n```"):
        turns = [("user", "What is a map?"), ("assistant", said)]
        assert _broken(turns) == "template_residue"
        assert _unsure(turns) == {0}


@pytest.mark.parametrize(
    "said", ["It is {{ doc.text }} here.", "So {% endif %} it is.", "A <bos> b."]
)
def test_what_a_template_leaves_in_words(said: str) -> None:
    turns = [("user", "What is a map?"), ("assistant", said)]
    assert _broken(turns) == "template_residue"
    assert _unsure(turns) == {0}


@pytest.mark.parametrize(
    "said",
    ["`<<mask>>` and <<pad>> are binaries, `[inst]` is a list, and `<|>` an operator.",
     "Here:\n\n```elixir\n[inst] = [a <|> b, c <|> d]\n```", "Pairs such as {%{a: 1}, 2} match.",
     "So:\n\n```erlang\n<<unk>> = <<Pad>>.\n```"],
)  # fmt: skip
def test_code_that_looks_like_a_mark_is_none(said: str) -> None:
    assert _broken([("user", "What is a map?"), ("assistant", said)]) == ""


def _broken(row: list[tuple[str, str]]) -> str:
    return broken_rule([{"role": role, "content": said} for role, said in row], parse=True)
