"""Names of code among tokens: what is one, and that ids and mask stay in step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.llm.chat import text_ids
from booktune_assets.llm.loading import load_tokenizer
from booktune_assets.training.identifiers import names_of_code


class Letters:
    """A tokenizer of single characters."""

    def decode(self, ids: list[int]) -> str:
        return "".join(map(chr, ids))


class Pieces:
    """A tokenizer of given pieces."""

    def __init__(self, *pieces: str) -> None:
        self.pieces = pieces

    def convert_ids_to_tokens(self, ids: list[int]) -> list[str]:
        return [self.pieces[number] for number in ids]


def _named(text: str) -> list[str]:
    mask = names_of_code(Letters(), [ord(letter) for letter in text])
    marked = "".join(letter if on else "\0" for letter, on in zip(text, mask, strict=True))
    return [word for word in marked.split("\0") if word]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Call Enum.map/2 or handle_call here.", ["Enum.map", "handle_call"]),
        ("A GenServer is an ordinary Process", ["GenServer"]),
        ("It returns :ok, not @impl: none", [":ok", "@impl"]),
        ("use `fold` when in doubt", ["fold"]),
        ("```elixir\ndef add(a, b), do: total\n```\nThen add and total.",
         ["add", "a", "b", "total"]),
        ("```\nopen end(x", ["open", "x"]),
        ("The ratio is 3:4 and http://x is a link", []),
        ("Plain words. Nothing else!", []),
    ],
)  # fmt: skip
def test_names(text: str, names: list[str]) -> None:
    assert _named(text) == names


def test_pieces_of_common_vocabularies() -> None:
    words = Pieces("▁see", "▁hand", "le_", "call", "<0x0A>", "Ġthen", "Ċ", "<0xC3>")
    assert names_of_code(words, range(8)) == [
        False, True, True, True, False, False, False, False
    ]  # fmt: skip


@given(st.text(max_size=60))
def test_one_mark_for_each_token(text: str) -> None:
    ids = [ord(letter) for letter in text]
    assert len(names_of_code(Letters(), ids)) == len(ids)


def test_with_a_tokenizer_of_ours(tiny) -> None:
    tokenizer = load_tokenizer(tiny.path)
    text = "So call start_link now"
    ids = text_ids(tokenizer, text)
    mask = names_of_code(tokenizer, ids)
    kept = tokenizer.decode([token for token, on in zip(ids, mask, strict=True) if on])
    assert kept == "start_link"
