"""Family ``explain_code``: what a listing or session does, answered by the prose that follows it.

Belongs here: which prose explains which code. Does not: shell prompts (``sessions.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.concepts.sentences import Sentence, split_sentences
from booktune_assets.pairs.beforehand import before
from booktune_assets.pairs.candidate import (
    CODE,
    PROSE,
    Candidate,
    Quote,
    View,
    fenced,
    language_name,
    shown,
)  # fmt: skip
from booktune_assets.pairs.code_forms import shows_what_it_names
from booktune_assets.pairs.gates import unclear
from booktune_assets.pairs.sessions import entries
from booktune_assets.pairs.trials import doc_tests, listing_trial, session_trial, use_trials
from booktune_assets.pairs.wording import ask

__all__ = ["explain_code", "prose_about"]

PARAGRAPHS = 2
_OPENING = "`/(.["  # what stands behind the name of code
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{2,}[!?]?")
_COMMON = frozenset(
    ("end", "def", "the", "and", "for", "not", "iex", "true", "false", "nil", "when", "case",
     "with",
     "you", "are", "has", "can", "all", "this", "that", "what", "from", "into", "one", "two", "use")
)  # fmt: skip
_MOVES_ON = re.compile(
    r"(?:Now|Next|Let's|Let us|But what|What if|Try|Notice how we still|So far|Suppose|Imagine|"
    r"Exercise|"
    r"Another|Finally|We can also|You can also|To (?!see why)\w+|If (?:you|we) (?:want|try|"
    r"run)|Once|Later|"
    r"Similarly|Alternatively|Or\b|And then|In addition|Listing|Figure|Table|Save|Open|Run|"
    r"Compile|Type|"
    r"Start|Press|Go ahead)\b"
)
_CAPTION = re.compile(r"(?:Listing|Figure|Table|Example) \d")
_ABOVE = re.compile(r"\babove\b", re.I)
_SAYS_WHERE = re.compile(
    r"(?:It|This|That|They|These|Here|There|Then|But|And|So|In this|For this)\b"
)
_ABOUT_CODE = re.compile(
    r"(?:Here|The (?:code|example|function|module|above|first|second|last|result|output|"
    r"session|listing|"
    r"line|clause|pattern|error|expression|snippet|program)|This|Notice|Note|Each|Both|In this|"
    r"In the|As you)\b"
)


# An answer that begins like this goes on from something, or tells what to do next.
_NO_ANSWER = re.compile(
    r"(?:(?:\w+ ){0,2}\w+!|First(?:ly)?,|This time|So far|[^.]{0,60}\bon the other hand\b|"
    r"(?:In order )?[Tt]o make the tests? pass|Since we(?: now)? know|[^.]{0,40}\bwe now know\b|"
    r"From (?:that|this|now|here)\b|One (?:extra|more|last|other) thing\b|"
    r"Everything (?:looks|works|is)\b|"
    r"We(?:'re| are) (?:almost|nearly|now|done|ready)\b|Our (?:use of|next|last)\b|"
    r"[^.]{0,60}\b(?:still displays|at the time of writing)\b|"
    r"[^.]{0,90}\?[\"\u201d]|We want to\b|The same (?:is|goes|applies|holds)|"
    r"There (?:are|is|aren't|isn't|shouldn't)\b(?=.*\b(?:"
    r"also|many|other|more|surpris\w+)\b)|Then\b|For (?:example|instance)\b|Although\b|"
    r"(?:The|One) (?:main )?reasons? (?:why|is|for)\b|As usual|As always|"
    r"[^.]{0,90}\bto \w+ (?:them|these|those)\b|[^.]{0,90}\b(?:in|of|to|for|from|see|handle) these "
    r"\w+|[^.]{0,60}\b(?:will|would) handle this\b|[^.]{0,40}\b(?:This|The) new\b|"
    r"Instead of \w+ing\b|[^.]{0,80}\bthere's one (?:last|more)\b|Take note|Therefore|"
    r"Thus|Hence|Sometimes|At the end of|Similar to|Luckily|Conveniently|"
    r"(?:We|You) (?:also|may|might)\b|[^.]{0,50}\bwe(?:'ve| have)? (?:added|removed|"
    r"changed|replaced|moved|renamed)\b|[^.]{0,80}\bcould also\b|We (?:removed|added|changed)\b|"
    r"However|Also|Another|Note\b|Instead|And\b|But\b|Next|The following|The (?:main |only )?"
    r"difference|On the other hand|In practice|If desired|After (?:you|we)\b|Other\b|Otherwise|"
    r"Furthermore|Additionally|Moreover|Besides|Of course|That(?:'s| is) (?:it|all)\b|"
    r"(?:This|That) (?:finishes|concludes|completes|brings us)|(?:We|You|I)(?:'ll| will| shall| "
    r"are going to)\b|By now|At this point|With (?:this|that|these)\b(?! code\b)|"
    r"[^.]{0,60}\bis similar (?:to|"
    r"but)\b)",
)
# Words that describe code even where none of its names is said.
_DESCRIBES = re.compile(
    r"\b(?:(?:this|the|each|both|these|every|first|second|third|last|our) (?:\w+ )?(?:function|"
    r"clause|"
    r"module|macro|expression|pattern|line|call|process|result|output|value|argument|operator|"
    r"message|error|match|variable|list|tuple|map|string|guard|test|type|struct)s?|returns?|"
    r"raises?|prints?|matches|evaluates?|binds?|fails?)\b",
    re.I,
)
# "The following snippet sends …": what a piece of code does, before it is shown.
_SAYS_WHAT = re.compile(
    r"(?:[A-Z]\w+ )?(?:the (?:following|next)|this) "
    r"(?P<noun>(?:\w+ )?(?:code|snippet|function|module|macro|expression|query|rule|test|listing|"
    r"program|server|callback|example|handler)) "
    r"(?P<does>(?!is|was|shows|illustrates|demonstrates|gives|looks|has|comes|uses this|will look)"
    r"(?:will [a-z]+|[a-z]+s) [^?]+[:.])",
    re.I,
)
DOES_MIN = 6  # words
# It points at the code that it follows, by a noun: not "this is", which may go on from anything.
_AT_IT = re.compile(
    r"(?:So,? )?(?:(?:In|With|From) |As (?:we|you) can see (?:in|from) )?"
    r"(?:(?:this|these) (?:code|example|snippet|"
    r"function|module|macro|expression|session|listing|clause|pattern|error|message|test|query|"
    r"program|output|result|call|line|implementation|definition|version|change|match|"
    r"syntax|process|server|struct|map|list|tuple|route|plug)s?|"
    r"the (?:code|example|snippet|result|output|error|expression)s?)\b"
    r"(?! (?:is|are|was|were) (?:called|an?|not|also|only|very|so)\b)",
    re.I,
)
_ALSO = re.compile(r"\balso\b|\b(?:may|can|could) still\b")  # it goes on from something else
# "Hooray!", "Oh right!": what follows may explain all the same
_CALLS_OUT = re.compile(r"(?:[\w\u2019']+,? ){0,2}[\w\u2019']+!")
# A message alone, which the prose after it explains.
_MESSAGE = re.compile(r"(?:\d+> )?\*\* \([A-Z]|\*\* exception|== Compilation error|\s*error: ")
# A sentence that sums code up walks nobody through it.
BRIEF = 90  # characters
_BRIEF = {"explain_code": "brief_code", "explain_session": "brief_session"}
_WITH_ARITY = re.compile(r"\b([a-z_]\w*[?!]?)/\d")
_LITERAL = re.compile(r"\"[^\"\n]{2,}\"|(?<![\w.])\d+(?:\.\d+)?(?![\w.])")


def explain_code(view: View) -> Iterator[Candidate]:
    """One candidate per code block with prose about it: what follows it, else what leads to it."""
    used: set[str] = set()
    for place, block in enumerate(view.blocks):
        if block["kind"] not in CODE or not language_name(block["lang"]):
            continue
        if block["kind"] != "code" and not _is_session(block):
            continue  # a listing with a session in its documentation
        if pieces := _pieces(view, place, used):
            used |= {one["block_id"] for one, _, _ in pieces}
            yield _candidate(view, block, pieces)
        elif place and (told := _announced(view, view.blocks[place - 1], block)):
            yield told


def _is_session(block: dict[str, Any]) -> bool:
    """Is something typed at a prompt, and not in the documentation of a listing?"""
    typed = entries(block["text"], block["kind"])
    return bool(typed) and block["text"][: typed[0].start].count('"""') % 2 == 0


