"""What the installed parser and compiler say of each block of code: whole, a piece, or damaged.

Belongs here: one verdict a block, without running anything. Does not: asking (``validity.py``),
verdicts on what code does (``verify.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from booktune_assets.beam.elixir_tree import operator
from booktune_assets.beam.grammar import language_of, looks_like, parses
from booktune_assets.beam.reasons import placeholder
from booktune_assets.beam.steps import OUTPUT, Passage
from booktune_assets.beam.tree import content, masked, pieces, text_of
from booktune_assets.beam.validity import Validity, valid
from booktune_assets.errors import Code, MissingPrerequisite

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["JUDGED_LANGS", "judge_blocks"]

JUDGED_LANGS = ("elixir", "erlang", "iex", "erl_shell")
_OTHER = {"elixir": "erlang", "erlang": "elixir", "iex": "erl_shell", "erl_shell": "iex"}
# what stands around a piece that is no expression by itself: clauses, the rest of a pipeline, a
# section of a block, keywords
_AROUND = {
    "elixir": (
        ("case x do\n", "\nend"), ("x\n", ""), ("try do\nx\n", "\nend"), ("[\n", "\n]"),
        ("x do\n", ""), ("if x do\nx\n", "\nend"),
    ),
    "erlang": (("case x of\n", "\nend."), ("x() -> x\n", ".")),
}  # fmt: skip
_PIECE = "a piece of something larger"
_INSIDE = frozenset(
    ("def", "defp", "defmacro", "defmacrop", "defguard", "defguardp", "defdelegate", "defstruct",
     "defexception", "defoverridable", "use")
)  # fmt: skip
_SHELL = re.compile(
    r"\s*(?:\$ |mix |iex -S|elixirc? |erlc? |GET |POST |git |cd |Compiling \d|Generated \w+ app|"
    r"Resolving Hex|\* creating )"
)
Row = dict[str, Any]


def judge_blocks(passages: Iterable[Passage]) -> list[Row]:
    """``verdict``, ``reads_as``, ``line`` and ``message`` of each block in a language judged here.

    Raises MISSING_PROGRAM without Elixir, NO_SANDBOX without a sandbox.
    """
    blocks = [one for one in passages if one.lang in JUDGED_LANGS and one.text.strip()]
    said: dict[int, Row] = {}
    for lang in JUDGED_LANGS:
        numbers = [number for number, one in enumerate(blocks) if one.lang == lang]
        texts = [blocks[number].text for number in numbers]
        for number, answer in zip(numbers, _asked(texts, lang), strict=True):
            said[number] = _said(answer, blocks[number])
    for lang in JUDGED_LANGS:
        wrong = (n for n, one in said.items() if one["verdict"] == "damaged")
        _pieces(lang, {n: blocks[n].text for n in wrong if blocks[n].lang == lang}, said)
    for number, one in said.items():
        if one["verdict"] == "damaged" and not one["reads_as"]:
            _excused(blocks[number], one)
    return [
        {"block_id": one.block_id, "section_id": one.section_id, "lang": one.lang} | said[number]
        for number, one in enumerate(blocks)
    ]


def _asked(texts: Sequence[str], lang: str) -> list[Validity]:
    answers = valid(texts, lang) if texts else []
    if answers is None:
        raise MissingPrerequisite(
            Code.MISSING_PROGRAM,
            "Install Elixir, Erlang and a sandbox (apt-get install elixir erlang-dev bubblewrap)",
            program="elixir",
        )
    return answers


def _said(answer: Validity, block: Passage) -> Row:
    verdict = "damaged"
    if answer.compiles is False:
        verdict = "refused"
    elif answer.ok:
        whole = block.lang not in ("elixir", "erlang") or _is_whole(block, answer)
        verdict = "valid" if whole else "fragment"
    reads = block.lang if answer.ok else ""
    return {
        "verdict": verdict, "reads_as": reads, "line": answer.line or None,
        "message": answer.message,
    }  # fmt: skip


def _is_whole(block: Passage, answer: Validity) -> bool:
    """Could it be a file as it stands? A function of no module could not."""
    if block.lang == "erlang":
        return answer.compiles is True
    roots = [one for piece in pieces(block.text, "elixir") for one in content(piece.root)]
    return not any(_is_loose(one) for one in roots)


def _is_loose(node: Node) -> bool:
    """Something that only a module may hold."""
    if node.type == "unary_operator":
        return operator(node) == "@"
    return node.type == "call" and text_of(node.child_by_field_name("target")) in _INSIDE


def _pieces(lang: str, damaged: dict[int, str], said: dict[int, Row]) -> None:
    """Blocks that parse with something around them are pieces, and what stands above an error may
    be whole; others may be in the other language. All are asked at once: a BEAM takes long to
    start."""
    plain = "elixir" if lang in ("elixir", "iex") else "erlang"
    tried: list[tuple[int, str, str]] = []
    for number, text in damaged.items():
        if "\n** (" in text:
            tried.append((number, "an error is shown below it", text.partition("\n** (")[0]))
        for before, after in _AROUND[plain] if lang == plain else ():
            tried.append((number, _PIECE, before + _bare(text, plain) + after))
    found: set[int] = set()
    answers = _asked([text for *_, text in tried], lang)
    for (number, message, _), answer in zip(tried, answers, strict=True):
        if answer.ok and number not in found:
            found.add(number)
            verdict = "fragment" if message == _PIECE else "valid"
            said[number] |= {"verdict": verdict, "reads_as": lang, "line": None, "message": message}
    other = _OTHER[lang]
    signs = {n: one for n, one in damaged.items() if n not in found and language_of(one) == other}
    for number, answer in zip(signs, _asked(list(signs.values()), other), strict=True):
        if answer.ok:
            said[number]["reads_as"] = other


def _excused(block: Passage, row: Row) -> None:
    """Words, output and commands were never code; what holds `...` was never meant whole; what the
    grammar takes and the installed parser does not is, most often, of a newer version."""
    text = block.text
    typed = masked(text, block.lang) if block.lang in ("iex", "erl_shell") else text
    words = not typed.strip() or OUTPUT.match(text) or _SHELL.match(text)
    plain = "elixir" if block.lang in ("elixir", "iex") else "erlang"
    if not words and (what := placeholder(text)):
        row |= {"verdict": "fragment", "message": f"a placeholder: {what}"}
    elif words or not looks_like(text, plain):
        row |= {"verdict": "not_code", "line": None}
    elif parses(text, block.lang):
        row |= {"verdict": "newer", "reads_as": block.lang}


def _bare(text: str, lang: str) -> str:
    """A piece of Erlang without the mark that joins it to what follows."""
    return text if lang == "elixir" else text.rstrip().rstrip(".,;")
