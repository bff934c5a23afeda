"""Messages to token ids, and which of them are the assistant's.

Belongs here: our plain format for base models, the detour through a model's own template, text as
ids. Does not: Mistral's own format (``mistral.py``), packing, truncation (``training/batches.py``).

A conversation is never written out as one string and tokenised again: text in a message that looks
like a control token would become one. The plain format tokenises each message by itself, with
control tokens switched off, and joins ids. It uses words instead of role tokens, because a base
model has read questions and answers but never a role token. :data:`CHAT_TEMPLATE` is the same
format for servers that want a template; a test holds the two together.

A model's own template is text. A conversation that is learned and spells a control token is put
together of pieces, what stands between messages and each message, the latter without control
tokens. Prompts that are only asked go the template's way, as servers send them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.mistral import conversation, is_mistral

__all__ = ["CHAT_TEMPLATE", "STOP", "Rendered", "Turn", "render_chat", "render_prompt", "text_ids"]

Turn = Mapping[str, str]  # {"role": "system" | "user" | "assistant", "content": …}

ASK, ANSWER, GAP = "Question:\n", "\n\nAnswer:\n", "\n\n"
STOP = (f"{GAP}Question:",)  # what a base model writes when it goes on after its answer
_HOLE = "\ue000{}\ue001"  # stands for a message in a template
_HOLES = re.compile("\ue000(\\d+)\ue001")
_MARK = "{# booktune plain chat 1 #}"
CHAT_TEMPLATE = (
    _MARK
    + "{{ bos_token }}{% for message in messages %}"
    + "{% if message['role'] == 'system' %}{{ message['content'] }}{{ '\\n\\n' }}"
    + "{% elif message['role'] == 'user' %}"
    + "{{ 'Question:\\n' }}{{ message['content'] }}{{ '\\n\\nAnswer:\\n' }}"
    + "{% else %}{% generation %}{{ message['content'] }}{{ eos_token }}{% endgeneration %}"
    + "{% if not loop.last %}{{ '\\n\\n' }}{% endif %}{% endif %}{% endfor %}"
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """Token ids of a conversation; ``learned[i]`` says that token i is the assistant's."""

    ids: list[int]
    learned: list[bool]


def render_chat(tokenizer: Any, turns: Sequence[Turn]) -> Rendered:
    """Ids and assistant mask. The end-of-text token after an answer is the assistant's too."""
    _check(turns)
    if is_mistral(tokenizer):
        return Rendered(*conversation(tokenizer, turns, prompt=False))
    if _is_plain(tokenizer):
        return _plain(tokenizer, turns)
    return _by_template(tokenizer, turns)


def render_prompt(tokenizer: Any, turns: Sequence[Turn]) -> list[int]:
    """Ids up to where the assistant begins; the last turn is the user's."""
    _check(turns)
    if turns[-1]["role"] == "assistant":
        raise BookError(Code.BAD_ROW, "End the prompt with a user turn", turns=len(turns))
    if is_mistral(tokenizer):
        return conversation(tokenizer, turns, prompt=True)[0]
    if _is_plain(tokenizer):
        return _plain(tokenizer, turns).ids
    return _template_ids(tokenizer, turns, prompt=True)


def text_ids(tokenizer: Any, text: str, *, start: bool = True) -> list[int]:
    """Ids of plain text, control tokens switched off, after the start token when ``start``.

    A model without a start token gets its end token in its place: the first token of a text needs
    something to be predicted from.
    """
    begin: list[int] = []
    if start:
        first = tokenizer.bos_token_id
        first = tokenizer.eos_token_id if first is None else first
        if first is None:
            raise BookError(
                Code.BAD_SETTING, "Give the tokenizer an end token (eos_token): without one and "
                "without a start token nothing stands before the first token of a text",
            )  # fmt: skip
        begin = [first]
    if not text:
        return begin
    if is_mistral(tokenizer):  # it never reads control tokens in text
        ids = tokenizer.encode(text, add_special_tokens=False)
    else:
        ids = tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)
    return [*begin, *ids]


def _plain(tokenizer: Any, turns: Sequence[Turn]) -> Rendered:
    if tokenizer.eos_token_id is None:
        raise BookError(
            Code.BAD_SETTING, "Give the tokenizer an end token (eos_token): without one no answer "
            "ends",
        )  # fmt: skip
    ids = text_ids(tokenizer, "")
    learned = [False] * len(ids)

    def add(pieces: list[int], mine: bool) -> None:
        ids.extend(pieces)
        learned.extend([mine] * len(pieces))

    for number, turn in enumerate(turns):
        content = turn["content"]
        if turn["role"] == "assistant":
            answer = text_ids(tokenizer, content, start=False)
            add([*answer, tokenizer.eos_token_id], True)
            if number + 1 < len(turns):
                add(text_ids(tokenizer, GAP, start=False), False)
        elif turn["role"] == "user":
            add(text_ids(tokenizer, f"{ASK}{content}{ANSWER}", start=False), False)
        else:
            add(text_ids(tokenizer, f"{content}{GAP}", start=False), False)
    return Rendered(ids, learned)


