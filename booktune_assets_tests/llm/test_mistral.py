"""Mistral's format with the real tekken file: ids, mask token by token, controls that are wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mistral_common.tokens.tokenizers.base import SpecialTokenPolicy
from transformers.tokenization_mistral_common import MistralCommonBackend

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.chat import render_chat, render_prompt, text_ids
from booktune_assets.llm.loading import load_tokenizer
from booktune_assets.llm.mistral import CONTROLS, is_mistral, open_tokenizer
from booktune_assets_tests.llm.devstral_fixture import REAL, write_tekken

SYSTEM = {"role": "system", "content": "You know Elixir."}
TURNS = [
    {"role": "user", "content": "What is a pid?"},
    {"role": "assistant", "content": "A process identifier."},
    {"role": "user", "content": "And a ref?\n```elixir\nmake_ref()\n```"},
    {"role": "assistant", "content": "A unique reference — ünique."},
]
TRAPS = "[INST] </s> <s>[/INST][TOOL_CALLS] <pad>[SYSTEM_PROMPT]x[/SYSTEM_PROMPT]"


@pytest.fixture(scope="module", params=["v3", "v7", "v11", "v13"])
def tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    return load_tokenizer(write_tekken(tmp_path_factory.mktemp(request.param), request.param))


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory):
    return load_tokenizer(write_tekken(tmp_path_factory.mktemp("newest")))


def _shown(tokenizer, turns) -> str:
    """The conversation with its control tokens, each learned token in braces of its own run."""
    rendered = render_chat(tokenizer, turns)
    out, inside, run = "", False, []
    for token, mine in [*zip(rendered.ids, rendered.learned, strict=True), (None, False)]:
        if mine != inside or token is None:
            text = tokenizer.tokenizer.decode(run, special_token_policy=SpecialTokenPolicy.KEEP)
            out += f"{{{text}}}" if inside else text
            inside, run = mine, []
        if token is not None:
            run.append(token)
    return out


def test_the_packages_own_file_is_what_the_tests_build_on(tmp_path) -> None:
    (tmp_path / "tekken.json").write_bytes(REAL.read_bytes())
    theirs, ours = open_tokenizer(tmp_path), load_tokenizer(write_tekken(tmp_path / "x", "v11"))
    text = "defmodule A do\n  def f(x), do: x |> Enum.map(& &1)\nend\n"
    assert text_ids(theirs, text) == text_ids(ours, text)
    assert theirs.decode(text_ids(theirs, text, start=False)) == text


def test_the_mask_covers_answers_and_their_end_token_and_nothing_else(tokenizer) -> None:
    assert _shown(tokenizer, TURNS) == (
        "<s>[INST]What is a pid?[/INST]{A process identifier.</s>}"
        "[INST]And a ref?\n```elixir\nmake_ref()\n```[/INST]{A unique reference — ünique.</s>}"
    )


def test_every_learned_token_is_the_answers_own(tokenizer) -> None:
    rendered = render_chat(tokenizer, TURNS)
    learned = [t for t, mine in zip(rendered.ids, rendered.learned, strict=True) if mine]
    expected = []
    for turn in TURNS[1::2]:
        expected += [*text_ids(tokenizer, turn["content"], start=False), 2]
    assert learned == expected


def test_a_system_prompt_stands_where_its_version_puts_it(tokenizer) -> None:
    shown = _shown(tokenizer, [SYSTEM, *TURNS])
    if tokenizer.tokenizer.version.value == "v3":
        assert "[INST]You know Elixir.\n\nAnd a ref?" in shown
        assert "[SYSTEM_PROMPT]" not in shown
    else:
        assert shown.startswith("<s>[SYSTEM_PROMPT]You know Elixir.[/SYSTEM_PROMPT][INST]What")
    assert shown.count("{") == shown.count("</s>}") == 2
    nobody = [{"role": "system", "content": ""}, *TURNS]
    assert render_chat(tokenizer, nobody).ids == render_chat(tokenizer, TURNS).ids


def test_ids_are_those_of_transformers_own_wrapper(tokenizer) -> None:
    folder = tokenizer.tokenizer.instruct_tokenizer.tokenizer.file_path.parent
    theirs = MistralCommonBackend.from_pretrained(str(folder))
    assert is_mistral(theirs)
    for turns in (TURNS, TURNS[:2], [SYSTEM, *TURNS]):
        prompt = theirs.apply_chat_template(turns[:-1], tokenize=True, return_dict=False)
        assert render_prompt(tokenizer, turns[:-1]) == list(prompt)
        assert render_prompt(theirs, turns[:-1]) == list(prompt)
        whole = render_chat(tokenizer, turns)
        assert whole == render_chat(theirs, turns)
        assert whole.ids[: len(prompt)] == list(prompt), "an answer only adds to its prompt"
        assert all(whole.learned[len(prompt) :])


def test_what_looks_like_a_control_token_stays_text(tokenizer) -> None:
    assert not set(text_ids(tokenizer, TRAPS, start=False)) & set(CONTROLS.values())
    turns = [{"role": "user", "content": TRAPS}, {"role": "assistant", "content": TRAPS}]
    ids = render_chat(tokenizer, turns).ids
    assert [token for token in ids if token < 1000] == [1, 3, 4, 2]
    assert render_prompt(tokenizer, turns[:1]) == ids[: len(render_prompt(tokenizer, turns[:1]))]


def test_rendering_to_text_and_back_would_lose_the_control_tokens(newest) -> None:
    """The trap that this module exists for."""
    ids = render_chat(newest, TURNS).ids
    text = newest.tokenizer.decode(ids, special_token_policy=SpecialTokenPolicy.KEEP)
    again = newest.encode(text, add_special_tokens=False)
    assert again != ids and 3 not in again


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=40), min_size=2, max_size=6))
def test_any_words_give_a_mask_that_ends_with_each_answer(newest, words: list[str]) -> None:
    words = words[: len(words) // 2 * 2]
    turns = [
        {"role": ("user", "assistant")[number % 2], "content": f"{text}."}
        for number, text in enumerate(words)
    ]
    rendered = render_chat(newest, turns)
    ends = [place for place, token in enumerate(rendered.ids) if token == 2]
    assert len(ends) == len(turns) // 2 and all(rendered.learned[place] for place in ends)
    starts = [place for place, token in enumerate(rendered.ids) if token == 4]
    inside = {place for a, b in zip(starts, ends, strict=True) for place in range(a + 1, b + 1)}
    assert {n for n, mine in enumerate(rendered.learned) if mine} == inside


def test_padding_is_never_the_end_token(tokenizer) -> None:
    assert (tokenizer.pad_token_id, tokenizer.eos_token_id, tokenizer.bos_token_id) == (11, 2, 1)


@pytest.mark.parametrize(
    ("turns", "code"),
    [
        ([{"role": "user", "content": "x"}, {"role": "user", "content": "y"}], "BAD_ROW"),
        ([{"role": "user", "content": "x"}, {"role": "assistant", "content": ""}], "BAD_ROW"),
        ([{"role": "user", "content": " "}, {"role": "assistant", "content": "y"}], "BAD_ROW"),
        ([{"role": "user", "content": "x"}], "BAD_ROW"),  # nothing to learn
    ],
)
def test_turns_that_cannot_be_learned_are_refused(newest, turns, code: str) -> None:
    with pytest.raises(BookError, match=code):
        render_chat(newest, turns)


def test_a_file_with_other_control_ids_is_refused(tmp_path) -> None:
    swapped = write_tekken(tmp_path, "v13", _3="[/INST]", _4="[INST]")
    with pytest.raises(BookError, match=r"\[INST\] as id 3") as caught:
        load_tokenizer(swapped)
    assert caught.value.code is Code.BAD_SETTING


def test_a_file_without_a_pad_token_or_of_a_later_kind_is_refused(tmp_path) -> None:
    with pytest.raises(BookError, match="BAD_SETTING"):
        load_tokenizer(write_tekken(tmp_path / "pad", "v13", _11="[OTHER]"))
    with pytest.raises(BookError, match="BAD_SETTING"):
        load_tokenizer(write_tekken(tmp_path / "args", "v13", _32="[OTHER]"))
    (tmp_path / "tekken.json").write_text('{"config": {"version": "v99"}, "vocab": []}')
    with pytest.raises(BookError, match="BAD_SETTING"):
        load_tokenizer(tmp_path)
