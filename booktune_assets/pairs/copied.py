"""How much of a book stands in answers word for word, and the bounds that a licence may ask for.

Belongs here: the longest copied run of each pair, the copied share of each book, what goes when a
bound is set. Does not: what a licence allows (``licences.py``).

Runs are compared with white space collapsed, and begin and end at words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from booktune_assets.pairs.licences import Licence
from booktune_assets.pairs.mix import priority
from booktune_assets.settings_sets import Licences

__all__ = ["GATE", "beyond_bounds", "copied_runs", "copied_shares", "longest_run"]

GATE = "licence"
Quote = tuple[str, int, int]  # section, start, end


def copied_runs(
    pairs: pl.DataFrame, evidence: pl.DataFrame, texts: Mapping[str, str], *, whole: bool = False
) -> dict[str, int]:
    """Pair id to the longest run of characters that an answer has from the sections behind it;
    of the ``whole`` row, with listings and passages of its questions.

    An extractive answer is made of its quotes, so they are the runs; what a teacher wrote is
    searched for in the sections that it was given.
    """
    roles = ("answer", "question") if whole else ("answer",)
    quotes: dict[str, list[tuple[str, int, int, str]]] = defaultdict(list)
    told = evidence.sort("pair_id", "ordinal").select(
        "pair_id", "section_id", "char_start", "char_end", "role"
    )
    for pair, section, start, end, role in told.iter_rows():
        quotes[pair].append((section, start, end, role))
    flat: dict[str, str] = {}  # of sections that a teacher was given
    found: dict[str, int] = {}
    for pair, generator, turns in pairs.select("pair_id", "generator", "turns").iter_rows():
        own = quotes.get(pair, [])
        if generator == "extractive":
            found[pair] = max(
                _quoted((one[:3] for one in own if one[3] == side), texts) for side in roles
            )
            continue
        answers = [turn["content"] for turn in turns if whole or turn["role"] == "assistant"]
        sections = sorted({section for section, *_ in own})
        for name in sections:
            flat.setdefault(name, " ".join(texts[name].split()))
        runs = [longest_run(answer, flat[name]) for answer in answers for name in sections]
        found[pair] = max(runs, default=0)
    return found


def longest_run(answer: str, text: str) -> int:
    """Characters of the longest run of whole words of ``answer`` that stands in ``text``."""
    words = answer.split()
    best, longest = 0, 0
    for start in range(len(words)):
        while start + best < len(words) and (
            (run := " ".join(words[start : start + best + 1])) in text
        ):
            best, longest = best + 1, max(longest, len(run))
    return longest


def copied_shares(
    pairs: pl.DataFrame, evidence: pl.DataFrame, chars: Mapping[str, int]
) -> dict[str, float]:
    """Book to the share of its characters that stands in answers; ``chars`` are those of books."""
    quotes = _quotes(pairs, evidence, ("answer",))
    spread: dict[str, list[Quote]] = defaultdict(list)
    for book, own in zip(
        pairs["book_id"], (quotes.get(p, []) for p in pairs["pair_id"]), strict=True
    ):
        spread[book] += own
    return {
        book: min(1.0, _covered(own) / chars[book]) if chars.get(book) else 0.0
        for book, own in sorted(spread.items())
    }


def beyond_bounds(
    pairs: pl.DataFrame, evidence: pl.DataFrame, runs: Mapping[str, int],
    licences: Mapping[str, Licence], chars: Mapping[str, int], settings: Licences, salt: str,
) -> dict[str, tuple[str, str]]:  # fmt: skip
    """Pair id to reason and figures of those that copy more than the settings allow.

    ``runs`` are of whole rows, and so is the share: a passage before a question is copied as well
    as one in an answer. Only books without a permissive licence are bounded; of their pairs those
    that come first by priority stay, as long as all that they quote is under the bound.
    """
    gone: dict[str, tuple[str, str]] = {}
    bounded = {book for book, licence in licences.items() if licence.bounded}
    own = pairs.filter(pl.col("book_id").is_in(sorted(bounded)))
    if settings.run_chars_max:
        for pair in own["pair_id"].to_list():
            if runs[pair] > settings.run_chars_max:
                words = f"{runs[pair]} of at most {settings.run_chars_max} characters"
                gone[pair] = ("copied_run_too_long", words)
    if not settings.book_share_max:
        return gone
    quotes = _quotes(own, evidence, ("answer", "question"))
    rows = own.select("book_id", "pair_id").rows()
    taken: dict[str, list[Quote]] = defaultdict(list)
    for book, pair in sorted(rows, key=lambda row: (row[0], priority(row[1], salt), row[1])):
        if pair in gone:
            continue
        more = [*taken[book], *quotes.get(pair, [])]
        if _covered(more) > settings.book_share_max * chars.get(book, 0):
            gone[pair] = (
                "book_copied_enough",
                f"at most {settings.book_share_max:.0%} of the book",
            )
        else:
            taken[book] = _merged(more)
    return gone


def _quotes(
    pairs: pl.DataFrame, evidence: pl.DataFrame, roles: Sequence[str]
) -> dict[str, list[Quote]]:
    wanted = evidence.filter(
        pl.col("role").is_in(list(roles)) & pl.col("pair_id").is_in(pairs["pair_id"].implode())
    )
    found: dict[str, list[Quote]] = defaultdict(list)
    rows = wanted.select("pair_id", "section_id", "char_start", "char_end").iter_rows()
    for pair, section, start, end in rows:
        found[pair].append((section, start, end))
    return found


def _quoted(quotes: Iterable[Quote], texts: Mapping[str, str]) -> int:
    """The longest run of quotes; those with only white space between them are one."""
    longest = 0
    section, first, last = "", 0, 0
    for name, start, end in quotes:
        joined = name == section and start >= last and not texts[name][last:start].strip()
        if not joined:
            section, first = name, start
        last = end
        longest = max(longest, len(" ".join(texts[section][first:last].split())))
    return longest


def _merged(quotes: Sequence[Quote]) -> list[Quote]:
    made: list[Quote] = []
    for section, start, end in sorted(quotes):
        if made and made[-1][0] == section and start <= made[-1][2]:
            made[-1] = (section, made[-1][1], max(end, made[-1][2]))
        else:
            made.append((section, start, end))
    return made


def _covered(quotes: Sequence[Quote]) -> int:
    return sum(end - start for _, start, end in _merged(quotes))
