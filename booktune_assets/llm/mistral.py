"""Mistral's own tokenisation: messages to ids by mistral-common, never by way of a string.

Belongs here: the tokenizer of a folder with ``tekken.json``, its control tokens, which ids are the
assistant's. Does not: other models' formats (``chat.py``), weights (``loading.py``).

A conversation that is written out as text and tokenised again loses its control tokens: ``[INST]``
comes back as four tokens of text instead of id 3. Here messages go to ids at once, and what looks
like a control token inside of a message stays text. So control ids stand only where the format puts
them, and the answers are exactly what stands between ``[/INST]`` and ``</s>``.

System prompts: from v7 on they stand first, between control tokens of their own; v3 writes them
into the last question. Spaces at the very end of an answer are not learned: the format drops them.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from booktune_assets.errors import BookError, Code, MissingPrerequisite

__all__ = ["CONTROLS", "TEKKEN", "check_controls", "conversation", "is_mistral", "open_tokenizer"]

TEKKEN = "tekken.json"
VOCABULARY = 131_072
# The first twenty ids of every tekken file, v3 to v13: what models were trained with.
_NAMES = (
    "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]",
    "[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
)  # fmt: skip
CONTROLS: Mapping[str, int] = {name: number for number, name in enumerate(_NAMES)}
_LATER = {"v11": ("[ARGS]", "[CALL_ID]"), "v13": ("[ARGS]",)}
_VERSIONS = ("v3", "v7", "v11", "v13")
_EOS, _ANSWERS = CONTROLS["</s>"], CONTROLS["[/INST]"]


def is_mistral(tokenizer: Any) -> bool:
    """Is it transformers' wrapper of mistral-common?"""
    return hasattr(getattr(tokenizer, "tokenizer", None), "instruct_tokenizer")


def open_tokenizer(folder: Path) -> Any:
    """The tokenizer of a folder with ``tekken.json``, its control ids checked.

    Raises ``MISSING_EXTRA`` without mistral-common, ``BAD_SETTING`` for a file that is no tekken or
    whose control tokens have other ids than models were trained with.
    """
    if importlib.util.find_spec("mistral_common") is None:
        raise MissingPrerequisite(
            Code.MISSING_EXTRA, "pip install 'booktune[train]' (mistral-common)", model=folder
        )
    from transformers.tokenization_mistral_common import MistralCommonBackend

    try:
        tokenizer: Any = MistralCommonBackend(str(folder / TEKKEN))
    except (ValueError, KeyError, TypeError, AssertionError, OSError) as problem:
        raise BookError(
            Code.BAD_SETTING,
            f"Download {TEKKEN} of this model again, or a newer mistral-common: it does not load",
            model=folder,
            why=f"{type(problem).__name__}: {problem}",
        ) from problem
    check_controls(tokenizer)
    return tokenizer


def check_controls(tokenizer: Any) -> None:
    """Compare the control tokens' ids with those that Mistral's models know.

    Raises ``BAD_SETTING`` that names the token, the id it has and the id it should have.
    """
    inner = tokenizer.tokenizer.instruct_tokenizer.tokenizer
    version = str(getattr(inner.version, "value", inner.version))
    if not hasattr(inner, "num_special_tokens") or version not in _VERSIONS:
        raise _wrong("one of tekken " + ", ".join(_VERSIONS), version=version)
    for name, wanted in CONTROLS.items():
        found = _control(inner, name)
        if found != wanted:
            raise _wrong(f"{name} as id {wanted}", version=version, found=found)
    for name in _LATER.get(version, ()):
        found = _control(inner, name)
        if found is None or not len(CONTROLS) <= found < inner.num_special_tokens:
            raise _wrong(f"{name} among the control tokens", version=version, found=found)
    if inner.n_words != VOCABULARY:
        raise _wrong(f"{VOCABULARY} tokens", version=version, found=inner.n_words)
    if tokenizer.pad_token_id != CONTROLS["<pad>"]:
        raise _wrong(f"<pad> as id {CONTROLS['<pad>']}", pad=tokenizer.pad_token_id)


def conversation(
    tokenizer: Any, turns: Sequence[Mapping[str, str]], *, prompt: bool
) -> tuple[list[int], list[bool]]:
    """Ids of a conversation, and which are the assistant's, its ``</s>`` included.

    ``prompt``: the last turn is the user's and the assistant is about to answer. Turns must
    alternate already. Raises ``BAD_ROW`` for what mistral-common refuses, such as empty turns.
    """
    from mistral_common.exceptions import MistralCommonException
    from mistral_common.protocol.instruct.request import ChatCompletionRequest

    messages: list[Any] = [dict(turn) for turn in turns]
    if messages[0]["role"] == "system" and not messages[0]["content"]:
        messages = messages[1:]  # no words are no system prompt
    if empty := [number for number, turn in enumerate(messages) if not turn["content"].strip(" ")]:
        raise BookError(Code.BAD_ROW, "Every turn needs words", turn=empty[0])
    encoder = _encoder(tokenizer.tokenizer, prompt)
    try:
        request: Any = ChatCompletionRequest.from_openai(messages)
        ids = [int(token) for token in encoder.encode_chat_completion(request).tokens]
    except (MistralCommonException, ValueError, AssertionError) as problem:
        raise BookError(
            Code.BAD_ROW, f"Mistral's format does not take these turns: {problem}",
            turns=len(turns),
        ) from problem  # fmt: skip
    learned = _answers(ids)
    wanted = sum(turn["role"] == "assistant" for turn in turns)
    if sum(mine and token == _EOS for token, mine in zip(ids, learned, strict=True)) != wanted:
        raise BookError(
            Code.INTERNAL, "Answers and end tokens do not agree: report this conversation",
            answers=wanted,
        )  # fmt: skip
    return ids, learned


def _answers(ids: Sequence[int]) -> list[bool]:
    """True from behind ``[/INST]`` up to and with ``</s>``."""
    mine, found = False, list[bool]()
    for token in ids:
        found.append(mine)
        if token == _ANSWERS:
            mine = True
        elif token == _EOS:
            mine = False
    return found


@lru_cache(maxsize=8)
def _encoder(whole: Any, prompt: bool) -> Any:
    """The same tokenizer with the rules of fine-tuning: the last turn is the assistant's."""
    from mistral_common.protocol.instruct.normalize import get_normalizer
    from mistral_common.protocol.instruct.validator import ValidationMode, get_validator
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

    inner = whole.instruct_tokenizer.tokenizer
    mode = ValidationMode.test if prompt else ValidationMode.finetuning
    return MistralTokenizer(
        whole.instruct_tokenizer,
        validator=get_validator(inner.version, mode=mode),
        request_normalizer=get_normalizer(inner.version, inner.model_settings_builder),
    )


def _control(inner: Any, name: str) -> int | None:
    try:
        return int(inner.get_special_token(name))
    except (ValueError, KeyError):
        return None


def _wrong(wanted: str, **found: object) -> BookError:
    return BookError(
        Code.BAD_SETTING,
        f"{TEKKEN} has to hold {wanted}: take the file that belongs to the weights",
        **found,
    )
