"""The exchanges of pairs: which family each is of, and that each stands alone or in a lesson.

Belongs here: what a lesson's turns are by themselves, which of two homes an exchange keeps. Does
not: making lessons (``lesson.py``), bands (``mix.py``).

A lesson is made of exchanges that passed the gates as pairs, so that each is there twice: where it
stands alone, and in the lesson; with passages before it some are there again. In a set each stands
once. What was given passages stands with them and not alone (``pairs.retrieved_percent`` says how
many are). Lessons are kept up to the middle of the band of several turns, and their parts go, in
whatever form; of the other lessons the parts stay, and the lesson goes. Lessons have only a part of
the room for negatives, so that what else they hold is not lost.

Sessions are lessons in this: each of their values may be asked alone (``predict_output``), in other
words. Such an exchange is known by the place of its answer in the book.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from booktune_assets.on_disk import Turns, in_frame
from booktune_assets.pairs.held import PLACE
from booktune_assets.pairs.quoted import bare_texts
from booktune_assets.pairs.shingles import slices
from booktune_assets.pairs.splits import bare
from booktune_assets.settings_sets import Mix

__all__ = [
    "NEGATIVES", "in_one_place", "messages", "negative_shares", "places_of", "unanswered",
]  # fmt: skip

NEGATIVES = ("fix_bug", "refusal", "true_false")
ANSWER_MIN = 40  # letters and digits: a shorter answer is the same only to the same question
IN_LESSONS = 0.6  # of the room for negatives; some have to stand alone
RETRIEVED, _PASSAGES = "retrieved", ("pair", "question", "answer")
SESSION, SINGLE = "session", "predict_output"  # both answer with a result that stands in the book
Messages = Sequence[Mapping[str, str]]
Place = tuple[str, int]  # block, start of the quote


@dataclass(slots=True)
class _Alone:
    """Pairs of one exchange, by their answer: (question, pair id, family); those with a result of
    a session by its place."""

    told: dict[str, list[tuple[str, str, str]]]
    placed: dict[Place, list[str]] = field(default_factory=dict[Place, list[str]])

    @classmethod
    def of(cls, pairs: pl.DataFrame, answers: Collection[str], turns: Turns) -> _Alone:
        """Those with one of the ``answers``: of a million pairs few are a part of a lesson."""
        told: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        if not answers:
            return cls(told)
        single = pairs.filter((pl.col("family") != RETRIEVED) & (messages(pairs) <= 3))
        said, wanted = turns(single), pl.Series(sorted(answers), dtype=pl.String)
        for part in slices(single.height):
            for row, question, answer in _single(said[part], wanted).iter_rows():
                pair, family = (
                    single["pair_id"][part.start + row],
                    single["family"][part.start + row],
                )
                told[answer].append((question, pair, family))
        for same in told.values():
            same.sort(key=lambda one: one[1])
        return cls(told)

    def same(self, question: str, answer: str, place: Place | None = None) -> list[str]:
        """Ids of the pairs that say this exchange, whose answer stands at ``place``."""
        own = self.told.get(answer, [])
        said = [pair for asked, pair, _ in own if len(answer) >= ANSWER_MIN or asked in question]
        there = self.placed.get(place, []) if place else []
        return [*said, *(pair for pair in there if pair not in said)]

    def family(self, question: str, answer: str) -> str:
        """Family of the pair that asks this in these words, else of one with this answer."""
        own = self.told.get(answer, [])
        asking = [family for asked, _, family in own if asked in question]
        return next(iter([*asking, *(family for *_, family in own)]), "")


def messages(pairs: pl.DataFrame) -> pl.Series:
    """How many messages each pair has."""
    return pairs["messages"] if "messages" in pairs.columns else pairs["turns"].list.len()


def unanswered(pairs: pl.DataFrame, evidence: pl.DataFrame) -> set[str]:
    """Ids of the pairs behind passages of which none answers: they refuse as ``refusal`` does.

    Such an answer rests on the titles of all passages, any other one on a single passage.
    """
    own = pairs.filter(pl.col("family") == RETRIEVED).select("pair_id")
    told = evidence.select("pair_id", "section_id", "role").filter(pl.col("role") == "answer")
    told = told.join(own, on="pair_id", how="semi")
    homes = told.group_by("pair_id").agg(homes=pl.col("section_id").n_unique())
    return set(homes.filter(pl.col("homes") > 1)["pair_id"].to_list())


def negative_shares(
    pairs: pl.DataFrame, known: pl.DataFrame | None = None, turns: Turns = in_frame,
    silent: Collection[str] = (),
) -> list[float]:  # fmt: skip
    """For each pair the share of its exchanges that are negatives: of :data:`NEGATIVES`, or of
    those that are ``silent`` (:func:`unanswered`).

    ``known`` are pairs among which a lesson's exchanges stand alone; default: ``pairs``. ``turns``
    gives the messages of either.
    """
    talks = _talks(pairs, turns)
    among = pairs if known is None else known
    alone = _Alone.of(among, {answer for said in talks.values() for _, answer in said}, turns)
    found: list[float] = []
    for pair, family in pairs.select("pair_id", "family").iter_rows():
        said = talks.get(pair)
        if said is None:
            found.append(float(family in NEGATIVES or pair in silent))
        else:
            names = [alone.family(question, answer) or family for question, answer in said]
            found.append(sum(name in NEGATIVES for name in names) / max(1, len(said)))
    return found


def in_one_place(
    pairs: pl.DataFrame, rows: pl.DataFrame, mix: Mix, evidence: pl.DataFrame,
    turns: Turns = in_frame,
) -> dict[str, tuple[str, str]]:  # fmt: skip
    """Pair id to reason and details of what goes so that no exchange stands twice.

    ``rows`` are those of ``mix_rows`` for ``pairs``, ``evidence`` their quotes. Training and what
    is held out are looked at apart. Lessons come in this order: those that walk a prerequisite
    edge; those with fewer negatives, of
    which there are too many in most books; those with an exchange that stands nowhere else; those
    first by priority.
    """
    ranks = {
        pair: (negative, rank)
        for pair, negative, rank in rows.select("pair_id", "negative", "priority").iter_rows()
    }
    gone: dict[str, tuple[str, str]] = {}
    for held in (False, True):
        side = pairs.filter((pl.col("split") == "heldout") == held)
        talks, behind = _known(side, places_of(side, evidence), turns)
        left = side.filter(~pl.col("pair_id").is_in([*behind]))
        own = _of_side(left, ranks, mix, talks)
        gone |= own
        for pair, other in behind.items():
            gone[pair] = own.get(other, ("behind_passages", f"{other} asks it behind passages"))
    return gone


def _of_side(
    pairs: pl.DataFrame,
    ranks: Mapping[str, tuple[float, int]],
    mix: Mix,
    talks: Mapping[str, list[tuple[str, list[str]]]],
) -> dict[str, tuple[str, str]]:
    walks = set(pairs.filter(pl.col("family") == "path_lesson")["pair_id"].to_list())
    order = sorted(
        talks,
        key=lambda pair: (
            pair not in walks, ranks[pair][0], all(own for _, own in talks[pair]), ranks[pair][1],
        ),
    )  # fmt: skip
    names = pairs["pair_id"].to_list()
    positive = {name for name in names if name not in talks and not ranks[name][0]}
    share, most = (mix.turns_low + mix.turns_high) / 2, IN_LESSONS * mix.negatives_high
    kept, negative = 0, 0.0
    gone: dict[str, tuple[str, str]] = {}
    taught: set[str] = set()
    for pair in order:
        everywhere = {name for _, own in talks[pair] for name in own}
        parts = sorted(name for name in everywhere if name not in gone)
        repeats = len(parts) < len(everywhere) or any(
            answer in taught for answer, _ in talks[pair] if len(answer) >= ANSWER_MIN
        )
        # single negatives are thinned to their band later, so the others say how many rows stay
        stay = len(positive) - sum(name in positive for name in parts)
        total = stay / (1 - min(mix.negatives_high, 0.9)) + kept + 1
        full = kept + 1 > share * total or negative + ranks[pair][0] > most * total
        if repeats or (parts and full):
            gone[pair] = ("stands_alone", "its exchanges stand alone or in another lesson")
            continue
        kept, negative = kept + 1, negative + ranks[pair][0]
        positive -= set(parts)
        taught |= {answer for answer, _ in talks[pair]}
        gone |= dict.fromkeys(parts, ("in_a_lesson", f"a turn of {pair} says it"))
    return gone


def _known(
    pairs: pl.DataFrame, places: Mapping[str, list[Place]], turns: Turns
) -> tuple[dict[str, list[tuple[str, list[str]]]], dict[str, str]]:
    """Pairs of several exchanges: of each the answer, and the pairs that say it and nothing else.

    Also single pairs that are asked behind passages as well, to the pair that does; such a pair
    stands for them among those of a lesson.
    """
    several = {pair: said for pair, said in _talks(pairs, turns).items() if len(said) > 1}
    answers = {answer for said in several.values() for _, answer in said}
    passages = _passages(pairs, turns)
    alone = _Alone.of(pairs, answers | set(passages["answer"].unique()), turns)
    behind = {
        single: pair
        for pair, question, answer in passages.iter_rows()
        for asked, single, _ in alone.told.get(answer, ())
        if asked and asked in question
    }
    families = dict(pairs.select("pair_id", "family").iter_rows())
    for pair in sorted(name for name in places if families[name] == SINGLE):
        for place in places[pair]:
            alone.placed.setdefault(place, []).append(pair)
    talks = {
        pair: [
            (answer, [behind.get(name, name) for name in alone.same(*said, place)])
            for said, place in zip(
                exchanges, places.get(pair) or [None] * len(exchanges), strict=True
            )
            for answer in said[1:]
        ]
        for pair, exchanges in several.items()
    }
    return talks, behind


def _passages(pairs: pl.DataFrame, turns: Turns) -> pl.DataFrame:
    """``pair question answer`` of the pairs with passages before their question."""
    some = pairs.filter((pl.col("family") == RETRIEVED) & (messages(pairs) == 2))
    said, found = turns(some), [pl.DataFrame(schema=dict.fromkeys(_PASSAGES, pl.String))]
    for part in slices(some.height):
        texts = said[part].to_frame("turns").select(
            pl.col("turns").list.first().struct.field("content").alias("question"),
            pl.col("turns").list.last().struct.field("content").str.replace(PLACE, "")
            .alias("answer"),
        )  # fmt: skip
        keys = [_key(text) for text in bare_texts(texts["answer"]).to_list()]
        found.append(pl.DataFrame({
            "pair": some["pair_id"][part], "question": bare_texts(texts["question"]),
            "answer": pl.Series(keys, dtype=pl.String),
        }))  # fmt: skip
    return pl.concat(found).sort("pair")


def places_of(pairs: pl.DataFrame, evidence: pl.DataFrame) -> dict[str, list[Place]]:
    """Sessions and single results to where their answers stand, an answer a place, in order."""
    some = pairs.filter(pl.col("family").is_in([SESSION, SINGLE]))
    counts = dict(zip(some["pair_id"], messages(some) // 2, strict=True))
    told = evidence.filter(pl.col("role") == "answer", pl.col("pair_id").is_in(list(counts)))
    found: dict[str, list[Place]] = defaultdict(list)
    for pair, block, start in (
        told.sort("pair_id", "ordinal").select("pair_id", "block_id", "char_start").iter_rows()
    ):
        found[pair].append((block, start))
    return {pair: where for pair, where in found.items() if len(where) == counts[pair]}


def _talks(pairs: pl.DataFrame, turns: Turns) -> dict[str, list[tuple[str, str]]]:
    """Pair to its exchanges, of those that do not have exactly one."""
    some = pairs.filter(messages(pairs) != 2)
    said, found = turns(some), dict[str, list[tuple[str, str]]]()
    for part in slices(some.height):
        for pair, own in zip(some["pair_id"][part], said[part], strict=True):
            if len(exchanges := _exchanges(own)) != 1:
                found[pair] = exchanges
    return found


def _exchanges(turns: Messages) -> list[tuple[str, str]]:
    """(question, answer) of each exchange, letters and digits only; answers as their keys."""
    said = [turn for turn in turns if turn["role"] != "system"]
    return [
        (bare(asked["content"]), _key(bare(told["content"])))
        for asked, told in zip(said[::2], said[1::2], strict=False)
    ]


def _single(turns: pl.Series, wanted: pl.Series) -> pl.DataFrame:
    """``row question answer`` of those with one exchange, whose answer is wanted."""
    said = pl.element().filter(pl.element().struct.field("role") != "system")
    told = turns.to_frame("turns").select(pl.col("turns").list.eval(said)).with_row_index("row")
    told = told.filter(pl.col("turns").list.len() == 2)
    answers = bare_texts(told["turns"].list.last().struct.field("content"))
    keys = pl.Series([_key(text) for text in answers.to_list()], dtype=pl.String)
    told = told.with_columns(answer=keys).filter(pl.col("answer").is_in(wanted.implode()))
    question = bare_texts(told["turns"].list.first().struct.field("content"))
    return told.select("row", question.alias("question"), "answer")


def _key(answer: str) -> str:
    """The answer, or a hash of it that is as long as one that counts by itself."""
    if len(answer) < ANSWER_MIN:
        return answer
    return hashlib.blake2b(answer.encode(), digest_size=ANSWER_MIN // 2).hexdigest()
