"""Small books for tests: a few lines of Markdown-like text become frames of ``sections``."""

import json
import re
from pathlib import Path

import polars as pl

from booktune_assets.ids import make_id, normalise_code, normalise_prose
from booktune_assets.schemas import SECTION_BLOCKS, SECTION_SPANS, SECTIONS

Block = tuple[str, str, str]  # kind, lang, text
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)


def frames(book_id: str, parts: list[tuple[int, str, list[Block]]]) -> dict[str, pl.DataFrame]:
    """Frames from (level, title, blocks)."""
    sections: list[dict[str, object]] = []
    rows: list[dict[str, object]] = []
    spans: list[dict[str, object]] = []
    seen: dict[tuple[str, ...], int] = {}
    path: list[str] = []

    def nth(*key: str) -> int:
        seen[key] = seen.get(key, -1) + 1
        return seen[key]

    for ordinal, (level, title, blocks) in enumerate(parts):
        path = [*path[: max(level - 1, 0)], title]
        text = "\n\n".join(block[2] for block in blocks)
        normal = normalise_prose(title + " " + text)
        section_id = make_id("sec", book_id, normal, nth("sec", normal))
        start = 0
        for place, (kind, lang, body) in enumerate(blocks):
            code = kind in ("code", "iex", "erl_shell", "output")
            same = normalise_code(body) if code else normalise_prose(body)
            row = {
                "block_id": make_id("blk", book_id, kind, same, nth("blk", kind, same)),
                "section_id": section_id, "book_id": book_id, "char_start": start,
                "char_end": start + len(body),
            }  # fmt: skip
            rows.append({**row, "ordinal": place, "kind": kind, "lang": lang, "text": body})
            spans.append(
                {**row, "part": 0, "file_sha256": "0" * 64, "page": ordinal + 1, "href": None}
            )
            start += len(body) + 2
        sections.append(
            {
                "section_id": section_id, "book_id": book_id, "ordinal": ordinal, "level": level,
                "title": title, "title_path": list(path), "role": "body", "kind": "section",
                "text": text,
                "chars": len(text), "page_first": ordinal + 1, "page_last": ordinal + 1,
                "code_chars": sum(len(b[2]) for b in blocks if b[0] == "code"),
            }
        )  # fmt: skip
    return {
        "sections": SECTIONS.frame(sections),
        "blocks": SECTION_BLOCKS.frame(rows),
        "spans": SECTION_SPANS.frame(spans),
    }


def book(text: str, book_id: str = "lab") -> dict[str, pl.DataFrame]:
    """Frames of Markdown-like text: ``#`` headings, blank lines, fences."""
    parts: list[tuple[int, str, list[Block]]] = []
    for piece in re.split(r"(?m)^(?=#{1,4} [A-Z`])", text.strip() + "\n"):
        if not piece.strip():
            continue
        head, _, body = piece.partition("\n")
        blocks: list[Block] = []
        place = 0
        for fence in _FENCE.finditer(body):
            blocks += _paragraphs(body[place : fence.start()])
            lang = fence[1] or "other"
            kind = lang if lang in ("iex", "erl_shell", "output") else "code"
            blocks.append((kind, lang, fence[2].rstrip("\n")))
            place = fence.end()
        blocks += _paragraphs(body[place:])
        parts.append((len(head) - len(head.lstrip("#")), head.lstrip("# ").strip(), blocks))
    return frames(book_id, parts)


def truth(path: Path, book_id: str) -> dict[str, pl.DataFrame]:
    """Frames of a ground-truth file: headings, prose and code as the source has them."""
    parts: list[tuple[int, str, list[Block]]] = []
    default = "erlang" if "cowboy" in path.name else "elixir"
    for line in path.read_text().splitlines():
        row = json.loads(line)
        if row["kind"] == "heading":
            parts.append((row["level"], row["text"], []))
        elif not parts:
            continue
        elif row["kind"] == "prose":
            kind = {"li": "list", "caption": "caption", "footnote": "footnote"}.get(
                row.get("role", ""), "prose"
            )
            parts[-1][2].append((kind, "", row["text"]))
        elif row["kind"] == "code":
            lang = row.get("lang") or default
            if row.get("role") == "output":
                lang = "output"
            if re.search(r"(?m)^\s*iex.*>", row["text"]):
                lang = "iex"
            elif re.search(r"(?m)^\d+> ", row["text"]):
                lang = "erl_shell"
            kind = lang if lang in ("iex", "erl_shell", "output") else "code"
            known = lang if lang in ("elixir", "erlang", "iex", "erl_shell", "output") else "other"
            parts[-1][2].append((kind, known, row["text"]))
    return frames(book_id, parts)


def _paragraphs(text: str) -> list[Block]:
    found = [piece.strip("\n") for piece in re.split(r"\n\s*\n", text) if piece.strip()]
    return [("list" if piece.startswith("- ") else "prose", "", piece) for piece in found]
