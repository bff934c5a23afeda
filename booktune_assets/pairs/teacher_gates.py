"""Gates of what a teacher wrote: G0 form, G1 stands alone, G2 grounding, G3 parse.

Belongs here: what is checked without a model. Does not: gates of extracted pairs (``gates.py``,
whose G0, G1 and G3 are used here too), judges (``judges.py``).

Grounding is more than quotes: most of what the answer says has to stand in the blocks that it
quotes, every number in evidence or question, and every name of code in evidence, question, the
book's own listings or the installed libraries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from booktune_assets.beam.symbols import BookSymbols, book_symbols
from booktune_assets.concepts.names import words
from booktune_assets.pairs.called import says_own_name
from booktune_assets.pairs.candidate import Candidate, language_name
from booktune_assets.pairs.gates import BY_READING, BY_RUNNING
from booktune_assets.pairs.identifiers import unsupported
from booktune_assets.pairs.outcomes import unrun
from booktune_assets.pairs.recipes.base import Exchange, Passage
from booktune_assets.pairs.rules import fences, without_fences
from booktune_assets.pairs.teacher_code import trials_of
from booktune_assets.pairs.teacher_replies import follows_the_book
from booktune_assets.settings import Pairs

__all__ = ["COVERED", "candidate_of", "coverage", "refused_by", "refused_by_running"]

COVERED = 0.6  # share of an answer's content words that stand in the quoted blocks
_SHARED = dict(BY_READING)
_ORDER = ("G0_form", "G1_stands_alone", "G3_parse")
_FEW = 3  # content words: an answer with fewer is too short for a share
_EMPTY = """
a an the this that these those it its they them their we our you your he she his her i my me and or
but so as at by for from in into of on onto out over to up with without within about after before
between through during under not only just also very too quite rather even still yet again once
always never often sometimes usually can could may might must shall should will would do does did
done is are was were be been being has have had if then else when where which who what how why while
because since though although however therefore thus hence instead there here any all each every
some no none both either neither one ones two such same other another than more most less least
yes use using used make give get take need want mean allow way thing example
"""
_SAYS_NOTHING = frozenset(_EMPTY.split())
# a prompt with what was typed at it, or a definition, in the middle of words
_BARE_CODE = re.compile(
    r"(?<![`\w])(?:iex(?:\(\d+\))?|\.{3})>\s*(?!(?:prompt|shell|session|console)\b)\S|"
    r"^\s*\d+>\s+\S|^\s*-(?:module|export|record)\(|"
    r"^\s*(?:defmodule|defprotocol|defimpl)\s+[A-Z][^\n]*\bdo\b|"
    r"^\s*def(?:p|macro|macrop)?\s+[a-z_]\w*[^\n]*(?:\bdo\b|do:)",
    re.M,
)
_NUMBER = re.compile(r"(?<![\w.#&%$/])\d+(?:[._]\d+)*(?![\w])")


def candidate_of(one: Exchange, passage: Passage) -> Candidate:
    """The exchange as the shared gates see it."""
    code = [(_lang(tag, passage), text) for tag, text in fences(one.answer)]
    candidate = Candidate(
        family=one.family, block_id=one.quotes[0].block_id if one.quotes else "",
        lang=_lang("", passage) if code else "", kind=_kind(one.answer), question=one.question,
        answer=one.answer, quotes=one.quotes, code=[(lang, text) for lang, text in code if lang],
        borrowed=without_fences(one.question.replace(one.carried, "") if one.carried
                                else one.question),
    )  # fmt: skip
    candidate.trials = trials_of(candidate.code, passage)
    return candidate


def refused_by(
    one: Exchange, passage: Passage, texts: Mapping[str, str], pairs: Pairs,
    book: BookSymbols,
) -> tuple[str, str] | None:  # fmt: skip
    """(gate, reason) of the first gate that refuses, else None; writes down what was passed.

    ``book`` is what the listings of the book define.
    """
    if one.problem:
        return one.problem
    candidate = one.candidate = candidate_of(one, passage)
    candidate.problem = says_own_name(candidate, passage.called)
    checks: list[tuple[str, Callable[[], str]]] = [
        (name, lambda name=name: _SHARED[name](candidate, texts, pairs)) for name in _ORDER
    ]
    form = checks[0][1]
    checks[0] = ("G0_form", lambda: form() or _unfenced(one))
    alone = checks[1][1]
    checks[1] = ("G1_stands_alone", lambda: _unasked(one) or alone())
    checks.insert(2, ("G2_grounding", lambda: _ungrounded(one, passage, texts)))
    # names of code that does not parse mean nothing
    checks.append(("G2_identifiers", lambda: _unnamed(one, passage, book)))
    for gate, check in checks:
        if reason := check():
            return gate, reason
        one.passed.append(gate)
    return None


def refused_by_running(
    one: Exchange, texts: Mapping[str, str], pairs: Pairs
) -> tuple[str, str] | None:
    """G4 and G5, once the code of the exchange's candidate was run; None when it was not."""
    if one.candidate is None or unrun(one.candidate) or not one.candidate.trials:
        return None
    for gate, check in BY_RUNNING:
        if reason := check(one.candidate, texts, pairs):
            return gate, reason
        one.passed.append(gate)
    return None


