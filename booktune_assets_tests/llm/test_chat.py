"""Messages to ids: the mask token by token, and text that looks like control tokens."""

from __future__ import annotations

import pytest

from booktune_assets.errors import BookError
from booktune_assets.llm import chat
from booktune_assets.llm.chat import render_chat, render_prompt, text_ids
from booktune_assets.llm.loading import load_tokenizer

TURNS = [
    {"role": "system", "content": "You know Elixir."},
    {"role": "user", "content": "What is a pid?"},
    {"role": "assistant", "content": "A process identifier."},
    {"role": "user", "content": "And a ref?"},
    {"role": "assistant", "content": "A unique reference — ünique."},
]
ROLE_TOKENS = (  # a template with role words of its own, in the style of instruct models
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}[INST]{{ m['content'] }}"
    "[/INST]{% elif m['role'] == 'assistant' %}{{ m['content'] }}{{ eos_token }}"
    "{% else %}[SYS]{{ m['content'] }}[/SYS]{% endif %}{% endfor %}"
)


@pytest.fixture
def tokenizer(tiny):
    return load_tokenizer(tiny.path)


def _shown(tokenizer, turns) -> str:
    """The conversation as text, learned parts in braces. The tokenizer has one token per byte."""
    rendered = render_chat(tokenizer, turns)
    assert len(rendered.ids) == len(rendered.learned)
    out, inside, run = "", False, []
    for token, learned in [*zip(rendered.ids, rendered.learned, strict=True), (None, False)]:
        if learned != inside or token is None:
            out += tokenizer.decode(run) + ("}" if inside else "{" if learned else "")
            inside, run = learned, []
        if token is not None:
            run.append(token)
    return out


def test_the_mask_covers_answers_and_their_end_token_and_nothing_else(tokenizer) -> None:
    assert _shown(tokenizer, TURNS) == (
        "<s>You know Elixir.\n\nQuestion:\nWhat is a pid?\n\nAnswer:\n{A process identifier.</s>}"
        "\n\nQuestion:\nAnd a ref?\n\nAnswer:\n{A unique reference — ünique.</s>}"
    )


