"""What the layouts of ``_customs.py`` do to the records before they set them. Pure functions."""

from __future__ import annotations

import re
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

from _books import NOUNS, VERBS

__all__ = [
    "CALLS", "beside", "celled", "han", "hidden", "in_chinese", "nested", "windowed",
]  # fmt: skip

Record = dict[str, Any]
CALLS = ("def", "defp", "defmodule", "do", "end", "case", "iex>", "fn", "use", "import", "if")
_SIGNS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到"
    "作地于出就分对成会可主发年动同工也能下过子说产种面而方"
)


def windowed(records: list[Record]) -> list[Record]:
    """A name of a file before each listing, which the bar of its window shows."""
    out: list[Record] = []
    for record in records:
        if record["kind"] == "code":
            number = len(out)
            noun = NOUNS[number % len(NOUNS)]
            name = f"lib/{noun}_{number}.ex" if number % 3 else f"user@harbour: ~/{noun}{number}"
            out.append({"kind": "prose", "role": "caption", "text": name})
        out.append(record)
    return out


def beside(records: list[Record]) -> list[Record]:
    """Paragraphs before short listings are ``paired`` with them."""
    out = [dict(record) for record in records]
    for one, two in pairwise(out):
        wide = max(map(len, str(two.get("text") or "").split("\n")))
        if one["kind"] == "prose" and not one.get("role") and two["kind"] == "code" and wide < 88:
            one["role"], two["paired"] = "paired", True
    return out


def nested(records: list[Record]) -> list[Record]:
    """Runs of paragraphs and listings are as ``deep`` in lists as their place says."""
    out: list[Record] = []
    for number, record in enumerate(records):
        deep = (number // 7) % 4
        plain = record["kind"] in ("prose", "code") and record.get("role") != "li"
        out.append({**record, "deep": deep} if plain else record)
    return out


def celled(records: list[Record]) -> list[Record]:
    """A table of calls or a list of functions behind every sixth paragraph."""
    out: list[Record] = []
    number = 0
    for record in records:
        out.append(record)
        if record["kind"] != "prose" or record.get("role"):
            continue
        number += 1
        if number % 12 == 6:
            out.append(_calls(number))
        elif number % 12 == 0:
            out.append(_functions(number))
    return out


def _functions(number: int) -> Record:
    rows = [
        [f"{noun}.{verb}/{number}", f"Makes the {noun} {verb} number {number} before the others "
         "see it, and says how many it has left."]
        for noun, verb in zip(NOUNS[number % 9 : number % 9 + 3], VERBS, strict=False)
    ]  # fmt: skip
    text = "\n".join(" ".join(row) for row in rows)
    return {"kind": "table", "role": "functions", "rows": rows, "text": text}


def _calls(number: int) -> Record:
    rows = [
        [f"{noun.title()}.{verb}({number}, [:{verb}])", f"{{:ok, {number * step}}}",
         f"what the {noun} says when it can {verb}"]
        for step, (noun, verb) in enumerate(zip(NOUNS[number % 9:], VERBS[:5], strict=False), 2)
    ]  # fmt: skip
    text = "\n".join(" ".join(row) for row in [["Call", "Result", "Meaning"], *rows])
    return {"kind": "table", "header": ["Call", "Result", "Meaning"], "rows": rows, "text": text,
            "code_columns": [0, 1]}  # fmt: skip


def hidden(text: str) -> str:
    """HTML with soft hyphens in long words, and breaks of no width behind dots and strokes."""
    parts = re.split(r"(<[^>]*>|&[^;]*;)", text)
    for at, part in enumerate(parts):
        if part and part[0] not in "<&":
            part = re.sub(r"\b([a-z]{4})([a-z]{4,})\b", "\\1\u00ad\\2", part)
            parts[at] = re.sub(r"(?<=\w)([._/])(?=\w)", "\\1\u200b", part)
    return "".join(parts)


def in_chinese(records: list[Record]) -> list[Record]:
    """Words of prose and titles, and of remarks in code, are signs of Chinese instead."""
    out: list[Record] = []
    for record in records:
        if record["kind"] == "code":
            text = re.sub(r"(?m)(?<=# )[A-Za-z].*$", lambda m: _chinese(m[0]), str(record["text"]))
        elif record["kind"] == "table":
            continue
        else:
            text = _prose(str(record["text"]), record.get("inline_code") or ())
        out.append({**record, "text": text})
    return out


def _prose(text: str, pieces: Any) -> str:
    wanted = sorted(filter(None, set(pieces)), key=len, reverse=True)
    if not wanted:
        return _chinese(text)
    found = re.split(f"({'|'.join(map(re.escape, wanted))})", text)
    return " ".join(one if at % 2 else _chinese(one) for at, one in enumerate(found) if one.strip())


def _chinese(text: str) -> str:
    words = re.sub(r"[A-Za-z][A-Za-z'\u2019-]*", lambda m: _word(m[0]), text)
    for sign, ours in ((",", "，"), (".", "。"), (":", "："), ("?", "？"), ("!", "！")):
        words = words.replace(f"{sign} ", ours)
        words = words[:-1] + ours if words.endswith(sign) else words
    return re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef]) +(?=[\u3000-\u9fff])", "", words).strip()


def _word(word: str) -> str:
    told = zlib.crc32(word.lower().encode())
    return "".join(_SIGNS[(told >> (7 * at)) % len(_SIGNS)] for at in range(1 + len(word) // 5))


def han(path: Path) -> tuple[str, str | None]:
    """A file with a face for Chinese; says why there is none."""
    try:
        import pymupdf

        path.write_bytes(pymupdf.Font("cjk").buffer)
    except Exception as problem:
        return "", f"no face for Chinese ({problem})"
    return path.as_uri(), None