def prose_about(view: View, block: dict[str, Any]) -> list[Quote]:
    """The prose that explains a block of code, as quotes of an answer; empty when there is none."""
    place = next(
        number for number, one in enumerate(view.blocks) if one["block_id"] == block["block_id"]
    )
    pieces = _pieces(view, place, set())
    return [view.quote(one, start, end, "answer") for one, start, end in pieces]


def _pieces(view: View, place: int, used: set[str]) -> list[tuple[dict[str, Any], int, int]]:
    """(block, start, end) of the prose about the block at a place."""
    code = view.blocks[place]["text"]
    after = view.blocks[place + 1 : place + 3]
    if after and after[0]["kind"] == "output":
        after = view.blocks[place + 2 : place + 4]
    return (
        list(_explaining(code, after))
        or list(_leading_to(code, view.blocks[:place], used))
        or list(_explaining(code, after, by_forms=True))
    )


def _candidate(
    view: View, block: dict[str, Any], pieces: list[tuple[dict[str, Any], int, int]],
    said: str = "",
) -> Candidate:  # fmt: skip
    code, lang = block["text"], block["lang"]
    if block["kind"] == "code" and _MESSAGE.match(code):
        return _message(view, block, pieces)
    quotes = [view.quote(one, start, end, "answer") for one, start, end in pieces]
    asked = view.quote(block, 0, len(code), "question")
    kind = _kind(block, said or shown(quotes[0].text))
    if kind in _BRIEF and sum(len(quote.text) for quote in quotes) < BRIEF:
        kind = _BRIEF[kind]
    words = ask(kind, block["block_id"], language=language_name(lang))
    rests = before(view, block)  # what a session calls and does not bind
    shows = [*rests.parts(), "The session:"] if rests.parts() else []
    listing = block["kind"] == "code"
    trial = (listing_trial if listing else session_trial)(view, block, needed=False)
    uses = [*doc_tests(view, block), *use_trials(view, block)] if listing else []
    return Candidate(
        "explain_code", block["block_id"], lang, "theory",
        "\n\n".join([words, *shows, fenced(code, lang)]),
        "\n\n".join(shown(quote.text) for quote in quotes),
        [*rests.quotes(view), asked, *quotes], [(lang, code)],
        problem=_leads_on(view, code, pieces) or ("" if rests.parses else "before_does_not_parse"),
        trials=(*([trial] if trial else []), *uses),
    )  # fmt: skip