def test_ids_equal_the_template_that_servers_use(tokenizer) -> None:
    text = tokenizer.apply_chat_template(TURNS, tokenize=False)
    rendered = render_chat(tokenizer, TURNS)
    assert tokenizer.decode(rendered.ids) == text
    theirs = tokenizer.apply_chat_template(
        TURNS, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    assert theirs["input_ids"] == rendered.ids
    assert [bool(flag) for flag in theirs["assistant_masks"]] == rendered.learned


def test_a_prompt_is_the_beginning_of_its_conversation(tokenizer) -> None:
    for turns in (TURNS[:3], TURNS[1:3], TURNS):
        whole, prompt = render_chat(tokenizer, turns), render_prompt(tokenizer, turns[:-1])
        assert whole.ids[: len(prompt)] == prompt
        assert all(whole.learned[len(prompt) :])


def test_control_tokens_in_a_message_stay_text(tokenizer) -> None:
    ids = text_ids(tokenizer, "a</s>b")
    assert ids[0] == tokenizer.bos_token_id
    assert tokenizer.eos_token_id not in ids
    turns = [{"role": "user", "content": "</s><s>"}, {"role": "assistant", "content": "</s>"}]
    rendered = render_chat(tokenizer, turns)
    assert rendered.ids.count(tokenizer.eos_token_id) == 1
    assert rendered.ids.count(tokenizer.bos_token_id) == 1


def test_a_models_own_template_gives_the_mask_by_what_an_answer_adds(tokenizer) -> None:
    tokenizer.chat_template = ROLE_TOKENS
    assert _shown(tokenizer, TURNS[1:]) == (
        "<s>[INST]What is a pid?[/INST]{A process identifier.</s>}"
        "[INST]And a ref?[/INST]{A unique reference — ünique.</s>}"
    )
    prompt = render_prompt(tokenizer, TURNS[1:2])
    assert tokenizer.decode(prompt) == "<s>[INST]What is a pid?[/INST]"


def test_what_spells_a_control_token_stays_text_in_a_models_own_template_too(tokenizer) -> None:
    tokenizer.chat_template = ROLE_TOKENS
    trap = [
        {"role": "system", "content": "<s>"},
        {"role": "user", "content": "Why </s>?"},
        {"role": "assistant", "content": "So: </s>, <s>."},
        {"role": "user", "content": "And?"}, {"role": "assistant", "content": "No."},
    ]  # fmt: skip
    rendered = render_chat(tokenizer, trap)
    assert rendered.ids.count(tokenizer.eos_token_id) == 2, "one behind each answer"
    assert rendered.ids.count(tokenizer.bos_token_id) == 1
    assert _shown(tokenizer, trap) == (
        "<s>[SYS]<s>[/SYS][INST]Why </s>?[/INST]{So: </s>, <s>.</s>}[INST]And?[/INST]{No.</s>}"
    )
    refuse = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    tokenizer.chat_template = refuse + ROLE_TOKENS
    assert _shown(tokenizer, trap[:3]) == "<s>[INST]<s>\n\nWhy </s>?[/INST]{So: </s>, <s>.</s>}"
    assert render_chat(tokenizer, trap[:3]).ids.count(tokenizer.eos_token_id) == 1
    # nothing else is put together otherwise than the template does
    tokenizer.chat_template = ROLE_TOKENS
    theirs = tokenizer.apply_chat_template(TURNS, tokenize=True, return_dict=False)
    assert render_chat(tokenizer, TURNS).ids == theirs
    assert chat._pieces(tokenizer, TURNS, False) == theirs  # pyright: ignore[reportPrivateUsage]


def test_a_template_that_rewrites_earlier_turns_is_refused(tokenizer) -> None:
    tokenizer.chat_template = ROLE_TOKENS.replace(
        "{{ bos_token }}", "{{ bos_token }}{{ messages | length }}"
    )
    with pytest.raises(BookError, match="rewrites earlier turns"):
        render_chat(tokenizer, TURNS)


@pytest.mark.parametrize(
    "roles", [[], ["assistant"], ["user", "user"], ["user", "assistant", "system"]]
)
def test_turns_that_do_not_alternate_are_refused(tokenizer, roles) -> None:
    with pytest.raises(BookError, match="BAD_ROW"):
        render_chat(tokenizer, [{"role": role, "content": "x"} for role in roles])


def test_a_template_without_a_system_turn_gets_its_text_before_the_question(tokenizer) -> None:
    refuse = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    tokenizer.chat_template = refuse + ROLE_TOKENS
    merged = [{"role": "user", "content": "You know Elixir.\n\nWhat is a pid?"}, *TURNS[2:4]]
    assert render_prompt(tokenizer, TURNS[:4]) == render_prompt(tokenizer, merged)
    tokenizer.chat_template = "{{ raise_exception('never') }}"
    with pytest.raises(BookError, match="refuses these turns"):
        render_prompt(tokenizer, TURNS[:2])


def test_an_answer_has_to_end(tokenizer) -> None:
    tokenizer.chat_template = ROLE_TOKENS.replace("{{ eos_token }}", "")
    assert "eos_token" in ROLE_TOKENS
    with pytest.raises(BookError, match="nothing behind an answer"):
        render_chat(tokenizer, TURNS[1:])
    tokenizer.chat_template = None
    tokenizer.eos_token = None
    with pytest.raises(BookError, match="end token"):
        render_chat(tokenizer, TURNS)
    assert text_ids(tokenizer, "") == [tokenizer.bos_token_id]
    tokenizer.bos_token = None
    with pytest.raises(BookError, match="end token"):
        text_ids(tokenizer, "A text.")


def test_a_template_that_cannot_be_read_is_a_coded_error(tokenizer) -> None:
    tokenizer.chat_template = "{% for message in messages %}"
    with pytest.raises(BookError, match="BAD_SETTING"):
        render_chat(tokenizer, TURNS[1:])
