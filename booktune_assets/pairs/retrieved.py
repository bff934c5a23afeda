"""Family ``retrieved``: a question with passages before it, of which one answers, or none.

Belongs here: cutting a book into passages, which pairs get some, which passages distract, the rows.
Does not: the terms (``concepts/terms.py``), the index that answers people (``chain/retrieval.py``).

RAFT (Zhang et al. 2024) trains with the passage that answers among others that do not, and in part
without it, so that a model learns to use what a search gives and to say when that is nothing. The
answer is that of the pair, word for word, and which passage it stands in. Distractors are the
passages of the same book that BM25 ranks highest for the question. In each row of which the passage
was taken away no other one holds the rarest word that question and passage share.

Rows are made of the finished frames, so they see the book as a whole and are worked out anew each
time. Every text stands in one passage of its section, so an edit shows in few rows. All passages of
a row are of one side of the split, and all stand among its evidence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from booktune_assets.concepts.terms import terms
from booktune_assets.ids import make_id, stable_int
from booktune_assets.llm.addressed import speaks_to_a_model
from booktune_assets.pairs.anew import ANEW, with_rows
from booktune_assets.pairs.candidate import CODE, PROSE, fenced, shown
from booktune_assets.pairs.rules import broken_rule, fences
from booktune_assets.pairs.splits import bare
from booktune_assets.pairs.tokens import answer_tokens
from booktune_assets.pairs.wording import ask
from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIR_SECTIONS, PAIRS
from booktune_assets.settings import Pairs

__all__ = ["FAMILY", "VERSION", "astray", "with_retrieved"]

FAMILY, VERSION = "retrieved", 2
_FENCE_END = re.compile(r"(?m)^(`{3,}) +(?=\S)")
CHARS = (120, 700)  # of a passage; a longer block is a passage by itself, up to
LONGEST = 1_400
ABSENT_PERCENT = 20  # of the rows that can do without the passage that answers
RANKED = 16  # best passages, of which a row has some by hash: no section distracts everywhere
_TAKEN = (
    "define", "explain_code", "write_code", "compare", "steps", "reason", "api_use",
    "prerequisites", "open_question",
)  # fmt: skip

Row = dict[str, Any]
Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Passage:
    """Blocks of a section that stand together: ``section.text[start:end]``, and as shown."""

    section_id: str
    block_id: str  # the first one
    start: int
    end: int
    title: str
    under: str  # all titles down to it
    text: str  # as it stands in the section
    shown: str
    plain: str
    terms: tuple[str, ...]  # of title and text, in order
    words: frozenset[str]
    headed: tuple[int, int]  # where the section's title stands in its text; (0, 0) if nowhere


def with_retrieved(
    frames: Mapping[str, pl.DataFrame], sections: pl.DataFrame, blocks: pl.DataFrame, pairs: Pairs
) -> Frames:
    """The frames of ``instruction_pairs`` with this family's rows behind those of each section.

    ``frames`` have none of them (``anew.py``).
    """
    if not pairs.retrieved_percent:
        return dict(frames)
    return with_rows(frames, _Maker(frames, sections, blocks, pairs).rows(), sections)


def astray(pairs: pl.DataFrame, evidence: pl.DataFrame, sides: Mapping[str, str]) -> list[str]:
    """Ids of the rows that show the other side of the split; ``sides`` are those of sections.

    A book decides by itself which sections it holds out, the shelf may decide otherwise.
    """
    own = pairs.filter(pl.col("family").is_in(ANEW)).select("pair_id", "split")
    side = pl.col("section_id").replace_strict(dict(sides), default="", return_dtype=pl.String)
    found = evidence.join(own, on="pair_id").filter(side != pl.col("split"))
    return sorted(found["pair_id"].unique().to_list())


class _Maker:
    """What all rows of a book share: passages, their index, how often each section distracts."""

    def __init__(
        self, frames: Mapping[str, pl.DataFrame], sections: pl.DataFrame, blocks: pl.DataFrame,
        pairs: Pairs,
    ) -> None:  # fmt: skip
        from booktune_assets.concepts.retrieval import Index
        from booktune_assets.concepts.retrieval import Passage as Indexed

        self._settings = pairs
        self._frames = frames
        split = dict(frames[PAIR_SECTIONS.name].select("section_id", "split").iter_rows())
        self._split = split
        body = sections.filter(pl.col("section_id").is_in(list(split)))
        self._passages = list(_passages(body, blocks))
        self._of: dict[str, list[Passage]] = defaultdict(list)
        for one in self._passages:
            self._of[one.section_id].append(one)
        short = [
            (number, one)
            for number, one in enumerate(self._passages) if one.end - one.start <= CHARS[1]
        ]  # fmt: skip
        self._index = Index(
            [
                Indexed(str(number), split[one.section_id], one.section_id, one.title, one.text, "")
                for number, one in short
            ],
            known=[one.terms for _, one in short],
        )
        self._spread = Counter(word for one in self._passages for word in one.words)

    def rows(self) -> Iterator[tuple[Row, list[Row], str]]:
        """(pair, evidence, why it is refused) of each pair that gets passages."""
        quotes: dict[str, list[Row]] = defaultdict(list)
        for quote in self._frames[PAIR_EVIDENCE.name].iter_rows(named=True):
            quotes[quote["pair_id"]].append(quote)
        chosen = [row for row in self._frames[PAIRS.name].iter_rows(named=True) if self._fit(row)]
        for row in chosen:
            if found := self._row(row, quotes[row["pair_id"]]):
                yield found

    def _fit(self, row: Row) -> bool:
        turns = row["turns"]
        if row["family"] not in _TAKEN or len(turns) != 2:
            return False
        if row["family"] != "explain_code" and fences(turns[0]["content"]):
            return False  # what is asked of that code stands in no passage
        return _rank(row["pair_id"]) < self._settings.retrieved_percent

    def _row(self, row: Row, quotes: list[Row]) -> tuple[Row, list[Row], str] | None:
        told = [quote for quote in quotes if quote["role"] == "answer"]
        gold = self._gold(told)
        if gold is None:
            return None
        question, key = row["turns"][0]["content"], row["pair_id"]
        others = self._distractors(row, gold, [bare(quote["quote"]) for quote in told])
        least = self._settings.retrieved_passages - 1
        if len(others) < least:
            return None
        absent = stable_int(f"absent\x1f{key}") % 100 < ABSENT_PERCENT
        silent = self._silent(question, gold, others) if absent else []
        without = len(silent) > least
        shows = silent[: least + 1] if without else [gold, *others[:least]]
        shows.sort(key=lambda one: _place(f"shown\x1f{key}", one))
        if without:
            answer, support = _nothing(key, shows)
        else:
            place = ask("retrieved_place", key, number=str(shows.index(gold) + 1))
            answer, support = f"{row['turns'][1]['content']}\n\n{place}", told
        asked = ask(
            "retrieved", key, question=question, passages="\n\n".join(
                f"[{number}] {one.title}\n\n{one.shown}" for number, one in enumerate(shows, 1)
            ),
        )  # fmt: skip
        asked = _FENCE_END.sub(r"\1\n\n", asked)  # a question may end with its code
        return self._made(row, asked, answer, support, shows, without=without)

    def _made(
        self, row: Row, asked: str, answer: str, support: Sequence[Row], shows: Sequence[Passage],
        *, without: bool,
    ) -> tuple[Row, list[Row], str]:  # fmt: skip
        turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
        homes = ",".join(sorted({row["pair_id"], *(one.block_id for one in shows)}))
        said = [part for turn in turns for part in (turn["role"], turn["content"])]
        name = make_id("pair", homes, FAMILY, VERSION, *said)
        tokens = answer_tokens(turns)
        made = row | {
            "pair_id": name, "family": FAMILY, "family_version": VERSION, "turns": turns,
            "answer_chars": len(answer), "answer_tokens": tokens.answer,
            "code_tokens": tokens.code,
        }  # fmt: skip
        if without:
            made |= {"kind": "theory", "verification": "none", "verified_by": None}
        book = row["book_id"]
        pieces = [
            {"section_id": one.section_id, "block_id": one.block_id, "role": "question",
             "quote": one.text, "char_start": one.start, "char_end": one.end}
            for one in shows
        ]  # fmt: skip
        evidence = [
            {**quote, "pair_id": name, "ordinal": place, "book_id": book}
            for place, quote in enumerate([*support, *pieces])
        ]
        bad = "answer_too_long" if len(answer) > self._settings.answer_chars_max else ""
        return made, evidence, bad or broken_rule(turns)

    def _gold(self, told: Sequence[Row]) -> Passage | None:
        """The passage that holds all quotes of the answer."""
        for one in self._of[told[0]["section_id"]] if told else ():
            if all(
                quote["section_id"] == one.section_id
                and one.start <= quote["char_start"] < quote["char_end"] <= one.end
                for quote in told
            ):
                return one
        return None

    def _distractors(self, row: Row, gold: Passage, said: Sequence[str]) -> list[Passage]:
        """Passages of other sections on the same side that do not say the same, by hash."""
        side, own = self._split[gold.section_id], [gold.section_id]
        question = row["turns"][0]["content"]
        hits = self._index.search(question, RANKED, book=side, without=own, once=True)
        if len(hits) < RANKED:  # few words in common: what is like the passage itself
            own += [hit.passage.section_id for hit in hits]
            more = RANKED - len(hits)
            hits += self._index.search(gold.text, more, book=side, without=own, once=True)
        found = (self._passages[int(hit.passage.passage_id)] for hit in hits)
        left = [one for one in found if not any(text in one.plain for text in said)]
        return sorted(left, key=lambda one: _place(row["pair_id"], one))

    def _silent(self, question: str, gold: Passage, others: Sequence[Passage]) -> list[Passage]:
        """Of the distractors those that surely do not answer, and whose titles can be named."""
        common = sorted(
            set(terms(question)) & gold.words, key=lambda word: (self._spread[word], word)
        )
        titles: set[str] = set()
        found: list[Passage] = []
        for one in others if common else ():
            if common[0] not in one.words and one.headed[1] and one.title not in titles:
                titles.add(one.title)
                found.append(one)
        return found


def _rank(pair_id: str) -> int:
    return stable_int(f"retrieved\x1f{pair_id}") % 100


def _place(key: str, passage: Passage) -> tuple[int, str]:
    """By hash of the headings: a passage that is mended distracts where it did."""
    return stable_int(f"{key}\x1f{passage.under}"), passage.block_id


def _nothing(key: str, shows: Sequence[Passage]) -> tuple[str, list[Row]]:
    """That no passage answers, and what they are about; the titles are its evidence."""
    titles = [one.title for one in shows]
    named = f"{', '.join(titles[:-1])} and {titles[-1]}"
    support = [
        {"section_id": one.section_id, "block_id": one.block_id, "role": "answer",
         "quote": one.title, "char_start": one.headed[0], "char_end": one.headed[1]}
        for one in shows
    ]  # fmt: skip
    return ask("retrieved_nothing", key, titles=named), support


def _passages(sections: pl.DataFrame, blocks: pl.DataFrame) -> Iterator[Passage]:
    """Neighbouring blocks of a section, together as long as they are short enough."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in blocks.sort("section_id", "ordinal").iter_rows(named=True):
        rows[row["section_id"]].append(row)
    for section in sections.sort("ordinal").iter_rows(named=True):
        together: list[Row] = []
        for row in rows[section["section_id"]]:
            told = row["kind"] in (*PROSE, *CODE) and row["text"].strip()
            told = told and not speaks_to_a_model(row["text"])
            if together and (not told or row["char_end"] - together[0]["char_start"] > CHARS[1]):
                yield from _passage(section, together)
                together = []
            if told:
                together.append(row)
        yield from _passage(section, together)


def _passage(section: Row, blocks: Sequence[Row]) -> Iterator[Passage]:
    if not blocks or speaks_to_a_model(section["title"]):
        return
    start, end = int(blocks[0]["char_start"]), int(blocks[-1]["char_end"])
    if not CHARS[0] <= end - start <= LONGEST:
        return
    title, text = section["title"], section["text"]
    at = text.find(title) if len(title) > 3 else -1
    words = [_said(block) for block in blocks]
    found = tuple(terms(f"{title}\n{text[start:end]}"))
    yield Passage(
        section["section_id"], blocks[0]["block_id"], start, end, title,
        "\x1f".join(section["title_path"] or [title]), text[start:end],
        "\n\n".join(words), bare(text[start:end]), found, frozenset(found),
        (at, at + len(title)) if 0 <= at < len(title) else (0, 0),
    )  # fmt: skip


def _said(block: Row) -> str:
    """The block as a message; code that its language does not take is shown without one."""
    from booktune_assets.beam.grammar import parses

    if block["kind"] not in CODE:
        return shown(block["text"])
    known = parses(block["text"], block["lang"]) is not False
    return fenced(block["text"], block["lang"] if known else "")
