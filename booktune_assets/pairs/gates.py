"""The gates that a candidate passes: G0 form, G1 stands alone, G2 grounding, G3 parse; then G4
compile and G5 execute, which judge by what came of its code.

Belongs here: refusals with gate and reason, cheapest first. Does not: making candidates, running
their code (``execute.py``). A refusal is a row, never a silent drop. Later gates (judge, near
duplicates) join the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from booktune_assets.concepts.names import name_key, words
from booktune_assets.llm.addressed import speaks_to_a_model
from booktune_assets.pairs.alone import lacking
from booktune_assets.pairs.candidate import Candidate, shown
from booktune_assets.pairs.identifiers import unsupported
from booktune_assets.pairs.outcomes import not_compiled, not_executed
from booktune_assets.pairs.rules import broken_rule, fences, without_fences
from booktune_assets.settings import Pairs

__all__ = ["BY_READING", "BY_RUNNING", "GATES", "dangles", "refused", "unclear"]

_PLACES = (
    r"(?:chapters?|sections?|pages?|books?|lessons?|guides?|tutorials?|listings?|figures?|"
    r"tables?|exercises?|"
    r"appendix|articles?|posts?|livebooks?|screencasts?|episodes?|readings?|cheatsheets?|"
    r"documents?)"
)
_CODES = (
    r"(?:code|example|snippet|function|module|listing|expression|program|session|output|line|"
    r"command|"
    r"implementation|definition|test|diagram|solution|version|case|error|image|screenshot|"
    r"macro|clause|query)s?"
)
_TELLS_TO = re.compile(
    r"(?:Give|Add|Create|Change|Replace|Put|Open|Run|Define|Start|Make|Write|Update|Install|Move|"
    r"Go|Try|Type|Save|Remove|Delete|Copy|Paste) (?:the|a|an|your|this|it|that|some|to|in|back)\b"
)
QUOTING = ("refusal", "lesson", "session")  # the exchanges of a lesson passed alone
Gates = tuple[tuple[str, Callable[[Candidate, Mapping[str, str], Pairs], str]], ...]

# Words that point out of the text: each alternative is what a reader without the book lacks.
# (They share one \b, which most places fail.)
_POINTS = re.compile(
    rf"\b(?:(?:this|next|previous|last|following|earlier|later|coming|preceding|current|other|"
    rf"first|second|whole)"
    rf" (?:few |two |three |couple of )?{_PLACES}\b"
    rf"|(?:listing|figure|table|chapter|section|exercise|appendix|page|example|answer)s? "
    rf"(?:\d|[A-Z]\b|[IVX]+\b)"
    rf"|(?:as|we|we've|we have|you|you've|have) (?:\w+ ){{0,2}}(?:saw|seen|shown|mentioned|"
    rf"discussed|covered|"
    rf"learned|learnt|guessed|described|introduced|noted|explained|talked|met)\b"
    rf"|(?:earlier|previously|later on|so far|later in|next up|coming up|from now on|already "
    rf"know)\b"
    rf"|can be found (?:in|at|on|here)\b"
    rf"|in the (?:next|previous|following|last|coming)\b|(?:above|below)\b(?! (?:zero|\d|the))"
    rf"|the (?:text|passage|author|reader|book|guide|tutorial|documentation|docs|figure|"
    rf"diagram) (?:above|below|says)\b"
    rf"|chapters?\b|(?:the|this|our|that) (?:guide|tutorial|course|lesson|livebook)s?\b"
    rf"|(?:previous|preceding|last|next|following|earlier|aforementioned) {_CODES}\b"
    r"|(?:first|second|third|other|typical) example\b|(?:explored|explained|covered|discussed) "
    r"(?:in|with|later)\b|may have noticed\b|when we (?:compiled|ran|defined|started)\b|"
    r"likewise\b"
    r"|see (?:also )?(?:sections?|chapters?)\b|see [^.;:]{2,60} for (?:(?:more|further) )?"
    r"(?:details|information)\b"
    r"|(?:shown|seen|explained|described|discussed|introduced|covered) (?:later|next)\b"
    r"|as an exercise\b|before (?:looking|going|moving) (?:at|on|into|further)\b"
    r"|(?:described|explained|discussed|detailed|covered|documented) in (?!(?:Elixir|Erlang)\b)"
    r"(?-i:[A-Z][a-z]+(?: [A-Za-z]+){0,5}[.,;)])"
    r"|(?<=\()see (?:also )?(?-i:[A-Z][a-z]+(?: [A-Za-z]+){0,5}\))"
    rf"|(?:read on|see (?:also )?the|refer to the|click|check out|take a look at|have a look "
    rf"at|screenshot|"
    rf"your turn|stay tuned|in this book|on your (?:screen|machine|computer)|"
    rf"hexdocs|official docs|the docs|documentation for)\b)|https?://",
    re.I,
)
# It speaks of what lies before the writer: a reader has no passage, no author and no figure.
_SPEAKS_OF = re.compile(
    r"\b(?:according to|(?:as )?(?:stated|said|explained|described|shown|defined|noted|depicted|"
    r"illustrated) (?:in|by)|in the words of) (?:the|this|our) (?:text|passage|excerpt|author|book|"
    r"paragraph|article|figure|diagram)s?\b|"
    r"\bthe (?:author|passage|excerpt|paragraph|article|figure|diagram)s? (?:also |then |only )?"
    r"(?:says?|states?|explains?|thinks?|shows?|tells?|describes?|mentions?|notes?|writes?|suggests?|"
    r"recommends?|argues?|introduces?|discuss(?:es)?|depicts?|illustrates?|does not|doesn't)\b|"
    r"\b(?:in|from) (?:the|this) (?:passage|excerpt|figure|diagram)\b|"
    r"\bthe (?:given|provided) (?:passage|excerpt)\b",
    re.I,
)
_CODE_ABOVE = re.compile(
    rf"\b(?:the|in the|this|our|that) (?:{_CODES} (?:just )?above|above {_CODES})\b", re.I
)
_NARRATES = re.compile(
    r"\bI(?:'m|'ve|'ll|'d)?\b(?!/O|\.|/)|\bmy\b|\b[Ll]et(?:'s| us)\b|\b[Ww]e(?:'ll| will| are "
    r"(?:going|about) to|'re going to)\b|"
    r"\b[Yy]ou(?:'ll| will) (?:learn|see|find out|notice|need to install)\b|\b(?i:phew|yay|oh no|"
    r"hooray|whoa|haha)\b|\uFFFD|:\)"
)  # fmt: skip
_DANGLES = re.compile(
    r"(?:It|Its|They|Their|Them|This|That|These|Those|He|She|Such|(?:Each|All|Any) such|Both|"
    r"Neither|Then|But|And|So|However|Also|Nevertheless|Nonetheless|Alternatively|"
    r"Otherwise|Instead|Moreover|Therefore|Thus|Hence|As a result|Similarly|In other words|In "
    r"this|In that|"
    r"In these|For this|For that|The former|The latter|The same|The other|Furthermore|"
    r"Additionally|Besides|"
    r"Likewise|Still|Yet|Or|Nor|Unlike (?:this|that)|Because of (?:this|that)|After that|Even "
    r"so|Again|Another|"
    r"There|Here|One of (?:them|these|those)|Each of (?:them|these)|Most of (?:them|these))\b",
)
_FINE_WITH_CODE = re.compile(
    r"(?:This|These|That|Those|Here|The same|Both|Each of|Then|There|In this|So|It|Its|They|"
    r"Such|One of|Also|"
    r"However|Instead|But|And|Therefore|Otherwise)\b"
)
_HEADINGLIKE = re.compile(
    r"^[*_]{0,2}(?:Note|Warning|Tip|Listing|Exercise|Answer|Figure|Table)\b[^a-z]{0,8}[*_.:]"
)


_COMMENTS = re.compile(r"(?m)^[ \t]*[#%](?!\w*\{).*$")
# It says that there is something to tell, and the page tells it further down.
_ANNOUNCES = re.compile(
    r"\bneed to (?:know|learn|understand) (?:a little|a bit|something|more)\b[^.:]*\.$|"
    r"\b(?:there (?:are|is)|(?:has|have|provides?|offers?|gives?|supports?|comes? with|exist)) "
    r"(?:a )?(?:couple of|several|few|some|many|various|multiple|different|two|three|four) "
    r"(?:options|ways|approaches|methods|possibilities|reasons|alternatives)\b[^.:]*\.$"
)
# It bids to think of a case, and the page shows it further down.
_HYPOTHETICAL = re.compile(
    r"(?:^|[.!?)] )(?:For (?:example|instance),? )?(?:[Ii]magine|[Ss]uppose|[Cc]onsider|[Aa]ssume|"
    r"[Ll]et's (?:say|imagine)|[Ss]ay)(?:,| that| we| you| an?| there)\b[^.?!]*[.?!]$"
)
_LETTERS = re.compile(r"[A-Za-z]+")
_ITEM = re.compile(r"^\s*(?:[-*\u2022]|\d+[.)])\s+")


def dangles(text: str) -> bool:
    """Does the text begin with a word that stands for something said before?"""
    return bool(_DANGLES.match(text))


@lru_cache(maxsize=1 << 14)  # several families look at each sentence
def unclear(text: str, *, code_at_hand: bool = False) -> str:
    """Why the text cannot stand without its page, or an empty string.

    With ``code_at_hand`` the text is read beside the code it speaks of: "the code above" is clear.
    """
    plain = text.replace("\u2019", "'")
    read = _CODE_ABOVE.sub("the code", plain) if code_at_hand else plain
    if _POINTS.search(read):
        return "points_elsewhere"
    if _NARRATES.search(read):
        return "narrates"
    return "heading_like" if _HEADINGLIKE.match(text) else ""


def refused(
    candidate: Candidate, texts: Mapping[str, str], settings: Pairs, gates: Gates | None = None
) -> tuple[str, str] | None:
    """(gate, reason) of the first gate that refuses the candidate; None when all let it through.

    ``texts`` are the texts of sections by id: quotes are compared with them.
    """
    for gate, check in GATES if gates is None else gates:
        if reason := check(candidate, texts, settings):
            return gate, reason
    return None


def _form(candidate: Candidate, _: Mapping[str, str], settings: Pairs) -> str:
    if any(len(answer) > settings.answer_chars_max for _, answer in candidate.exchanges):
        return "answer_too_long"
    if broken := broken_rule(candidate.turns):
        return broken
    addressed = any(speaks_to_a_model(turn["content"]) for turn in candidate.turns)
    return "speaks_to_a_model" if addressed else ""


def _alone(candidate: Candidate, _: Mapping[str, str], settings: Pairs) -> str:
    del settings
    if candidate.problem:
        return candidate.problem
    if candidate.borrowed and (reason := unclear(candidate.borrowed)):
        return f"question_{reason}"
    if not _brings_passage(candidate):
        if _SPEAKS_OF.search(candidate.borrowed):
            return "question_points_elsewhere"
        if any(_SPEAKS_OF.search(without_fences(answer)) for _, answer in candidate.exchanges):
            return "answer_points_elsewhere"
    with_code = False
    for question, answer in candidate.exchanges:
        with_code = with_code or bool(fences(question))
        if reason := _leaning(answer, with_code=with_code):
            return reason
    if candidate.family == "explain_code" and _TELLS_TO.match(candidate.answer):
        return "answer_tells_to_do"  # a step of the page, no explanation
    if candidate.family in QUOTING:
        return ""
    said = ""
    for question, answer in candidate.exchanges:
        said += f"{question}\n\n"
        if reason := lacking(answer, said):
            return reason
        said += f"{answer}\n\n"
    return ""


def _brings_passage(candidate: Candidate) -> bool:
    """Does the question show the passage that it and its answer may speak of?"""
    if candidate.family in QUOTING or candidate.absent:
        return True
    asked = without_fences(candidate.question)
    return any(one.role == "question" and one.text in asked for one in candidate.quotes)


def _leaning(answer: str, *, with_code: bool) -> str:
    """What an answer lacks without its page."""
    prose = without_fences(answer)
    if not prose:
        return ""
    if reason := unclear(prose, code_at_hand=with_code):
        return f"answer_{reason}"
    if dangles(prose) and not (with_code and _FINE_WITH_CODE.match(prose)):
        return "answer_dangling_start"
    if answer.rstrip().endswith((":", ",", ";", "(")):
        return "answer_dangling_end"
    if _ANNOUNCES.search(prose) and prose.count(". ") == 0 and not fences(answer):
        return "answer_announces"
    if _HYPOTHETICAL.search(prose.replace("\u2019", "'")) and not fences(answer):
        return "answer_announces"
    return "answer_too_short" if len(prose) < 40 and not fences(answer) else ""


def _grounded(candidate: Candidate, texts: Mapping[str, str], settings: Pairs) -> str:
    del settings
    if any(texts[one.section_id][one.start : one.end] != one.text for one in candidate.quotes):
        return "quote_not_exact"
    said = [quote.text for quote in candidate.quotes if quote.role == "answer"]
    if not said:
        return "no_evidence"
    if any(_stands(name, quote.text) for name in candidate.absent for quote in candidate.quotes):
        return "stands_in_passage"
    known = [
        " ".join(text.split()) for text in (*said, *(shown(text) for text in said), *candidate.glue)
    ]
    pieces = [code for _, answer in candidate.exchanges for _, code in fences(answer)]
    lines = [line for piece in pieces for line in piece.split("\n")]
    for _, answer in candidate.exchanges:
        lines += [_ITEM.sub("", line) for line in without_fences(answer).split("\n")]
    for line in lines:
        plain = " ".join(line.split())
        if plain and not any(plain in text for text in known):
            return "answer_not_in_evidence"
    return ""


def _stands(name: str, text: str) -> bool:
    """Does the text hold the name, or all its words, in whatever form?"""
    keys = {word.key.lower() for word in words(text)}
    keys |= {word.lower() for word in _LETTERS.findall(text)}  # of "HTTP/1.1"
    return all(key in keys for key in name_key(name).lower().split())


def _named(candidate: Candidate, texts: Mapping[str, str], settings: Pairs) -> str:
    del texts, settings  # the rest of a section may change without this pair being made again
    given = [quote.text for quote in candidate.quotes] + [*candidate.absent]
    given += [code for question, _ in candidate.exchanges for _, code in fences(question)]
    said = "\n\n".join(answer for _, answer in candidate.exchanges)
    return "identifier_not_found" if unsupported(said, given) else ""


def _parses(candidate: Candidate, _: Mapping[str, str], settings: Pairs) -> str:
    del settings
    from booktune_assets.beam.grammar import parses

    if any(not _COMMENTS.sub("", text).strip() for _, text in candidate.code):
        return "code_is_comment"
    bad = any(parses(text, lang) is False for lang, text in candidate.code)
    return "code_does_not_parse" if bad else ""


def _compiles(candidate: Candidate, texts: Mapping[str, str], settings: Pairs) -> str:
    del texts, settings
    return not_compiled(candidate)


def _executes(candidate: Candidate, texts: Mapping[str, str], settings: Pairs) -> str:
    del texts, settings
    return not_executed(candidate)


BY_READING: Gates = (
    ("G0_form", _form),
    ("G1_stands_alone", _alone),
    ("G2_grounding", _grounded),
    ("G2_identifiers", _named),
    ("G3_parse", _parses),
)
BY_RUNNING: Gates = (("G4_compile", _compiles), ("G5_execute", _executes))
GATES: Gates = (*BY_READING, *BY_RUNNING)