def coverage(answer: str, evidence: str, question: str = "") -> float:
    """Share of the content words of an answer that stand in the evidence; 1.0 without any.

    What the question says already is neither for nor against it.
    """
    said = {key for key in _content(answer) if key not in _content(question)}
    if len(said) < _FEW:
        said = set(_content(answer))
    there = _content(evidence)
    return sum(_near(key, there) for key in said) / len(said) if said else 1.0


def _unfenced(one: Exchange) -> str:
    """Code without a fence: no gate would parse or run it, and a trainer takes it for words."""
    for said in (
        one.question.replace(one.carried, "") if one.carried else one.question,
        one.answer,
    ):
        if _BARE_CODE.search(re.sub(r"`[^`\n]*`", "", without_fences(said))):
            return "code_not_fenced"
    return ""


def _unasked(one: Exchange) -> str:
    """A question of one word or none asks nothing."""
    said = one.question.replace(one.carried, "") if one.carried else one.question
    return "question_too_short" if len(re.findall(r"\w+", said)) < 2 else ""


def _ungrounded(one: Exchange, passage: Passage, texts: Mapping[str, str]) -> str:
    section = texts[passage.section_id]
    if any(section[quote.start : quote.end] != quote.text for quote in one.quotes):
        return "quote_not_exact"
    if not one.quotes:
        return "no_quote"
    if follows_the_book(one.answer, passage):
        return "follows_text_of_the_book"
    cited = {quote.block_id for quote in one.quotes}
    blocks = "\n\n".join(block.text for block in passage.blocks if block.block_id in cited)
    if coverage(without_fences(one.answer), blocks, one.question) < COVERED:
        return "answer_not_covered"
    known = f"{one.question}\n{passage.text}"
    numbers = set(_NUMBER.findall(known))
    if any(number not in numbers for number in _NUMBER.findall(without_fences(one.answer))):
        return "number_not_in_evidence"
    return ""


def _unnamed(one: Exchange, passage: Passage, book: BookSymbols) -> str:
    """A function that neither evidence, book nor libraries have, nor code of the answer itself."""
    if not one.quotes:
        return ""
    quotes = [quote.text for quote in one.quotes]
    homes = [passage.text, one.question]
    own = book_symbols(("", code, _lang(tag, passage)) for tag, code in fences(one.answer))
    lost = unsupported(one.answer, quotes, homes, book)
    if lost and own.functions:
        unknown = unsupported(one.answer, quotes, homes, own)
        lost = [name for name in lost if name in unknown]
    return "identifier_not_found" if lost else ""


def _content(text: str) -> set[str]:
    keys = {word.key.lower() for word in words(text)}
    return {key for key in keys if key not in _SAYS_NOTHING and len(key) > 1}


def _near(key: str, there: set[str]) -> bool:
    """The word itself, or one with the same stem: returns, returned, returning."""
    if key in there:
        return True
    stem = re.sub(r"(?:ing|ed|es|s|ly|e)$", "", key)
    return len(stem) > 3 and any(
        other.startswith(stem) and len(other) - len(stem) <= 4 for other in there
    )


def _lang(tag: str, passage: Passage) -> str:
    tags = {"elixir": "elixir", "erlang": "erlang", "iex": "iex", "erl": "erl_shell"}
    if tag:
        return tags.get(tag, "")
    lang = next((block.lang for block in passage.blocks if language_name(block.lang)), "")
    return {"iex": "elixir", "erl_shell": "erlang"}.get(lang, lang)


def _kind(answer: str) -> str:
    if not fences(answer):
        return "theory"
    return "mixed" if len(without_fences(answer)) >= 80 else "code"
