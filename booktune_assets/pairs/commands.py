"""Family ``write_code``, of the terminal: a task in words, answered by the command that does it.

Belongs here: which lines are commands, the task in the sentence before them, what a reader cannot
know of a command. Does not: code of the book's languages (``write.py``).

A command is asked for only where its task names what it does and each of its options; names that
the page chose (a project, a file) are given in the question. Nothing runs it, and it says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from booktune_assets.concepts.sentences import split_sentences
from booktune_assets.pairs.candidate import PROSE, Candidate, View
from booktune_assets.pairs.gates import unclear
from booktune_assets.pairs.loose import LOOSE
from booktune_assets.pairs.overview import TASKS
from booktune_assets.pairs.subjects import ours
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["command_of", "commands", "terminal_task"]

LINES_MAX = 2
WORDS = (3, 14)  # of a task
_TOOLS = "mix|iex|elixir|elixirc|erl|erlc|rebar3|make"
_COMMAND = re.compile(rf"(?:\$ )?(?P<line>(?:{_TOOLS}) [^#<>|]+|cd [\w./-]+)")
_DO = frozenset((*TASKS, "begin", "boot", "launch", "try", "set", "bootstrap", "scaffold"))
_BY = (
    r"(?:,? (?:by (?:running|entering|typing|using|calling|executing)|using|with|like|via|running)"
    r"(?: (?:this|the following|that|so|these)(?: (?:command|task|line|commands))?"
    r"(?: (?:on|in|from|at) [\w\u2019' ]+)?)?)?"
)
_OPENS = (
    r"(?:(?:Now|So|First|Next|Then|Finally|Lastly|Second|Third|Again),? |And then |Then,? |To start"
    r"(?: with)?,? )*"
)
_LET = r"(?:let(?:['\u2019]s| us) |(?:we|you)(?:['\u2019]ll| will) (?:need to |have to )?)"
_SHAPES = tuple(
    re.compile(rf"{_OPENS}{shape}", re.I)
    for shape in (
        rf"{_LET}(?:begin|start) (?:by|with) (?P<doing>[a-z]+ing) (?P<task>[^:;]+?){_BY}",
        r"(?:now )?(?:in order )?to (?P<task>[a-z]+ [^,:;]+), "
        r"(?:we|you|run|type|call|use|enter|execute|just|simply)\b.*",
        r"(?:when(?:ever)? (?P<when>[^,]+), )?(?:we|you) (?:can|could|should|may)"
        rf"(?: now| also| then)? (?P<task>[a-z]+ [^:;]+?){_BY}",
        rf"{_LET}(?:first |now |also )?(?P<task>[a-z]+ [^:;]+?){_BY}",
        rf"(?P<task>[A-Z][a-z]+ [^:;]+?){_BY}",
    )
)
_ALSO = re.compile(r"\b(?:first|now|then|already|again)$")
_STEM = 3  # letters of a command's part that the task has to hold
_MAKES = re.compile(r"\b(?:creat|generat|set(?:ting)? up|start|new\b|bootstrap|scaffold)", re.I)
# options of one letter, and what a task says that has them
_SHORT = {
    "-S": re.compile(r"\b(?:project|mix|application|app)\b", re.I),
    "-v": re.compile(r"\b(?:installed|version)\b", re.I),
}
_NAME = re.compile(r"[\w./@:=-]+")


def commands(view: View) -> Iterator[Candidate]:
    """One candidate per block of commands whose last sentence before says what they do."""
    for prose, block in zip(view.blocks, view.blocks[1:], strict=False):
        if prose["kind"] not in PROSE or block["kind"] != "code":
            continue
        lines = command_of(block["text"])
        sentences = split_sentences(prose["text"]) if lines else []
        if not sentences or not view.language:
            continue
        last = sentences[-1]
        task = terminal_task(last.text)
        if task and _tells(task, lines):
            yield _candidate(view, prose, block, task, (last.start, last.end), lines)


def command_of(text: str) -> list[str]:
    """The commands that a block begins with; none where it begins with something else."""
    found: list[str] = []
    for line in text.strip("\n").split("\n"):
        match = _COMMAND.fullmatch(line.rstrip())
        if match is None or "=" in line:
            break
        found.append(match["line"].rstrip())
    found = [line for line in found if not line.startswith("cd ")]  # where to go is the page's
    return found if 0 < len(found) <= LINES_MAX else []


def terminal_task(sentence: str) -> str:
    """What the sentence says that is to be done, as a task; empty when it is none."""
    plain = " ".join(sentence.split()).rstrip(":. ")
    for shape in _SHAPES:
        match = shape.fullmatch(plain)
        if match is None:
            continue
        told = match["task"]
        if doing := match.groupdict().get("doing"):
            verb = next((verb for verb in sorted(_DO) if doing in _gerunds(verb)), "")
            told = f"{verb} {told}"
        told = _ALSO.sub("", re.sub(r"\b(?:our|your|my)\b", "the", told)).strip(" ,")
        if told.split()[0].lower() not in _DO:
            continue
        when = match.groupdict().get("when")
        task = f"{told[:1].upper()}{told[1:]}{f', when {when}' if when else ''}."
        return task if _clear(task) else ""
    return ""


def _gerunds(verb: str) -> tuple[str, ...]:
    return f"{verb}ing", f"{verb.removesuffix('e')}ing", f"{verb}{verb[-1]}ing"


def _clear(task: str) -> bool:
    if not WORDS[0] <= len(task.split()) <= WORDS[1] or unclear(task):
        return False
    return not (LOOSE.search(task) or ours(re.sub(r"\b[Ww]e(?:['\u2019]re)?\b", "you", task)))


def _tells(task: str, lines: Sequence[str]) -> bool:
    """Does the task say what the command does, and each of its options?"""
    said = [word.lower() for word in re.findall(r"[A-Za-z]+", task)]

    def holds(part: str) -> bool:
        return any(word.startswith(part[:_STEM].lower()) for word in said if len(part) >= _STEM)

    for line in lines:
        tool, *rest = line.split()
        flags = [one.lstrip("-") for one in rest if one.startswith("--")]
        if any(not holds(flag.removeprefix("no-")) for flag in flags):
            return False
        short = [one for one in rest if re.fullmatch(r"-\w+", one)]
        if any(one not in _SHORT or not _SHORT[one].search(task) for one in short):
            return False
        parts = rest[0].split(".") if rest and tool in ("mix", "rebar3") else [tool, *rest[:1]]
        made = "new" in parts and _MAKES.search(task)
        script = tool in ("elixir", "erl") and re.search(r"\b(?:script|file|program)\b", task)
        if not (made or script or any(holds(part) for part in parts)):
            return False
    return True


def _given(task: str, lines: Sequence[str]) -> str:
    """The names in the commands that the task does not say: the page chose them."""
    found: list[str] = []
    for line in lines:
        tool, *rest = line.split()
        taken = 0 if tool in ("iex", "elixir", "elixirc", "erl", "erlc") else 1
        own = [one for one in rest[taken:] if not one.startswith("-") and _NAME.fullmatch(one)]
        found += [one for one in own if one not in (*found, "mix") and one not in task]
    if not found:
        return ""
    names = ", ".join(f"`{name}`" for name in found)
    return f"Use the name {names}." if len(found) == 1 else f"Use the names {names}."


def _candidate(
    view: View, prose: dict[str, Any], block: dict[str, Any], task: str, place: tuple[int, int],
    lines: Sequence[str],
) -> Candidate:  # fmt: skip
    told = " ".join(filter(None, (task, _given(task, lines))))
    key = f"{block['block_id']}:command"
    question = ask_code("command", key, task=told, language=view.language)
    quotes = [view.quote(prose, *place, "question")]
    start = 0
    for line in lines:
        start = block["text"].index(line, start)
        quotes.append(view.quote(block, start, start + len(line), "answer"))
        start += len(line)
    answer = "```sh\n" + "\n".join(lines) + "\n```"
    return Candidate(
        "write_code", block["block_id"], "", "code", question, answer, quotes, borrowed=task
    )
