"""Instruction pairs of a book: families propose, gates decide, unchanged sections are reused.

Belongs here: the order of the work and the frames. Does not: what is asked (``families.py``), what
is refused (``gates.py``), which sections are held out (``splits.py``).

What a section's pairs depend on is its own text and the definitions in it, so an edit remakes one
section. Three things look beyond the section and are worked out anew over all rows each time, in
columns (``carry.py``): duplicates, the split, and the concepts that a pair is about.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from booktune_assets.ids import digest, make_id
from booktune_assets.pairs.anew import with_rows, without_anew
from booktune_assets.pairs.called import names_here, own_names, says_own_name
from booktune_assets.pairs.candidate import PROSE, Candidate, View, language_name
from booktune_assets.pairs.carry import (
    DUPLICATE,
    Parts,
    about,
    carried,
    settled,
    why_gone,
)
from booktune_assets.pairs.contrary import contrary
from booktune_assets.pairs.execute import Runner, run_counts, run_trials
from booktune_assets.pairs.exercises import exercise_answers
from booktune_assets.pairs.families import AFTERWARDS, AT_ONCE, FAMILIES, Family
from booktune_assets.pairs.gates import BY_READING, BY_RUNNING, GATES, QUOTING, refused
from booktune_assets.pairs.levels import levelled
from booktune_assets.pairs.loose import WRITING, warned_against
from booktune_assets.pairs.outcomes import NOT_RUN, unrun, verified
from booktune_assets.pairs.overview import says_nothing
from booktune_assets.pairs.own_code import code_names, code_names_here, speaks_of_code
from booktune_assets.pairs.path_lesson import path_lessons
from booktune_assets.pairs.posed import lent_modules
from booktune_assets.pairs.prose import sentences
from booktune_assets.pairs.retrieved import with_retrieved
from booktune_assets.pairs.room import Room
from booktune_assets.pairs.splits import cluster_names, clusters, split_of
from booktune_assets.pairs.standing import standing_lines
from booktune_assets.pairs.tokens import answer_tokens
from booktune_assets.pairs.tongue import as_shell, foreign, spoken_of, tongues
from booktune_assets.pairs.topics import needed_first, prose_names, titles_above
from booktune_assets.pairs.trials import plain_trials
from booktune_assets.pairs.true_false import twin
from booktune_assets.progress import advance
from booktune_assets.schemas_concepts import CONCEPT_EDGES
from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIR_REJECTS, PAIR_SECTIONS, PAIRS
from booktune_assets.schemas_teacher import PAIR_TEACHER, PAIR_VERDICTS
from booktune_assets.settings import TEACHING, Pairs

__all__ = ["VERSION", "PairsMade", "into_pairs"]

# rules of a family count too: a receipt of earlier ones is stale
VERSION = f"instruction_pairs.21+{digest([[name, nth] for name, nth, _ in FAMILIES])[:8]}"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PairsMade:
    """``frames`` of ``instruction_pairs`` by table name; ``counts`` for the receipt."""

    frames: dict[str, pl.DataFrame]
    counts: dict[str, int]


@dataclass(slots=True)
class _Made:
    """Rows of sections as they are made, before duplicates are refused."""

    pairs: list[Row] = field(default_factory=list[Row])
    evidence: list[Row] = field(default_factory=list[Row])
    rejects: list[Row] = field(default_factory=list[Row])


def into_pairs(
    book_id: str,
    sections: pl.DataFrame,
    blocks: pl.DataFrame,
    concepts: pl.DataFrame,
    mentions: pl.DataFrame,
    pairs: Pairs,
    previous: Mapping[str, pl.DataFrame] | None = None,
    exercises: pl.DataFrame | None = None,
    edges: pl.DataFrame | None = None,
    runner: Runner | None = None,
    title: str = "",
) -> PairsMade:
    """Pairs, evidence, rejects and section digests of a book.

    ``exercises`` is the frame of ``sections__exercises``: without it no task has an answer.
    ``edges`` is that of ``concept_graph__edges``: without it nothing is known to come first.
    ``runner`` runs the code of new candidates: without it nothing is run.
    ``title`` is the book's: an exchange that names the book itself is refused.
    ``previous`` are the frames made before for the same book, version and settings: a section whose
    digest is the same is taken from them. The result is the same as without ``previous``.
    """
    previous = without_anew(previous)
    views = _views(sections, blocks, concepts, mentions, exercises, edges, title)
    texts = {view.section_id: view.text for view in views}
    digests = {view.section_id: _input_digest(view, pairs, runner) for view in views}
    same = _unchanged(previous, digests)
    order = {view.section_id: number for number, view in enumerate(views)}
    todo = [view for view in views if view.section_id not in same]
    new = _made_of(book_id, todo, texts, pairs, runner, digests)
    old = carried(previous, same) if previous is not None and same else Parts.of([], [], [])
    gone = why_gone(old.with_(new), order)
    first = [name for name, reason in gone.items() if not reason]
    refused = (pl.col("gate") == DUPLICATE) & pl.col("candidate_id").is_in(first)
    # the first copy of a pair may have gone: what was refused as its duplicate is made again
    if back := set(old.rejects.filter(refused)["section_id"].to_list()):
        same -= back
        again = [view for view in views if view.section_id in back]
        old = carried(previous or {}, same)
        new = new.with_(_made_of(book_id, again, texts, pairs, runner, digests))
    parts = settled(old.with_(new), gone, order)
    frames = _frames(book_id, views, parts, digests, mentions, pairs)
    graph = CONCEPT_EDGES.frame([]) if edges is None else edges
    frames[PAIRS.name] = levelled(frames[PAIRS.name], concepts, graph)
    frames = with_rows(frames, path_lessons(frames, concepts, mentions, graph), sections)
    frames = with_retrieved(frames, sections, blocks, pairs)
    counts = {
        "sections": len(views),
        "sections_made": len(views) - len(same),
        "sections_reused": len(same),
        "kept": frames[PAIRS.name].height,
        "rejected": frames[PAIR_REJECTS.name].height,
        "sections_other_language": sum(view.tongue != "en" for view in views),
        **run_counts(frames[PAIRS.name], runner),
    }
    return PairsMade(frames, counts)


def _views(
    sections: pl.DataFrame, blocks: pl.DataFrame, concepts: pl.DataFrame, mentions: pl.DataFrame,
    exercises: pl.DataFrame | None, edges: pl.DataFrame | None, title: str,
) -> list[View]:  # fmt: skip
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in blocks.sort("section_id", "ordinal").iter_rows(named=True):
        rows[row["section_id"]].append(as_shell(row))
    kinds = {row["concept_id"]: row for row in concepts.iter_rows(named=True)}
    defined: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
    told: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
    for row in mentions.filter(pl.col("how").is_in(["definition", "text"])).iter_rows(named=True):
        if concept := kinds.get(row["concept_id"]):
            place = (row["char_start"], row["char_end"], concept["label"], concept["kind"])
            for homes in (told, defined) if row["how"] == "definition" else (told,):
                homes[row["section_id"]].append(place)
    body = [row for row in sections.sort("ordinal").iter_rows(named=True) if row["role"] == "body"]
    shown = {one["block_id"]: one for row in body for one in rows[row["section_id"]]}
    chapters = [("".join(row["title_path"][:1]), rows[row["section_id"]]) for row in body]
    fallback, spoken = _fallback(rows), tongues(rows)
    answers = exercise_answers([] if exercises is None else exercises.to_dicts(), shown)
    names = prose_names(one["text"] for one in shown.values() if one["kind"] in PROSE)
    called, coded = own_names(title, [row["text"] for row in body]), code_names(shown.values())
    over = titles_above([row["title_path"] for row in body], says_nothing)
    titles = {row["section_id"]: row["title"] for row in body}
    needed = needed_first(concepts, edges, titles, shown)
    turned = contrary([_sentences(own) for _, own in chapters], twin)
    lent = zip(lent_modules(chapters), standing_lines(chapters), over, turned, strict=True)
    views: list[View] = []
    for row, (borrowed, stands, (above, repeated), denied) in zip(body, lent, strict=True):
        own = rows[name := row["section_id"]]
        solutions = {one: answers[one] for b in own if (one := b["block_id"]) in answers}
        language = _language(own) or _said(row["text"]) or fallback
        views.append(
            View(
                name, row["title"], row["text"], language, own, sorted(defined[name]), solutions,
                names.library or language, sorted(told[name]), names.of(row["text"]),
                needed=needed.get(name, []), above=above, repeated=repeated,
                titles=tuple(row["title_path"]), small=names.small_in(row["title"]),
                lent=borrowed, tongue=spoken.get(name, "en"),
                called=names_here(row["text"], called), standing=stands,
                coded=code_names_here(row["text"], coded), contrary=denied,
            )
        )  # fmt: skip
    return views


def _sentences(blocks: Sequence[Row]) -> list[str]:
    prose = (row["text"] for row in blocks if row["kind"] in PROSE)
    return [one.text for text in prose for one in sentences(text)]


def _fallback(rows: Mapping[str, list[Row]]) -> str:
    """The language of the book: of most code, else the one that it speaks of, else none."""
    every = [one for own in rows.values() for one in own]
    return _language(every) or spoken_of(one["text"] for one in every)


def _language(blocks: Iterator[Row] | list[Row]) -> str:
    """The language of most code, by characters."""
    sizes: dict[str, int] = {}
    for row in blocks:
        if name := language_name(row["lang"]):
            sizes[name] = sizes.get(name, 0) + len(row["text"])
    return max(sorted(sizes), key=lambda name: sizes[name], default="")


def _said(text: str) -> str:
    """The language that a section without code speaks of, if it is one only and often enough."""
    said = [name for name in ("Elixir", "Erlang") if name in text]
    return said[0] if len(said) == 1 and text.count(said[0]) >= 3 else ""


def _input_digest(view: View, pairs: Pairs, runner: Runner | None) -> str:
    return digest(
        [
            VERSION,
            runner.name if runner else NOT_RUN,
            [[family, version] for family, version, _ in FAMILIES],
            pairs.model_dump(mode="json", exclude={"heldout_percent", *TEACHING}),
            [view.section_id, view.title, view.text, view.language],
            [
                [b["block_id"], b["kind"], b["lang"], b["char_start"], b["text"]]
                for b in view.blocks
            ],
            view.definitions,
            [
                view.subject,
                view.tongue,
                view.above,
                view.repeated,
                view.mentions,
                sorted(view.names),
                sorted(view.small),
            ],
            [view.called, view.coded, sorted(view.contrary)],
            [
                [n.target, n.label, n.title, n.block and [n.block["block_id"], n.start, n.end]]
                for n in view.needed
            ],
            sorted(
                [name, [[b["block_id"], b["section_id"], b["char_start"], b["text"]] for b in rows]]
                for name, rows in view.solutions.items()
            ),
            [
                [name, b["block_id"], b["section_id"], b["char_start"], b["text"]]
                for name, b in view.lent.items()
            ],
            [
                [b["block_id"], b["section_id"], b["char_start"], one.start, one.expression]
                for b, one in view.standing
            ],
        ]
    )


def _unchanged(previous: Mapping[str, pl.DataFrame] | None, digests: Mapping[str, str]) -> set[str]:
    """Sections that were there with the same digest."""
    if previous is None or PAIR_SECTIONS.name not in previous:
        return set()
    known = previous[PAIR_SECTIONS.name].select("section_id", "input_digest").iter_rows()
    return {section for section, made_of in known if digests.get(section) == made_of}


def _made_of(
    book_id: str, views: list[View], texts: Mapping[str, str], pairs: Pairs,
    runner: Runner | None, digests: dict[str, str],
) -> Parts:  # fmt: skip
    """What is made of these sections: all their code is run in one go.

    A section of which some code was not run for a fault of ours gets a digest that is never met.
    """
    proposed: list[list[_Proposed]] = []
    for number, view in enumerate(views, start=1):
        proposed.append(list(_proposed(view, texts, pairs, AT_ONCE)))
        advance("making pairs", number, len(views))
    run_trials((one.candidate for own in proposed for one in own if not one.verdict), runner)
    rows = _Made()
    for view, own in zip(views, proposed, strict=True):
        _make(rows, book_id, view, own, texts, pairs, runner)
        if runner and any(not one.verdict and unrun(one.candidate) for one in own):
            digests[view.section_id] = digest([NOT_RUN, digests[view.section_id]])
    return Parts.of(rows.pairs, rows.evidence, rows.rejects)


@dataclass(slots=True)
class _Proposed:
    """A candidate of a family, and the verdict of the gates that need no run."""

    family: str
    version: int
    candidate: Candidate
    verdict: tuple[str, str] | None


def _proposed(
    view: View, texts: Mapping[str, str], pairs: Pairs, families: Sequence[Family]
) -> Iterator[_Proposed]:
    kinds = {block["block_id"]: block["kind"] for block in view.blocks}
    bad = warned_against(view.blocks) if families is AT_ONCE else ()
    for family, version, propose in families:
        for one in propose(view):
            if foreign(one, view.tongue, kinds):
                one.problem = "other_language"
            one.problem = one.problem or says_own_name(one, view.called)
            if one.family not in QUOTING:
                one.problem = one.problem or speaks_of_code(one, view.coded)
            if family in WRITING and one.block_id in bad:
                one.problem = one.problem or "warned_against"
            if one.kind != "theory" and not one.trials and families is AT_ONCE:
                one.trials = plain_trials(one.code)
            yield _Proposed(family, version, one, refused(one, texts, pairs, BY_READING))


def _make(
    made: _Made, book_id: str, view: View, proposed: list[_Proposed], texts: Mapping[str, str],
    pairs: Pairs, runner: Runner | None,
) -> None:  # fmt: skip
    """All candidates of a section through the gates, at most so many per block."""
    room = Room(pairs)
    taken: set[str] = set()
    view.kept.clear()
    last = _proposed(view, texts, pairs, AFTERWARDS)
    for one in itertools.chain(proposed, last):
        family, version, candidate = one.family, one.version, one.candidate
        turns = candidate.turns
        said = [part for turn in turns for part in (turn["role"], turn["content"])]
        homes = _homes(view, candidate)
        name = make_id("pair", homes, family, version, *said)
        nth = 0
        while name in taken:  # the same exchange twice in a section
            nth += 1
            name = make_id("pair", homes, family, version, *said, str(nth))
        taken.add(name)
        # what a run has told is part of the words now, and read again
        told = candidate.finish is not None and not unrun(candidate)
        gates = (*BY_RUNNING, *BY_READING) if told else BY_RUNNING
        verdict = one.verdict or refused(candidate, texts, pairs, gates)
        if verdict is None and not room.left(family, candidate):
            verdict = ("limit", "block_used_enough")
        row = {
            "book_id": book_id, "section_id": view.section_id, "family": family, "turns": turns,
        }  # fmt: skip
        if verdict is not None:
            gate, reason = verdict
            made.rejects.append({**row, "candidate_id": name, "gate": gate, "reason": reason})
            continue
        room.take(family, candidate)
        view.kept.append(candidate)
        made.pairs.append(
            {**row, **_facts(candidate, runner), "pair_id": name, "family_version": version}
        )
        made.evidence += _evidence(book_id, name, candidate)


def _homes(view: View, candidate: Candidate) -> str:
    """The blocks that an exchange rests on: where another one of its section is mended, it keeps
    its id, and so do decisions about it and all that is drawn by it."""
    blocks = {candidate.block_id, *(quote.block_id for quote in candidate.quotes)} - {""}
    return ",".join(sorted(blocks)) or view.section_id


def _facts(candidate: Candidate, runner: Runner | None) -> Row:
    tokens = answer_tokens(candidate.turns)
    level, found = verified(candidate, runner.chain.name if runner else "")
    passed = BY_READING if unrun(candidate) or not candidate.trials else GATES
    return {
        "kind": candidate.kind,
        "lang": candidate.lang,
        "verification": level,
        "verified_by": found,
        "answer_chars": sum(len(answer) for _, answer in candidate.exchanges),
        "answer_tokens": tokens.answer,
        "code_tokens": tokens.code,
        "generator": "extractive",
        "recipe": "",
        "call_keys": [],
        "gates": [name for name, _ in passed],
    }


def _evidence(book_id: str, name: str, candidate: Candidate) -> Iterator[Row]:
    for ordinal, quote in enumerate(candidate.quotes):
        yield {
            "pair_id": name, "ordinal": ordinal, "book_id": book_id, "section_id": quote.section_id,
            "block_id": quote.block_id, "role": quote.role, "quote": quote.text,
            "char_start": quote.start, "char_end": quote.end,
        }  # fmt: skip


def _frames(
    book_id: str, views: list[View], parts: Parts, digests: Mapping[str, str],
    mentions: pl.DataFrame, pairs: Pairs,
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """The four tables, with split and concepts of every pair."""
    texts = {view.section_id: view.text for view in views}
    titles = {view.section_id: view.titles for view in views}
    names = cluster_names(texts, clusters(texts, _ties(views)), titles)
    split = {name: split_of(names[name], pairs.heldout_percent) for name in names}
    none = pl.lit([], dtype=pl.List(pl.String))
    kept = (
        parts.pairs.drop("split", "concept_ids", "prereq_ids", "level")
        .join(about(parts.evidence, mentions), on="pair_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("concept_ids").fill_null(none),
            prereq_ids=none,
            level=pl.lit(1, pl.Int32),
            split=pl.col("section_id").replace_strict(split, return_dtype=pl.String),
        )
        .select(parts.pairs.columns)
    )
    counted = [_by_section(frame) for frame in (kept, parts.rejects)]
    rows: list[Row] = [
        {
            "section_id": name, "book_id": book_id, "split": split[name], "cluster": names[name],
            "input_digest": digests[name], "kept": counted[0].get(name, 0),
            "rejected": counted[1].get(name, 0),
        }
        for name in texts
    ]  # fmt: skip
    return {
        PAIRS.name: kept, PAIR_EVIDENCE.name: parts.evidence, PAIR_REJECTS.name: parts.rejects,
        PAIR_SECTIONS.name: PAIR_SECTIONS.frame(rows),
        PAIR_TEACHER.name: PAIR_TEACHER.frame([]), PAIR_VERDICTS.name: PAIR_VERDICTS.frame([]),
    }  # fmt: skip


def _by_section(frame: pl.DataFrame) -> dict[str, int]:
    return dict(frame.group_by("section_id").len().iter_rows())


def _ties(views: list[View]) -> list[tuple[str, str]]:
    """Sections that an exercise and its answer tie together: both are held out, or none."""
    found = (
        (view.section_id, rows[0]["section_id"])
        for view in views
        for rows in view.solutions.values()
    )
    return sorted(set(found))