def _by_template(tokenizer: Any, turns: Sequence[Turn]) -> Rendered:
    """The model's own template: what an answer adds to its prompt is the assistant's."""
    apart = _spells_control(tokenizer, turns)
    ids = _template_ids(tokenizer, turns, prompt=False, apart=apart)
    learned = [False] * len(ids)
    for number, turn in enumerate(turns):
        if turn["role"] != "assistant":
            continue
        before = _template_ids(tokenizer, turns[:number], prompt=True, apart=apart)
        after = _template_ids(tokenizer, turns[: number + 1], prompt=False, apart=apart)
        if ids[: len(after)] != after or after[: len(before)] != before:
            raise BookError(
                Code.BAD_SETTING,
                "The model's chat template rewrites earlier turns, so no mask can be made: give "
                "single-turn examples, or set the tokenizer's chat_template to booktune's",
                turn=number,
            )
        learned[len(before) : len(after)] = [True] * (len(after) - len(before))
        _ends(tokenizer, after[len(before) :], turn["content"])
    return Rendered(ids, learned)


def _ends(tokenizer: Any, answer: Sequence[int], content: str) -> None:
    """A model that never sees an answer end never ends one. A word may end it, white space not."""
    said = tokenizer.decode(list(answer), skip_special_tokens=False).rstrip()
    if said.endswith(content.rstrip()):
        raise BookError(
            Code.BAD_SETTING, "The model's chat template puts nothing behind an answer, so nobody "
            "would learn to stop: mend the tokenizer's chat_template, or remove it to have "
            "booktune's",
        )  # fmt: skip


def _spells_control(tokenizer: Any, turns: Sequence[Turn]) -> bool:
    """Does a message hold the spelling of a control token?"""
    controls, begins, sizes = _controls(tokenizer)
    return any(
        turn["content"][found.start() : found.start() + size] in controls
        for turn in turns
        for found in begins.finditer(turn["content"])
        for size in sizes
    )


@lru_cache(maxsize=4)
def _controls(tokenizer: Any) -> tuple[frozenset[str], re.Pattern[str], tuple[int, ...]]:
    """Spellings, what one begins with, their lengths: thousands with some models, gathered once."""
    added = getattr(tokenizer, "added_tokens_decoder", {}).values()
    spelt = {*tokenizer.all_special_tokens, *(one.content for one in added if one.special)} - {""}
    begins = "".join(sorted({re.escape(one[0]) for one in spelt}))
    return (
        frozenset(spelt),
        re.compile(f"[{begins}]" if begins else r"(?!)"),
        tuple(sorted({len(one) for one in spelt})),
    )


def _template_ids(
    tokenizer: Any, turns: Sequence[Turn], *, prompt: bool, apart: bool = False
) -> list[int]:
    """A template that has no system turn (it raises) gets that text before the user's first."""
    from jinja2.exceptions import TemplateError

    try:
        return (_pieces if apart else _applied)(tokenizer, turns, prompt)
    except TemplateError as problem:
        if turns[0]["role"] != "system" or len(turns) < 2:
            raise BookError(
                Code.BAD_SETTING, "The model's chat template refuses these turns", why=str(problem)
            ) from problem
    told = f"{turns[0]['content']}\n\n{turns[1]['content']}"
    merged = [{"role": turns[1]["role"], "content": told}, *turns[2:]]
    return _template_ids(tokenizer, merged, prompt=prompt, apart=apart)


def _applied(tokenizer: Any, turns: Sequence[Turn], prompt: bool) -> list[int]:
    return list(
        tokenizer.apply_chat_template(
            [dict(turn) for turn in turns],
            tokenize=True,
            return_dict=False,
            **({"add_generation_prompt": True} if prompt else {}),
        )
    )


def _pieces(tokenizer: Any, turns: Sequence[Turn], prompt: bool) -> list[int]:
    """The same with each message as plain text, whatever it spells."""
    holes = [{**turn, "content": _HOLE.format(n)} for n, turn in enumerate(turns)]
    more = {"add_generation_prompt": True} if prompt else {}
    text = tokenizer.apply_chat_template(holes, tokenize=False, **more)
    ids: list[int] = []
    for number, piece in enumerate(_HOLES.split(text)):
        if number % 2:
            ids += text_ids(tokenizer, turns[int(piece)]["content"], start=False)
        elif piece:
            ids += tokenizer.encode(piece, add_special_tokens=False)
    return ids


def _is_plain(tokenizer: Any) -> bool:
    template = getattr(tokenizer, "chat_template", None)
    return not template or str(template).startswith(_MARK)


def _check(turns: Sequence[Turn]) -> None:
    roles = [turn["role"] for turn in turns]
    body = roles[1:] if roles[:1] == ["system"] else roles
    expected = [("user", "assistant")[number % 2] for number in range(len(body))]
    if not body or body != expected:
        raise BookError(
            Code.BAD_ROW, "Turns must alternate, user first, after one system turn", roles=roles
        )