def _leads_on(view: View, code: str, pieces: list[tuple[dict[str, Any], int, int]]) -> str:
    """Does the prose lead to the next listing: by functions that only that one calls?"""
    last, start, end = pieces[-1]
    place = next(n for n, one in enumerate(view.blocks) if one["block_id"] == last["block_id"])
    then = [one["text"] for one in view.blocks[place + 1 : place + 2] if one["kind"] in CODE]
    named = set(_WITH_ARITY.findall(last["text"][start:end]))
    if not then or not named or any(name in code for name in named):
        return ""
    return "speaks_of_the_next_code" if any(name in then[0] for name in named) else ""


def _message(
    view: View, block: dict[str, Any], pieces: list[tuple[dict[str, Any], int, int]]
) -> Candidate:
    """What an error message means: it is shown alone, so no code of it is to be read or run."""
    code = block["text"]
    quotes = [view.quote(one, start, end, "answer") for one, start, end in pieces]
    asked = view.quote(block, 0, len(code), "question")
    words = ask("explain_error", block["block_id"], language=language_name(block["lang"]))
    return Candidate(
        "diagnose_error", block["block_id"], "", "theory", f"{words}\n\n{fenced(code, '')}",
        "\n\n".join(shown(quote.text) for quote in quotes), [asked, *quotes],
    )  # fmt: skip


def _announced(view: View, prose: dict[str, Any], block: dict[str, Any]) -> Candidate | None:
    """From the sentence that leads to the code and says what it does, in full."""
    sentences = split_sentences(prose["text"]) if prose["kind"] in PROSE else []
    if not sentences or block["kind"] != "code":
        return None
    last = sentences[-1]
    match = _SAYS_WHAT.fullmatch(" ".join(shown(last.text).split()))
    if match is None or len(match["does"].split()) < DOES_MIN or unclear(match["does"]):
        return None
    if match["does"].count("`") % 2:
        return None
    answer = f"The {match['noun']} {match['does'].rstrip(' :.')}."
    made = _candidate(view, block, [(prose, last.start, last.end)], answer)
    made.answer, made.glue = answer, (answer,)
    return made


def _kind(block: dict[str, Any], said: str) -> str:
    """What is asked: what the code does, of prose that says so, else what there is to say of it.

    Results are spoken of only where the session shows one.
    """
    first = split_sentences(said)[0].text
    tells = _ABOUT_CODE.match(said) or _DESCRIBES.search(first)
    if block["kind"] == "code":
        return "explain_code" if tells else "comment_code"
    shown_one = any(one.result for one in entries(block["text"], block["lang"]))
    if not shown_one:
        return "explain_typed"
    return "explain_session" if tells else "comment_session"


