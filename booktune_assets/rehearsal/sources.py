"""Real texts: general ones that are on every machine, and the user's own earlier data.

Belongs here: reading folders and JSONL files of texts or conversations, one stream of texts for
each source in an order that more rows do not change. Does not: how many of each are taken
(``real.py``), Python's help topics (``general.py``).

A line of JSONL is ``{"text"}``, ``{"messages": [{"role", "content"}]}``, ``{"conversations":
[{"from", "value"}]}``, ``{"instruction", "input", "output"}`` or ``{"prompt", "completion"}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest, file_sha256, stable_int
from booktune_assets.json_lines import line_value
from booktune_assets.rehearsal.general import LICENCE, general_texts, in_turns, passages
from booktune_assets.rehearsal.item import Item, Turns
from booktune_assets.settings_training import RehearsalTexts

__all__ = ["GENERAL", "SUFFIXES", "files_of", "general_items", "read_texts", "texts_digest"]

GENERAL = "general"
LINES = (".jsonl", ".ndjson")
SUFFIXES = (*LINES, ".txt", ".md", ".rst", ".adoc", ".text")
_ROLES = {"human": "user", "gpt": "assistant", "user": "user", "assistant": "assistant",
          "system": "system"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Bad(Exception):
    says: str


def general_items(n: int, chars: int, origin: str) -> list[Item]:
    """``n`` passages of general technical English, fewer when there are no more."""
    return [Item(origin, one.source, LICENCE, one.text) for one in general_texts(n, chars)]


def files_of(path: Path) -> list[Path]:
    """The files of a source, sorted; raises ``BookError(FILE_MISSING)`` when there are none."""
    path = path.expanduser()
    found = [path] if path.is_file() else []
    if path.is_dir():
        found = sorted(one for one in path.rglob("*") if one.suffix in SUFFIXES and one.is_file())
    if not found:
        raise BookError(
            Code.FILE_MISSING,
            f"Name a file or folder with texts: {', '.join(SUFFIXES)}", path=path,
        )  # fmt: skip
    return found


def texts_digest(path: Path) -> str:
    """Digest of all files of a source: their names and bytes."""
    return digest([[one.name, file_sha256(one)] for one in files_of(path)])


def read_texts(source: RehearsalTexts, chars: int) -> list[Item]:
    """All texts of a source, those that cannot be used with their reason.

    Raises ``BookError(BAD_ROW)`` when not one of them can be used.
    """
    found: dict[str, list[str]] = {}
    talks: list[Item] = []
    bad: list[Item] = []
    for file in files_of(source.path):
        name = f"{source.path.name}/{file.name}" if file != source.path else file.name
        if file.suffix in LINES:
            for item in _lines(file, name, source):
                (bad if item.reason else talks).append(item)
        else:
            found[name] = _passages(_text_of(file), chars)
    plain = [one for one in talks if not one.turns]
    for item in plain:
        found.setdefault(item.source, []).extend(_passages(item.text, chars))
    size = sum(map(len, found.values()))
    texts = [
        Item(source.origin, one.source, source.licence, one.text) for one in in_turns(found, size)
    ]
    spoken = sorted((one for one in talks if one.turns), key=lambda one: stable_int(one.row_id))
    if not texts and not spoken:
        raise BookError(
            Code.BAD_ROW,
            f"Mend its texts: {bad[0].detail if bad else 'none is long enough for a row'}",
            path=source.path,
        )
    return [*_merged(texts, spoken), *bad]


def _passages(text: str, chars: int) -> list[str]:
    """Passages of a text; one that is shorter than a passage stays whole."""
    found = list(passages(tuple(part for part in text.split("\n\n") if part.strip()), chars))
    return found or ([text.strip()] if text.strip() else [])


def _merged(texts: list[Item], spoken: list[Item]) -> list[Item]:
    """Both kinds by turns: which are taken does not depend on how many."""
    pairs = min(len(texts), len(spoken))
    both = [one for two in zip(texts, spoken, strict=False) for one in two]
    return both + texts[pairs:] + spoken[pairs:]


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise BookError(
            Code.BAD_ROW, "Save it as UTF-8 text, or take it away", file=file, why=problem
        ) from problem


def _lines(file: Path, name: str, source: RehearsalTexts) -> Iterator[Item]:
    for number, line in enumerate(_text_of(file).split("\n"), start=1):  # texts hold other ends
        if not line.strip():
            continue
        try:
            turns = _turns(line_value(line))
            text = turns[-1][1]
            talk = turns if len(turns) > 1 else ()
            yield Item(source.origin, name, source.licence, text, talk)
        except (_Bad, ValueError) as problem:
            says = problem.says if isinstance(problem, _Bad) else problem
            item = Item(source.origin, name, source.licence, line[:2000])
            item.reject("bad_row", f"line {number}: {says}")
            yield item


def _turns(row: object) -> Turns:
    """The turns of a row; one turn of its own is plain text."""
    if isinstance(row, str):
        row = {"text": row}
    if not isinstance(row, Mapping):
        raise _Bad("it is no object")
    row = cast("Mapping[str, Any]", row)
    if said := row.get("messages") or row.get("conversations"):
        return _checked(said)
    if "output" in row and "instruction" in row:
        asked = [str(row["instruction"]), str(row.get("input") or "")]
        return _filled((("user", "\n\n".join(filter(None, asked))), ("assistant", row["output"])))
    if "completion" in row and "prompt" in row:
        return _filled((("user", row["prompt"]), ("assistant", row["completion"])))
    if "text" in row:
        return _filled((("assistant", row["text"]),))
    raise _Bad("it has neither text nor messages, conversations, instruction or prompt")


def _checked(said: object) -> Turns:
    if not isinstance(said, list):
        raise _Bad("its messages are no list")
    turns: list[tuple[str, Any]] = []
    for one in cast("list[Any]", said):
        if not isinstance(one, Mapping):
            raise _Bad("a message is no object")
        one = cast("Mapping[str, Any]", one)
        role = _ROLES.get(str(one.get("role") or one.get("from") or ""))
        if role is None:
            raise _Bad("a message has no role that is known")
        turns.append((role, one.get("content", one.get("value"))))
    spoken = [role for role, _ in turns if role != "system"]
    if turns and any(role == "system" for role, _ in turns[1:]):
        raise _Bad("only the first message may be the system's")
    if len(spoken) < 2 or spoken != ["user", "assistant"] * (len(spoken) // 2):
        raise _Bad("user and assistant do not take turns")
    return _filled(tuple(turns))


def _filled(turns: tuple[tuple[str, Any], ...]) -> Turns:
    if any(not isinstance(content, str) or not content.strip() for _, content in turns):
        raise _Bad("a text is empty or no text")
    return turns
