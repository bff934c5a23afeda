"""Pairs that say the same in other words: the semantic part of gate G8.

Belongs here: which pairs are compared, by what, from which marks. Does not: vectors
(``concepts/embeddings.py``), which pair of a cluster stays (``duplicates.py``).

A cosine alone drops four good pairs for each duplicate (``docs/why/encoder.md``), so it is the last
thing that is asked. Two pairs mean the same when all of this holds:

- one family, one first concept, one exchange each, no listings;
- the same names, numbers and denials in both answers, and the same names and numbers in both
  questions: `call` for `cast`, 3 for 10 or "is" for "is not" is another statement, however near;
- both questions ask the same way round: "what is an atom" names what "which constant is its own
  name" describes, so one of them has the words of its answer and the other has not;
- the answers' cosine is ``ANSWERS``;
- the questions are about the same words (``TOPIC``), or their cosine is ``QUESTIONS``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from booktune_assets.concepts.fit import asks_for
from booktune_assets.concepts.terms import terms
from booktune_assets.on_disk import Column
from booktune_assets.pairs.cosine import cosine_links
from booktune_assets.pairs.near import Links
from booktune_assets.pairs.shingles import slices

__all__ = ["Vectors", "same_meaning"]

Vectors: TypeAlias = Callable[[Sequence[str]], npt.NDArray[np.floating]]  # a row for each text

# chosen with planted twins in view, held to others that were written later: `meaning.py` of
# ``benchmarks``
ANSWERS, QUESTIONS, TOPIC, ROUND = 0.85, 0.8, 0.5, 0.3
APART = ("true_false", "refusal", "retrieved", "fix_bug")  # alike by nature, and not the same
_NAME = (
    r"`[^`\n]+`|[\p{L}\p{N}_]*(?:[._/:][\p{L}\p{N}_]+)+[?!]?|\b\p{Lu}[\p{L}\p{N}_]*\p{Lu}\w*|"
    r"\b\d[\d_]*\b"
)
_DENIES = (
    r"(?i)\b(?:not|no|never|none|nor|neither|cannot|without|unless|except|only|false)\b|n['’]t\b"
)
_SAID = """
answer ask came colleague come concept define definition go keep name new read see sum term
understand
"""
_ASKING = frozenset(term for word in _SAID.split() for term in terms(word))


def same_meaning(
    places: pl.DataFrame, questions: Column, answers: Column, vectors: Vectors
) -> Links:
    """Rows that say the same in other words: the first of each cluster beside every other one.

    ``places`` has ``row family concept`` of what may be compared: rows of the two columns, several
    times where they count for several concepts.
    """
    rows = places.filter(~pl.col("family").is_in(APART))["row"].unique().sort().to_numpy()
    facts = pl.concat(
        [_facts(rows[part], questions, answers) for part in slices(len(rows))]
        or [pl.DataFrame(schema={"row": pl.Int64, "said": pl.UInt64})]
    )
    groups = (
        places.filter(~pl.col("family").is_in(APART))
        .unique()
        .join(facts, on="row", maintain_order="left")
        .group_by("family", "concept", "said")
        .agg(pl.col("row").sort())
        .filter(pl.col("row").list.len() > 1)
        .sort("family", "concept", "said")["row"]
        .to_list()
    )

    def told(some: npt.NDArray[np.int64]) -> npt.NDArray[np.floating]:
        parts = (answers.gather(some[part]).to_list() for part in slices(len(some)))
        return np.concatenate([vectors(part) for part in parts])

    def fine(links: Links) -> npt.NDArray[np.bool_]:
        return _same_question(links, questions, answers, vectors)

    return cosine_links(groups, told, ANSWERS, fine)


def _facts(rows: npt.NDArray[np.int64], questions: Column, answers: Column) -> pl.DataFrame:
    """``row said`` of those without listings: a hash of names, numbers and denials."""
    frame = pl.DataFrame({
        "row": rows, "asked": questions.gather(rows), "told": answers.gather(rows),
    })  # fmt: skip
    prose = ~(pl.col("asked").str.contains("```") | pl.col("told").str.contains("```"))
    names = [
        pl.col(name).str.extract_all(_NAME).list.eval(
            pl.element().str.strip_chars("`").str.to_lowercase()
        ).list.unique().list.sort().list.join(" ")
        for name in ("asked", "told")
    ]  # fmt: skip
    denies = pl.col("told").str.contains(_DENIES)
    return frame.filter(prose & (pl.col("told") != "")).select(
        "row", said=pl.struct(names[0].alias("asked"), names[1].alias("told"), denies=denies).hash()
    )


def _same_question(
    links: Links, questions: Column, answers: Column, vectors: Vectors
) -> npt.NDArray[np.bool_]:
    """Do the questions of each link ask for the same, the same way round?"""
    rows = np.unique(links)
    if not len(rows):
        return np.zeros(0, dtype=bool)
    asked, told = questions.gather(rows).to_list(), answers.gather(rows).to_list()
    made = np.asarray(vectors(asked), dtype=np.float64)
    made /= np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-12)
    topics = [asks_for(text) for text in asked]
    given = np.array([_given(topic, text) for topic, text in zip(topics, told, strict=True)])
    left, right = np.searchsorted(rows, links).T
    fine = np.abs(given[left] - given[right]) <= ROUND
    left, right = left[fine], right[fine]
    same = _common([topic - _ASKING or topic for topic in topics], left, right) >= TOPIC
    for part in slices(len(left), 5_000):
        cosines = np.einsum("ij,ij->i", made[left[part]], made[right[part]])
        same[part] |= cosines >= QUESTIONS
    fine[fine] = same
    return fine


def _common(
    topics: Sequence[set[str]], left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """The Jaccard of each two topics, 1 of two without terms."""
    numbers = {term: place for place, term in enumerate(sorted(set[str]().union(*topics)))}
    sizes = np.array([len(topic) for topic in topics], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    terms_of = [sorted(numbers[term] for term in topic) for topic in topics]
    ids = np.array([term for own in terms_of for term in own], dtype=np.int64)
    known = np.repeat(np.arange(len(topics)), sizes) * len(numbers) + ids  # in order
    both = np.zeros(len(left), dtype=np.int64)
    for part in slices(len(left)):
        taken = sizes[left[part]]
        link = np.repeat(np.arange(len(taken)), taken)
        begin = np.repeat(starts[left[part]] - (np.cumsum(taken) - taken), taken)
        wanted = right[part][link] * len(numbers) + ids[np.arange(len(link)) + begin]
        at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        both[part] = np.bincount(link[known[at] == wanted], minlength=len(taken))
    either = sizes[left] + sizes[right] - both
    return np.where(either > 0, both / np.maximum(either, 1), 1.0)


def _given(topic: set[str], answer: str) -> float:
    """How much of an answer its question says already."""
    said = set(terms(answer))
    return len(topic & said) / max(1, len(said))
