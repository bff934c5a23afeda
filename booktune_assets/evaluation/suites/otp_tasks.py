"""The four tasks of an OTP problem, and how a list of labels is read.

Belongs here: texts, options, the order of tasks. Does not: asking, running, scores (``otp.py``).

Everything that is shown follows from the problem alone, never from a run: the same problem gives
the same bytes on every machine, so answers are kept and found again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from booktune_assets.beam.patterns import find_patterns
from booktune_assets.beam.problems import Problem
from booktune_assets.evaluation.suites.crossed import crossed
from booktune_assets.ids import stable_int

__all__ = ["KINDS", "LABELS", "TOPICS", "Task", "labels_in", "spread", "tasks_of"]

KINDS = ("implement", "repair", "choose", "identify")
TOPICS = (
    "genserver", "supervisor", "dynamic", "task", "agent", "statem", "ets", "links", "crash",
    "behaviours", "erlang",
)  # fmt: skip
LETTERS = ("A", "B", "C", "D")
# patterns of OTP: what nearly every module shows (guards, clauses) would be right without reading
LABELS = (
    "gen_server", "supervisor", "dynamic_supervisor", "application", "task", "agent", "registry",
    "gen_statem", "ets", "link", "monitor", "let_it_crash", "behaviour", "protocol",
)  # fmt: skip
WHOLE_CHARS = 600  # modules up to this long are shown whole to choose from

_IMPLEMENT = "Answer with the code of the module only."
_REPAIR = (
    "This module was written for it. It compiles, but it does not do all that is asked: some of "
    "its tests fail.\n\n{code}\n\nFind the fault. Answer with the whole corrected module only."
)
_CHOOSE = (
    "Here are four versions{parts}. One does what is asked, the others have faults.\n\n"
    "{versions}\n\nWhich one is right? Answer with its letter only."
)
# what ``find_patterns`` goes by: without it, is ``use GenServer`` a behaviour, start_link a link?
_MEANINGS = (
    "A kind (gen_server, gen_statem, supervisor, dynamic_supervisor, application, task, agent, "
    "registry, ets) is shown by a module that is one and by a call to the module of that name; "
    "Task.Supervisor counts as task, simple_one_for_one as supervisor and dynamic_supervisor. "
    "link is shown by spawn_link, link, unlink, trap_exit or a message EXIT, not by start_link; "
    "monitor by spawn_monitor, monitor, demonitor or a message DOWN; behaviour by @behaviour, "
    "@callback, -behaviour or -callback, not by use; protocol by defprotocol, defimpl or @derive; "
    "let_it_crash by a call whose result is matched with ok or {ok, x} alone, or a callback that "
    "raises or exits, where nothing rescues it."
)
_IDENTIFY = (
    "Which of these patterns does the program below show?\n\n{labels}\n\n{meanings}\n\n{code}\n\n"
    "Answer with the labels that apply, separated by commas, and nothing else."
)
_MARKED = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*")
_LEAD = re.compile(
    r":\s|\b(?:are|is|shows?|uses?|has|have|includes?|contains?|apply|applies)\b:?\s", re.I
)
_ARTICLE = re.compile(r"^\s*(?:an?|the|both)\s+", re.I)
_PARTS = ", of which only the parts that differ are shown"


@dataclass(frozen=True, slots=True)
class Task:
    """One task. ``right`` programs have to pass where it is scored, ``wrong`` ones to fail."""

    kind: str
    problem: Problem
    text: str
    reference: str
    options: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def item_id(self) -> str:
        """Problem and kind."""
        return f"{self.problem.id}#{self.kind}"


def tasks_of(problem: Problem) -> list[Task]:
    """All tasks that a problem has enough mutants and patterns for."""
    return [task for task in _tasks(problem) if task is not None]


def _tasks(problem: Problem) -> Iterator[Task | None]:
    reference = problem.reference
    mutants = sorted(
        dict.fromkeys(problem.mutants), key=lambda text: stable_int(f"{problem.id} {text}")
    )
    if mutants:
        yield Task(
            "implement", problem, f"{problem.prompt}\n{_IMPLEMENT}", reference,
            right=(reference,), wrong=(mutants[-1],),
        )  # fmt: skip
        shown = _REPAIR.format(code=_fenced(mutants[0], problem))
        yield Task(
            "repair", problem, f"{problem.prompt}\n\n{shown}", reference,
            right=(reference,), wrong=(mutants[0],),
        )  # fmt: skip
    yield _choose(problem, mutants)
    yield _identify(problem)


def _choose(problem: Problem, mutants: Sequence[str]) -> Task | None:
    """The right version, two with a fault, one with both: what most share tells nothing."""
    whole = len(problem.reference) <= WHOLE_CHARS
    for wrong in crossed(problem.reference, mutants[::-1]):
        versions = (problem.reference, *wrong)
        if len(set(versions if whole else _differing(versions))) == len(LETTERS):
            return _chosen_of(problem, wrong, whole=whole)
    return None


def _chosen_of(problem: Problem, wrong: tuple[str, ...], *, whole: bool) -> Task:
    versions = sorted(
        (problem.reference, *wrong), key=lambda text: stable_int(f"choose {problem.id} {text}")
    )
    shown = versions if whole else _differing(versions)
    text = "\n\n".join(
        f"{letter}\n{_fenced(part, problem)}" for letter, part in zip(LETTERS, shown, strict=True)
    )
    asked = _CHOOSE.format(parts="" if whole else _PARTS, versions=text)
    right = LETTERS[versions.index(problem.reference)]
    return Task(
        "choose", problem, f"{problem.prompt}\n\n{asked}", right, LETTERS,
        right=(problem.reference,), wrong=wrong,
    )  # fmt: skip


def _identify(problem: Problem) -> Task | None:
    found = {one.name for one in find_patterns(problem.reference, problem.language)}
    shown = [one for one in LABELS if one in found]
    if not shown:
        return None
    code = _fenced(problem.reference, problem)
    text = _IDENTIFY.format(labels=", ".join(LABELS), meanings=_MEANINGS, code=code)
    return Task("identify", problem, text, ", ".join(shown))


def _differing(versions: Sequence[str]) -> list[str]:
    """Of each version the passages between blank lines that not all versions have, in order."""
    passages = [[part.strip("\n") for part in re.split(r"\n\s*\n", one)] for one in versions]
    common = set(passages[0]).intersection(*passages[1:])
    return ["\n\n".join(part for part in parts if part not in common) for parts in passages]


def _fenced(code: str, problem: Problem) -> str:
    return f"```{problem.language}\n{code.rstrip()}\n```"


def spread(tasks: Sequence[Task]) -> list[Task]:
    """The tasks so that any beginning holds kinds and topics evenly; within both by hash."""
    groups: dict[tuple[str, str], list[Task]] = defaultdict(list)
    for task in sorted(tasks, key=lambda one: stable_int(one.item_id)):
        groups[task.kind, task.problem.topic].append(task)
    topics = sorted({topic for _, topic in groups}, key=_place)
    # on a diagonal: each step takes the next kind and, as far as there are any, another topic
    steps = [
        (kind, topics[(turn + number * max(1, len(topics) // len(KINDS))) % len(topics)])
        for turn in range(len(topics))
        for number, kind in enumerate(KINDS)
    ]
    most = max((len(group) for group in groups.values()), default=0)
    return [
        groups[step][rank]
        for rank in range(most)
        for step in steps
        if rank < len(groups.get(step, ()))
    ]


def _place(topic: str) -> tuple[int, str]:
    return (TOPICS.index(topic) if topic in TOPICS else len(TOPICS), topic)


def labels_in(answer: str) -> set[str]:
    """Labels that an answer names, each as an entry of its own or marked as code.

    Entries stand between commas, semicolons, line breaks or `and`; bullets, numbers, articles, an
    explanation after a colon or dash and a lead-in ("The patterns are …", "Labels: …") are let
    pass. A label within a sentence counts for nothing: ``task`` and ``link`` are words of English.
    """
    plain = {_bare(label): label for label in LABELS}
    entries = re.split(r"[,;\n]|\band\b", answer)
    entries = [piece for one in map(_trimmed, entries) for piece in (one, _led(one))]
    entries = [re.split(r":\s|\s[-–—(]", f"{one} ")[0] for one in entries]
    entries += [one or two for one, two in _MARKED.findall(answer)]
    return {plain[bare] for one in entries if (bare := _bare(one)) in plain}


def _led(entry: str) -> str:
    """The label that a lead-in ends in; the entry itself where a label leads in, or none does."""
    head, *parts = _LEAD.split(entry)
    known = {_bare(label) for label in LABELS}
    if _bare(head) in known:
        return entry
    parts = [_ARTICLE.sub("", one) for one in parts]
    return next((one for one in parts if _bare(one) in known), entry)


def _trimmed(entry: str) -> str:
    return re.sub(r"^\s*(?:[-*•]|\d+[.)])?\s*", "", entry)


def _bare(words: str) -> str:
    """`GenServer`, `gen_server` and `gen server` are one."""
    return re.sub(r"[^a-z]", "", words.lower())
