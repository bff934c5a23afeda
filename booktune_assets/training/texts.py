"""Texts and conversations of an earlier stage, read from where the settings say.

Belongs here: files to rows, their digest, the demo pool. Does not: tokens (``batches.py``), runs
(``stages.py``).

A folder is read as text files, each a row (what is no text, a picture say, is left out, and a
folder without any text is an error); a file as JSONL, each line ``{"text": …}`` or
``{"conversations": [{"from": "human" | "gpt" | "system", "value": …}, …]}`` (ShareGPT).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest, file_sha256, make_id, stable_int
from booktune_assets.json_lines import line_value

__all__ = [
    "POOL", "check_examples", "demo_pool", "require_texts", "stage_rows", "texts_digest",
    "turns_of",
]  # fmt: skip

POOL = 64  # rows that a stage keeps for later stages to look at
_STRAY = 0.01  # share of characters that may be broken: more, and it is no UTF-8 text
_SPEAKERS = {"human": "user", "gpt": "assistant", "system": "system"}


def texts_digest(place: Path) -> str:
    """Digest of names and bytes. Raises ``BAD_SETTING`` when there is nothing."""
    return digest([[name, file_sha256(path)] for name, path in _files(place)])


def stage_rows(place: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(texts with ``row_id`` and ``text``, examples with ``example_id`` and ``turns``), in order.

    Raises ``BAD_ROW`` with the file and line of a row that is neither.
    """
    texts: list[dict[str, Any]] = []
    examples: list[dict[str, Any]] = []
    places: list[tuple[str, int]] = []
    for name, path in _files(place):
        if place.is_dir():
            if (text := _text_of(path)).strip():
                texts.append({"row_id": make_id("text", name, text), "text": text})
            continue
        for line, raw in enumerate(_utf8(path, name).split("\n"), start=1):
            if not raw.strip():
                continue
            row = _row(raw, name, line)
            if "conversations" in row:
                one = make_id("ex", name, line)
                examples.append({"example_id": one, "turns": turns_of(row["conversations"])})
                places.append((name, line))
            else:
                texts.append({"row_id": make_id("text", name, line), "text": row["text"]})
    check_examples(examples, places)
    if not texts and not examples:
        raise BookError(Code.NO_EXAMPLES, "Put texts (UTF-8) there", texts=place)
    return texts, examples


def turns_of(conversations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Turns with roles from ShareGPT messages; an unknown speaker keeps its name."""
    return [
        {"role": _SPEAKERS.get(message["from"], message["from"]), "content": message["value"]}
        for message in conversations
    ]


def check_examples(
    examples: Sequence[Mapping[str, Any]], places: Sequence[tuple[str, int]] = ()
) -> None:
    """Raises ``BAD_ROW`` that names the first bad example, and says how many there are.

    Turns alternate, the user first, after at most one system turn; the assistant has the last word;
    no turn is empty. ``places``: file and line of each example, where it was read from one.
    """
    faults = [(number, _fault(one.get("turns") or [])) for number, one in enumerate(examples)]
    bad = [(number, why) for number, why in faults if why]
    if not bad:
        return
    first, why = bad[0]
    where: dict[str, object] = {"example": examples[first].get("example_id")}
    if places:
        where = dict(zip(("file", "line"), places[first], strict=True))
    remedy = "Mend the row, or take it out" if places else "Build the set again, or mend the rows"
    raise BookError(Code.BAD_ROW, remedy, **where, why=why, bad=len(bad), of=len(examples))


def demo_pool(
    texts: Sequence[Mapping[str, Any]], examples: Sequence[Mapping[str, Any]], chars: int
) -> list[dict[str, Any]]:
    """At most ``POOL`` rows of a stage, drawn by their ids: what later stages rehearse or refer to.

    Rows have columns of ``rehearsal_set`` (``row_id``, ``prompt``, ``text``, ``turns``).
    """
    rows: list[dict[str, Any]] = [
        {"row_id": row["row_id"], "prompt": "", "text": row["text"][:chars], "turns": None}
        for row in texts
    ]
    for one in examples:
        *before, last = one["turns"]
        answer = last["content"][:chars]
        rows.append({
            "row_id": one["example_id"], "prompt": before[-1]["content"], "text": answer,
            "turns": [*before, {**last, "content": answer}],
        })  # fmt: skip
    return sorted(rows, key=lambda row: stable_int(f"pool:{row['row_id']}"))[:POOL]


def _fault(turns: Sequence[Mapping[str, Any]]) -> str:
    roles = [turn.get("role") for turn in turns]
    body = roles[1:] if roles[:1] == ["system"] else roles
    if not body or len(body) % 2 or body != ["user", "assistant"] * (len(body) // 2):
        return f"roles {roles}"
    for number, turn in enumerate(turns):
        content = turn.get("content")
        if not isinstance(content, str) or not content.strip():
            return f"turn {number} is empty"
        try:
            content.encode()
        except UnicodeEncodeError:
            return f"turn {number} has half of a surrogate pair"
    return ""


def require_texts(place: Path) -> None:
    """Raises ``BAD_SETTING`` where there is no file at all; none is read."""
    _files(place)


def _files(place: Path) -> list[tuple[str, Path]]:
    place = place.expanduser()
    if place.is_file():
        return [(place.name, place)]
    found = [
        (str(path.relative_to(place)), path)
        for path in sorted(place.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    if not found:
        raise BookError(Code.BAD_SETTING, "Name a folder of texts or a JSONL file", texts=place)
    return found


def _text_of(path: Path) -> str:
    """The text of a file, empty for what is none: bytes that no text has, or mostly not UTF-8."""
    raw = path.read_bytes()
    if b"\0" in raw:
        return ""
    text = raw.decode("utf-8", errors="replace")
    return text if text.count("\ufffd") <= _STRAY * len(text) else ""


def _utf8(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        raise BookError(Code.BAD_ROW, "Save it as UTF-8", file=name, line=line) from problem


def _is_message(one: object) -> bool:
    return isinstance(one, dict) and all(
        isinstance(cast("dict[str, Any]", one).get(key), str) for key in ("from", "value")
    )


def _row(raw: str, name: str, line: int) -> dict[str, Any]:
    why: dict[str, object] = {}
    try:
        row: dict[str, Any] = line_value(raw)
        said: Any = row.get("conversations")
        good = isinstance(row.get("text"), str) if said is None else isinstance(said, list)
        good = good and all(_is_message(one) for one in said or ())
    except ValueError as problem:
        good, row = False, {}
        why["why"] = problem
    except AttributeError:
        good, row = False, {}
    if not good:
        raise BookError(
            Code.BAD_ROW,
            'Write {"text": …} or {"conversations": [{"from": "human", "value": …}, …]}',
            file=name, line=line, **why,
        )  # fmt: skip
    return row
