"""Family ``write_code``, from a statement: the code that the book shows for it.

Belongs here: which sentence before a listing or session says what it shows. Does not: sentences
that give a task (``write.py``), prose that explains code (``explain.py``).

The sentence has to stand alone and to name what the code does; the code has to run, and a session
to give what it shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.concepts.sentences import split_sentences
from booktune_assets.pairs.beforehand import before
from booktune_assets.pairs.candidate import Candidate, View, fenced, language_name, shown
from booktune_assets.pairs.given import given_names, given_words
from booktune_assets.pairs.loose import raises_here
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE
from booktune_assets.pairs.predict import ELIDED, OPAQUE
from booktune_assets.pairs.prose import FINITE, stands
from booktune_assets.pairs.sessions import entries
from booktune_assets.pairs.subjects import only_one, ours
from booktune_assets.pairs.trials import listing_trial, session_trial
from booktune_assets.pairs.wording_code import ask_code
from booktune_assets.pairs.write import meant_for, task_of

__all__ = ["illustrate"]

LINES_MAX = 24
EXCHANGES_MAX = 6
_OPENS = re.compile(
    r"(?:For (?:example|instance),? |As an example,? |Note that |Remember that |Note: |However, |"
    r"Similarly, |In fact, |Also, |Therefore, |Finally, |Additionally, |Besides that, )"
)
_TICKED = re.compile(r"`([^`]+)`|\b([A-Za-z_][\w.]*[?!]?)/\d|\b((?:[A-Z]\w*\.)+[a-z_]\w*[?!]?)")
_CODE_FIRST = re.compile(r"[a-z:]\w*(?:[_/.:(]\w|[?!])")  # a name keeps its small letter
_NO_STATEMENT = re.compile(
    r"^By the time\b|\b(?:do not|don't|avoid|never) \w|\blooks? like\b|"
    r"\b(?:like this|as follows|the following|such as|"
    r"by running|try|we get|you get|see|output|prints?|file|folder|install\w*|version)\b|\?$",
    re.I,
)


def illustrate(view: View) -> Iterator[Candidate]:
    """One candidate per block of code with such a sentence right before it."""
    for prose, block in zip(view.blocks, view.blocks[1:], strict=False):
        if prose["kind"] not in ("prose", "callout") or not _short(block):
            continue
        found = split_sentences(prose["text"])
        if not found:
            continue
        last = found[-1]
        claim = _claim(last.text)
        if claim and not task_of(last.text) and _shown_by(claim, block):
            yield _candidate(view, prose, block, claim, (last.start, last.end))


def _short(block: dict[str, Any]) -> bool:
    text = block["text"]
    if block["kind"] not in ("code", "iex", "erl_shell") or not language_name(block["lang"]):
        return False
    if text.count("\n") >= LINES_MAX or ELIDED.search(text) or VOLATILE.search(text):
        return False
    if block["kind"] == "code":
        return bool(code_without_text(text).strip())
    typed = entries(text, block["kind"])
    if not 0 < len(typed) <= EXCHANGES_MAX or OPAQUE.search(text):
        return False
    return all(one.result or one is not typed[-1] for one in typed)


def _claim(said: str) -> str:
    """The sentence as a statement that stands alone, or empty when it is none."""
    whole = " ".join(shown(said).split())
    told = _OPENS.sub("", whole, count=1)
    said = told.rstrip(" :.") + "."
    plain = f"{said[:1].upper()}{said[1:]}"
    if not stands(plain) or not FINITE.search(plain) or _NO_STATEMENT.search(plain):
        return ""
    if not only_one(plain) or ours(plain):
        return ""
    named = told == whole or _CODE_FIRST.match(said)
    return said if named else plain  # what the book writes small at the beginning is a name


def _shown_by(claim: str, block: dict[str, Any]) -> bool:
    """Does the code have a function or a form that the statement names?"""
    code = block["text"]
    named = {name for match in _TICKED.findall(claim) for name in match if name}
    return any(name.split("/")[0] in code for name in named)


def _candidate(
    view: View, prose: dict[str, Any], block: dict[str, Any], claim: str, place: tuple[int, int]
) -> Candidate:
    text, lang = block["text"], block["lang"]
    key = f"{block['block_id']}:illustrate"
    lent = given_names(text, lang) if block["kind"] == "code" else []
    told = " ".join(filter(None, (claim, given_words(lent), meant_for(view, claim))))
    words = ask_code("illustrate", key, language=language_name(lang), claim=told)
    made = listing_trial if block["kind"] == "code" else session_trial
    trial: Trial | None = made(view, block, needed=True)
    rests = before(view, block)
    asked = [
        *rests.quotes(view), view.quote(prose, *place, "question"),
        view.quote(block, 0, len(text), "answer"),
    ]  # fmt: skip
    return Candidate(
        "write_code", block["block_id"], lang, "code", "\n\n".join([words, *rests.parts()]),
        fenced(text, lang), asked,
        [(lang, text)], borrowed=claim, trials=(trial,) if trial else (),
        problem=rests.problem or ("shown_failing" if raises_here(block, view.blocks) else ""),
        run_only=True,
    )  # fmt: skip