def _explaining(
    code: str, after: list[dict[str, Any]], *, by_forms: bool = False
) -> Iterator[tuple[dict[str, Any], int, int]]:
    """(block, start, end) of the prose after the code that speaks of it."""
    names = _names(code)
    for number, block in enumerate(after[:PARAGRAPHS]):
        if block["kind"] not in PROSE:
            return
        sentences = split_sentences(block["text"])
        taken = _clear_run(sentences)
        if not taken:
            return
        if by_forms:
            if number or not _of_its_forms(taken, code):
                return
        elif not _speaks_of(taken, names, further=number > 0):
            return
        elif number == 0 and not _answers(taken, code):
            return
        yield block, taken[0].start, taken[-1].end
        if len(taken) < len(sentences):
            return


def _leading_to(
    code: str, before: list[dict[str, Any]], used: set[str]
) -> Iterator[tuple[dict[str, Any], int, int]]:
    """(block, start, end) of the prose before the code, without the sentence that announces it."""
    while before and (before[-1]["kind"] == "caption" or _CAPTION.match(before[-1]["text"])):
        before = before[:-1]
    if not before or before[-1]["kind"] not in PROSE or before[-1]["block_id"] in used:
        return
    block = before[-1]
    sentences = split_sentences(block["text"])
    while sentences and (
        sentences[-1].text.endswith((":", "?")) or unclear(sentences[-1].text, code_at_hand=True)
    ):
        sentences.pop()
    taken = _clear_run(sentences)
    if len(taken) < len(sentences) or not taken or _SAYS_WHERE.match(taken[0].text):
        return
    if any(_ABOVE.search(sentence.text) for sentence in taken):
        return  # it is about the code before
    if _speaks_of(taken, _names(code)) and _answers(taken, code):
        yield block, taken[0].start, taken[-1].end


def _clear_run(sentences: list[Sentence]) -> list[Sentence]:
    """The sentences from the beginning that explain, up to the one that moves on."""
    taken: list[Sentence] = []
    for place, sentence in enumerate(sentences):
        text = sentence.text
        if place == 0 and _CALLS_OUT.fullmatch(text):
            continue
        if text.endswith((":", "?")) or _MOVES_ON.match(text):
            break
        if unclear(text, code_at_hand=True):
            break
        taken.append(sentence)
    return taken


def _answers(taken: list[Sentence], code: str) -> bool:
    """Does the text explain the code: it names what stands there, or says what it does?"""
    said = " ".join(sentence.text for sentence in taken)
    if _NO_ANSWER.match(said.replace("\u2019", "'")):
        return False
    names = _names(code)
    shared = names & set(_IDENTIFIER.findall(said))
    shared |= set(_LITERAL.findall(code)) & set(_LITERAL.findall(said))
    if not shared:
        return False
    return len(shared) >= min(2, len(names)) or bool(_DESCRIBES.search(said))


def _of_its_forms(taken: list[Sentence], code: str) -> bool:
    """Does prose that names nothing of the code speak of this code, and of a form that is in it?"""
    said = " ".join(sentence.text for sentence in taken)
    if not _AT_IT.match(said) or _ALSO.search(taken[0].text):
        return False
    if _NO_ANSWER.match(said.replace("\u2019", "'")):
        return False
    return shows_what_it_names(said, code)


def _speaks_of(taken: list[Sentence], names: set[str], *, further: bool = False) -> bool:
    """Do the sentences name enough of what the code names? A further paragraph has to name more."""
    said = " ".join(sentence.text for sentence in taken)
    shared = names & set(_IDENTIFIER.findall(said))
    if further:
        return len(shared) >= 4
    needed = 1 if _ABOUT_CODE.match(said) else 2
    marked = any("_" in name or _as_code(name, said) for name in shared)
    return marked or len(shared) >= needed


def _as_code(name: str, said: str) -> bool:
    """Does the name stand there with a sign of code before or behind it?"""
    place = said.find(name)
    while place >= 0:
        end = place + len(name)
        if place and said[place - 1] in "`:.@%&":
            return True
        if said[end : end + 1] in _OPENING and said[end + 1 : end + 2].strip():
            return True
        place = said.find(name, place + 1)
    return False


def _names(code: str) -> set[str]:
    """What the code names: functions, modules, atoms, variables, and the words of its strings."""
    plain = set(_IDENTIFIER.findall(code_without_text(code))) | set(_IDENTIFIER.findall(code))
    return {name for name in plain if name not in _COMMON}
