"""Listings of pairs under one name each: of those that are one program, all say the same text.

Belongs here: which fenced pieces are one program, and putting one of them for all. Does not: the
canonical form (``beam/canonical.py``), comparing pairs (``duplicates.py``).

Trees are made only of pieces whose signs and numbers are equal already: a million examples hold few
of those, and each is looked at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from booktune_assets.beam.canonical import canonical_hash
from booktune_assets.on_disk import Column
from booktune_assets.pairs.rules import fences
from booktune_assets.pairs.shingles import FENCED, code_of, slices

__all__ = ["one_name_each"]

ROWS = 20_000  # in work at a time

_LANGUAGES = {"ex": "elixir", "exs": "elixir", "erl": "erl_shell"}
_DOC = r'(?s)@(?:module|type|short)?doc\s+(?:~[sS])?(?:""".*?"""|"(?:\\.|[^"\\])*"|false)'
_COMMENT = r'(?m)("(?:\\.|[^"\\\n])*")|[#%](?:[^{\n][^\n]*)?$'
_NAMES = r"[\p{L}_][\p{L}\p{N}_]*|\s+"


def one_name_each(turns: Column) -> Iterator[pl.Series]:
    """The turns in NFC, a slice after another, where each fenced piece is the shortest of those
    that are one program.

    ``turns`` is a column of lists of ``role content``. The result does not depend on the order of
    rows.
    """
    first = _firsts(turns)
    for part in slices(len(turns), ROWS):
        yield _packed(turns[part], first)


def _flat(turns: pl.Series) -> pl.DataFrame:
    """A row for each message, in NFC."""
    flat = turns.list.explode(empty_as_null=False, keep_nulls=False).struct.unnest()
    return flat.select("role", pl.col("content").str.normalize("NFC"))


def _packed(turns: pl.Series, first: Mapping[str, str]) -> pl.Series:
    """The turns with each piece replaced by the first of its twins."""
    flat = _flat(turns)
    if first:
        pieces = flat["content"].str.extract_all(FENCED)
        touched = pieces.list.eval(pl.element().is_in(list(first))).list.any().fill_null(False)
        content = flat["content"].to_list()
        for row in touched.arg_true().to_list():
            for piece in pieces[row]:
                content[row] = content[row].replace(piece, first.get(piece, piece))
        flat = flat.with_columns(content=pl.Series(content, dtype=pl.String))
    rows = np.repeat(np.arange(len(turns)), turns.list.len().to_numpy())
    packed = (
        flat.select(row=pl.Series(rows), turns=pl.struct("role", "content"))
        .group_by("row", maintain_order=True)
        .agg("turns")
    )
    return packed["turns"]


def _firsts(turns: Column) -> dict[str, str]:
    """For each piece that has a shorter twin that twin.

    Of the pieces of all rows only hashes are held; those with the signs of another one are few.
    """
    seen = [_marks(_pieces(turns[part])) for part in slices(len(turns), ROWS)]
    marks = pl.concat(seen).unique() if seen else _marks(pl.Series([], dtype=pl.String))
    twins = marks.filter(pl.len().over("signs") > 1)["piece"]
    del seen, marks
    wanted = [_twins(turns[part], twins) for part in slices(len(turns), ROWS) if len(twins)]
    if not wanted:
        return {}
    groups = pl.concat(wanted).unique().group_by("signs").agg(pl.col("text").unique())
    found: dict[str, str] = {}
    for texts in groups["text"].to_list():
        programs: dict[str, list[str]] = defaultdict(list)
        for piece in texts:
            marked = fences(piece)
            lang, code = marked[0] if marked else ("", piece)
            lang = _LANGUAGES.get(lang, lang)
            programs[f"{lang} {canonical_hash(code, lang)}"].append(piece)
        for same in programs.values():
            shortest = min(same, key=lambda piece: (len(piece), piece))
            found |= {piece: shortest for piece in same if piece != shortest}
    return found


def _pieces(turns: pl.Series) -> pl.Series:
    """The fenced pieces of some rows, each once."""
    pieces = _flat(turns)["content"].str.extract_all(FENCED)
    return pieces.list.explode(empty_as_null=False, keep_nulls=False).unique()


def _marks(pieces: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"piece": pieces.hash(2), "signs": _signs(pieces).hash(1)})


def _twins(turns: pl.Series, twins: pl.Series) -> pl.DataFrame:
    """The pieces of some rows that have a twin, and their signs."""
    pieces = _pieces(turns)
    pieces = pieces.filter(pieces.hash(2).is_in(twins.implode()))
    return pl.DataFrame({"signs": _signs(pieces).hash(1), "text": pieces})


def _signs(pieces: pl.Series) -> pl.Series:
    """Less than the tree says: no comments, documentation, white space and names."""
    code = code_of(pieces).str.replace_all(_DOC, "").str.replace_all(_COMMENT, "${1}")
    return code.str.replace_all(_NAMES, "")
