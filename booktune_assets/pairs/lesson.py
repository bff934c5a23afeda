"""Family ``lesson``: several exchanges on one section, from what a thing is to how it is used.

Belongs here: putting kept candidates of a section in an order that teaches. Does not: making
exchanges, as a lesson only holds what passed every gate on its own; lessons that walk from one
concept to another (``path_lesson.py``).
"""

from __future__ import annotations

from collections.abc import Iterator

from booktune_assets.pairs.candidate import Candidate, View
from booktune_assets.pairs.wording import ask

__all__ = ["lesson"]

EXCHANGES = (2, 4)
LESSONS_MAX = 3  # of one section
CHARS_MAX = 4_000
SHARE_MAX = 0.65  # of the text in one exchange: more would be that pair again, with a remark
_STAGES = (
    ("define", "prerequisites"),
    ("explain_code", "write_code", "api_use", "steps", "compare"),
    ("predict_output", "reason"),
    ("fill_in", "fix_bug", "diagnose_error", "rewrite"),
    ("write_test", "reason", "true_false", "compare"),
)  # fmt: skip


def lesson(view: View) -> Iterator[Candidate]:
    """At most three candidates per section; no exchange is in both."""
    left = [one for one in view.kept if not one.earlier]
    made = 0
    while made < LESSONS_MAX:
        chosen = _chosen(left)
        if len(chosen) < EXCHANGES[0] or len({one.family for one in chosen}) < 2:
            return
        sizes = [len(one.question) + len(one.answer) for one in chosen]
        if max(sizes) > SHARE_MAX * sum(sizes):  # without it there may be a lesson
            largest = chosen[sizes.index(max(sizes))]
            left = [one for one in left if one is not largest]
            continue
        left = [one for one in left if all(one is not other for other in chosen)]
        made += 1
        yield _candidate(view, chosen)


def _chosen(left: list[Candidate]) -> list[Candidate]:
    """One candidate per stage, in the order of the text where the stages allow."""
    found: list[Candidate] = []
    size = 0
    for stage in _STAGES:
        if len(found) == EXCHANGES[1]:
            break
        for one in left:
            length = sum(len(part) for exchange in one.exchanges for part in exchange)
            if one.family not in stage or any(one is other for other in found):
                continue
            if size + length <= CHARS_MAX and not any(_told(one, other) for other in found):
                found.append(one)
                size += length
                break
    return found


def _told(one: Candidate, other: Candidate) -> bool:
    """Was some of the answer told or shown in an earlier exchange, be it in its question?

    A session that is explained shows its results, a listing what is missing from its copy.
    """
    shows = any(trial.wanted == "tells" for trial in one.trials)  # no text of the book has it
    for mine in (quote for quote in one.quotes if quote.role == "answer" and not shows):
        for its in other.quotes:
            if mine.section_id == its.section_id and mine.start < its.end and its.start < mine.end:
                return True
    return one.answer in other.answer or other.answer in one.answer


def _candidate(view: View, parts: list[Candidate]) -> Candidate:
    said: list[tuple[str, str]] = []
    for place, one in enumerate(parts):
        key = f"{place}:{one.question}"
        question = ask("lesson_next", key, question=one.question) if place else one.question
        said.append((question, one.answer))
    code = [piece for one in parts for piece in one.code]
    shows = any("```" in answer for _, answer in said)
    theory = any(one.kind == "theory" for one in parts)
    quotes = [quote for one in parts for quote in one.quotes]
    quotes.sort(key=lambda quote: quote.section_id != view.section_id)  # its place is here
    return Candidate(
        "lesson", parts[0].block_id, next((one.lang for one in parts if one.lang), ""),
        ("mixed" if theory else "code") if shows else "theory", *said[-1],
        quotes, code,
        glue=tuple(words for one in parts for words in one.glue), earlier=said[:-1],
        trials=tuple(trial for one in parts for trial in one.trials),
        outcomes=[found for one in parts for found in one.outcomes], parts=parts,
    )  # fmt: skip
