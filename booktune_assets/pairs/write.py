"""Family ``write_code``: a task in words, answered by the listing that the book gives for it.

Belongs here: turning the sentence that leads to a listing, or a module's own documentation, into a
task. Does not: listings that no text describes (nothing is invented).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Any

from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.concepts.sentences import split_sentences
from booktune_assets.pairs.beforehand import before
from booktune_assets.pairs.candidate import (
    PROSE,
    Candidate,
    Quote,
    View,
    fenced,
    language_name,
    shown,
)  # fmt: skip
from booktune_assets.pairs.exercises import solved
from booktune_assets.pairs.given import given_names, given_words
from booktune_assets.pairs.headed import done_by, headed_task
from booktune_assets.pairs.loose import LEFT_OUT, WORDS_MIN, raises_here, too_loose
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.overview import heading
from booktune_assets.pairs.phrases import keys
from booktune_assets.pairs.posed import documented, section_modules
from booktune_assets.pairs.remarks import ends_in_result
from booktune_assets.pairs.sessions import bound, entries, free, modules_used, own_calls
from booktune_assets.pairs.subjects import only_one, ours
from booktune_assets.pairs.trials import (
    doc_tests,
    examples_of,
    listing_trial,
    session_trial,
    tests_of,
    use_trials,
)
from booktune_assets.pairs.wording import ask

__all__ = ["meant_for", "task_of", "write_code"]

EXCHANGES_MAX = 4
_LEADS = frozenset(PROSE) - {"answer"}  # in an answer the task is the exercise's
TOPIC_WORDS = 10  # a longer task says itself what it is about
DOC_WORDS_MIN = 5  # of a function's documentation, unless it has examples
DOC_EXAMPLES_MAX = 4
SIGNATURES_MAX = 4  # functions that a task names beside its own words
_DEFINES = re.compile(r"\bdef\w*\b|(?m:^-module)|\bfn\b")
_MADE = re.compile(r"\bdef(?:p|macrop?|guardp?)? ([a-z_]\w*)")
_HEAD = re.compile(
    r"\bdefmodule (?P<module>[A-Z][\w.]*)|\b(?:def|defmacro|defguard) (?P<function>[a-z_]\w*[?!]?)"
)
_VERBS = """
define write create implement build use convert sort filter map calculate compute count sum find
get return transform spawn send call pass update access concatenate check split join print read
generate declare assign bind match combine group reverse iterate loop raise rescue handle
register monitor link store insert delete remove replace chain compose capture express represent
turn destructure extract retrieve fetch merge parse format evaluate compare divide multiply add
rename capitalize capitalise lowercase uppercase round trim shuffle swap increment decrement double
invoke wrap prepend append ignore traverse flatten reduce zip unzip pipe pin interpolate escape
import alias require derive annotate document mock stop supervise restart trap schedule
"""
_VERB = rf"(?P<verb>{'|'.join(sorted(_VERBS.split()))})"
_MODIFIERS = (
    r"(?:(?:now|also|then|first|just|simply|easily|even|instead|directly|quickly|again|try to|"
    r"go ahead and) )*"
)
_OPENERS = (
    r"(?:(?:Now|So|First|Next|Then|Finally|Similarly|Again|Of course|For (?:example|instance)|"
    r"In (?:Elixir|Erlang)|"
    r"As an example|In this (?:example|case)|In practice),? )*"
)
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(shape, re.S | re.I), task)
    for shape, task in (
        (
            rf"{_OPENERS}(?:let's|let us|we'll|we will|we can|we could|you can|you could|you "
            rf"may|we|you) "
            rf"{_MODIFIERS}{_VERB} (?P<rest>.*)",
            "{Verb} {rest}.",
        ),
        (rf"{_OPENERS}{_MODIFIERS}{_VERB} (?P<rest>.*)", "{Verb} {rest}."),
        (
            r"(?:here is|here's|below is|following is|the following is|consider|take|imagine) "
            r"(?P<rest>an? (?:\w+ )?(?:module|function|macro|struct|process|server|supervisor|"
            r"program|GenServer|"
            r"protocol|behaviour|test|script|expression|query|implementation|schema|plug|"
            r"pipeline)\b .*)",
            "Write {rest}.",
        ),
        (
            r"(?:the following|the next|this|here,? the) (?P<noun>function|module|program|"
            r"macro|expression|process|"
            r"server|query|test|code|example|snippet|listing|comprehension|pipeline) "
            r"(?P<does>(?!is|has|shows|does|was|uses|holds|contains|illustrates|demonstrates|"
            r"gives|comes|looks|works|serves|gets|goes|makes)[a-z]+s) (?P<rest>.*)",
            "Write {a_noun} that {does} {rest}.",
        ),
        (
            r"(?:the following|this|the next|here is an?|here's an?) (?:\w+ )?(?:code|example|"
            r"snippet|listing|session|module)"
            r"(?: (?:shows|demonstrates|illustrates))?(?: of)? how to (?P<rest>.*)",
            "Show how to {rest}.",
        ),
        (
            rf"{_OPENERS}to (?P<rest>[a-z]\w+ .*?), (?:we|you|one|simply)?(?: can| could| may| "
            rf"will| need to| must| have to)? ?"
            r"(?:just |simply )?(?:use|call) (?P<more>.*)",
            "Show how to {rest} with {more}.",
        ),
        (
            rf"{_OPENERS}to (?P<rest>[a-z]\w+ [^,:;]*?)(?:, (?:we|you|one)?| (?:we|you|one))"
            r"(?: can| could| may| must| have to| need to| will)? ?(?:just |simply |only )?"
            r"(?P<more>(?:set|return|switch|pass|give|write|define|create|implement|put|match|"
            r"wrap|include|add) .*)",
            "Show how to {rest}: {more}.",
        ),
        (
            rf"{_OPENERS}to (?P<rest>[a-z]\w+ [^,:;]*?) (?:we|you|one)(?: can| could| may)? "
            r"(?:just |simply |also )?use (?P<more>.*)",
            "Show how to {rest} with {more}.",
        ),
        (
            rf"{_OPENERS}(?:it is|it's) (?:also |even )?possible to (?P<rest>.*)",
            "Show how to {rest}.",
        ),
        (
            rf"{_OPENERS}(?:when|if|whenever) (?:you|we|one) (?:also |only )?(?:need|want|wish) to "
            r"(?:also )?(?P<rest>[^,:;]*), (?:(?:you|we|one) (?:can|should|may) )?"
            r"(?:just |simply )?(?:use|call) (?P<more>.*)",
            "Show how to {rest} with {more}.",
        ),
        (
            r"[A-Z][^,:;]{4,90},? (?:we|you) can (?:also |now )?use (?P<more>[^,:;]*?) to "
            r"(?P<rest>[a-z]+ .*)",
            "Show how to {rest} with {more}.",
        ),
        (
            r"(?:the following|this) (?P<noun>rule|route|callback|handler|function|module|macro|"
            r"code|snippet|example|query|test) will (?P<base>[a-z]+) (?P<rest>.*)",
            "Write {a_noun} that will {base} {rest}.",
        ),
        (
            r"(?P<rest>[A-Z`][^,;:]*? (?:can|may|could) (?:also )?be (?:\w+ed|written|built|"
            r"made|sent|bound|given|put|"
            r"caught|thrown|chosen|read|run|split|found) [^;]*)",
            "Show how {small} in code.",
        ),
    )
)  # fmt: skip
# "To set the response body:" is a whole sentence only where code follows
_LEADS_ON = (
    (
        re.compile(
            rf"{_OPENERS}(?:and )?to (?P<rest>[a-z]+ (?:(?!\b(?:we|you|one|simply|just|is|are|let)"
            r"\b)[^,:;])*)",
            re.S | re.I,
        ),
        "Show how to {rest}.",
    ),
)
_MODULEDOC = re.compile(r'@moduledoc (?:"""\n(?P<long>.*?)\n\s*"""|"(?P<short>[^"\n]+)")', re.S)
_DOC = re.compile(
    r'@doc (?:"""\n(?P<long>.*?)\n\s*"""|"(?P<short>[^"\n]+)")'
    r"(?:\s*(?:@\w+ [^\n]*|#[^\n]*))*\s*(?:def|defmacro|defguard) "
    r"(?P<head>[a-z_]\w*[!?]?(?:\([^)\n]*\))?)",
    re.S,
)
_MODULE = re.compile(r"\s*defmodule\s+(?P<name>[A-Z][\w.]*) do\b")


def write_code(view: View) -> Iterator[Candidate]:
    """Candidates from exercises, lead-in sentences and documented modules."""
    yield from solved(view)
    used: set[str] = set()
    for place, block in enumerate(view.blocks):
        if not language_name(block["lang"]) or block["kind"] not in ("code", "iex"):
            continue
        if block["kind"] == "code" and (documented := _documented(view, block)):
            yield documented
        prose = view.blocks[place - 1] if place else None
        if prose and prose["kind"] == "caption" and place > 1:
            prose = view.blocks[place - 2]
        if prose and prose["kind"] in _LEADS and (led := _led_in(view, prose, block)):
            used.add(led.block_id)
            yield led
    if below := _below(view, used):
        yield below


def task_of(sentence: str) -> str:
    """The sentence as a task, or empty when it is none."""
    plain = (
        " ".join(sentence.split())
        .rstrip(":. ")
        .removesuffix(", like this")
        .removesuffix(" like this")
    )
    plain = re.sub(r",? (?:like so|as follows|as in)$", "", plain)
    plain = re.sub(r" (?:with|using|by) (?:this|the following) (?:function|call|code)$", "", plain)
    plain = re.sub(r"\bour (?!own\b)", "the ", plain)
    for shape, task in (*_SHAPES, *(_LEADS_ON if sentence.rstrip().endswith(":") else ())):
        match = shape.fullmatch(plain)
        if match is None:
            continue
        words = {name: value or "" for name, value in match.groupdict().items()}
        words["Verb"] = words.get("verb", "").capitalize()
        words["small"] = _small(words.get("rest", ""))
        noun = words.get("noun", "")
        plural = noun in ("code", "example", "snippet", "listing")
        words["a_noun"] = "code" if plural else f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"
        made = task.format(**words)
        return made[:1].upper() + made[1:]
    return ""


def _led_in(view: View, prose: dict[str, Any], block: dict[str, Any]) -> Candidate | None:
    """The task in the last sentence before the code."""
    sentences = split_sentences(prose["text"])
    if not sentences:
        return None
    last = sentences[-1]
    task = task_of(last.text)
    if not task:
        return None
    return _task_pair(view, block, task, [view.quote(prose, last.start, last.end, "question")])


def _below(view: View, used: Set[str]) -> Candidate | None:
    """The task that the heading names, where no sentence gave the code one."""
    verb, task = headed_task(view)
    block = done_by(view, verb, task) if verb else None
    if block is None or block["block_id"] in used:
        return None
    head = view.blocks[0]
    asked = [view.quote(head, 0, len(head["text"]), "question")]
    return _task_pair(view, block, task, asked if head["kind"] == "heading" else [], headed=True)


def _task_pair(
    view: View, block: dict[str, Any], task: str, asked: list[Quote], *, headed: bool = False
) -> Candidate | None:
    """The task, what it needs to be understood, and the code as its answer."""
    answer, quotes, checked = _answer(view, block)
    if not answer:
        return None
    lent = given_names(block["text"], block["lang"]) if block["kind"] == "code" else []
    if set(lent) & set(section_modules(view, block)):
        lent = []  # it is one of the page's own, and shown there
    topic = "" if headed else _topic(view, task)
    defined = _signatures(answer, block["lang"], task)
    told = (task, topic, defined, given_words(lent), meant_for(view, task))
    kind = "write_code" if _DEFINES.search(answer) or lent else "write_example"
    said, language = " ".join(filter(None, told)), language_name(block["lang"])
    question = ask(kind, block["block_id"], task=said, language=language)
    rests = before(view, block)
    known = {*lent, *rests.names()}
    shows = "shows_its_result" if ends_in_result(block) else ""
    shows = "shown_failing" if raises_here(block, view.blocks) else shows
    loose = too_loose(task, answer, words=3 if headed else WORDS_MIN)
    return Candidate(
        "write_code", block["block_id"], block["lang"], "code",
        "\n\n".join([question, *rests.parts()]), answer,
        [*rests.quotes(view), *asked, *quotes], checked, borrowed=task,
        problem=shows or loose or _incomplete(task, checked, known) or _unknown(task),
        trials=_trials(view, block), run_only=headed,
    )  # fmt: skip


def meant_for(view: View, task: str) -> str:
    """The sentence that names the library that the book is about, where the task does not."""
    if view.subject in ("", "Elixir", "Erlang", view.language) or view.subject in task:
        return ""
    return f"The code is for {view.subject}."


def _topic(view: View, task: str) -> str:
    """What a short task is about, as the heading says it: "retrieve a single value" of what?"""
    title = heading(view)
    if len(task.split()) > TOPIC_WORDS or not title or title.endswith("?"):
        return ""
    return "" if keys(title) & keys(task) else f"The topic: {title}."


def _unknown(task: str) -> str:
    """Does the task speak of something that only the page knows?"""
    return "" if only_one(task) and not ours(task) else "task_points_elsewhere"


def _signatures(answer: str, lang: str, task: str) -> str:
    """What the code has to be called, where the task does not say so: names cannot be guessed."""
    found: list[str] = []
    module = ""
    for match in _HEAD.finditer(code_without_text(answer)):
        name = match["module"] or match["function"] or ""
        if match["module"]:
            module = name
            continue
        whole = f"{module}.{name}" if module and lang == "elixir" else name
        if whole not in found and re.search(rf"\b{re.escape(name)}\b", task) is None:
            found.append(whole)
    if not found and module and module not in task:
        return f"Call the module `{module}`."
    if not found or len(found) > SIGNATURES_MAX:
        return ""
    names = ", ".join(f"`{name}`" for name in found)
    return f"Call the function {names}." if len(found) == 1 else f"Call the functions {names}."


def _answer(view: View, block: dict[str, Any]) -> tuple[str, list[Quote], list[tuple[str, str]]]:
    """The code as an answer; of a session only what was typed."""
    text, lang = block["text"], block["lang"]
    if block["kind"] == "code":
        return fenced(text, lang), [view.quote(block, 0, len(text), "answer")], [(lang, text)]
    typed = entries(text, "iex")
    if not 0 < len(typed) <= EXCHANGES_MAX or any(one.result.startswith("**") for one in typed):
        return "", [], []
    code = "\n".join(one.expression for one in typed)
    quotes = [view.quote(block, one.start, one.typed_end, "answer") for one in typed]
    return fenced(code, "elixir"), quotes, [("elixir", one.expression) for one in typed]


def _trials(view: View, block: dict[str, Any]) -> tuple[Trial, ...]:
    """The listing has to compile or run, the session to give what it shows."""
    if block["kind"] != "code":
        trial = session_trial(view, block, needed=True)
        return () if trial is None else (trial,)
    tests = tests_of(examples_of(view, block), needed=False)
    more = (*doc_tests(view, block), *use_trials(view, block))
    return (listing_trial(view, block, needed=True), *tests, *more)


def _incomplete(task: str, code: list[tuple[str, str]], lent: Set[str]) -> str:
    """Names that neither the task nor the code explains. Definitions stand for themselves."""
    text = "\n".join(piece for _, piece in code)
    if code[0][0] != "elixir":
        return ""
    known = {*lent, *re.findall(r"[A-Za-z_][\w.]*[!?]?", task)}
    if any(name not in known and name.split(".")[0] not in known for name in modules_used(text)):
        return "module_not_shown"
    if re.search(r"\bdef\w*\b|\bdo\b", text):
        return ""
    bound_here: set[str] = set()
    for _, piece in code:
        for line in piece.split("\n\n"):
            if free(line, "iex") - bound_here - known:
                return "name_not_bound"
            bound_here |= bound(line, "iex")
    return "function_not_shown" if own_calls(text) - known else ""


def _documented(view: View, block: dict[str, Any]) -> Candidate | None:
    """A module whose own documentation says what to write."""
    code = block["text"]
    module = _MODULE.match(code)
    docs = list(_DOC.finditer(code))
    if module is None or not docs:
        return None
    lines: list[str] = []
    about = _MODULEDOC.search(code)
    for doc in docs:
        said = _first_paragraph(doc["long"] or doc["short"])
        if len(said.split()) < DOC_WORDS_MIN and not documented(doc.group()):
            return None
        lines.append(f"- `{doc['head']}`: {said}")
    told = {re.split(r"\W", doc["head"])[0] for doc in docs}
    if set(_MADE.findall(code_without_text(code))) - told and not documented(code):
        return None  # more than it is said to have
    purpose = _first_paragraph(about["long"] or about["short"]) if about else ""
    if "..." in purpose:
        return None
    task = f"Write a module `{module['name']}`{': ' + purpose if purpose else '.'}"
    task = f"{task.rstrip('.')}. It has these functions:\n\n" + "\n".join(lines) + "\n"
    if examples := documented(code)[:DOC_EXAMPLES_MAX]:
        given = "\n".join(f"iex> {typed}\n{result}" for typed, result in examples)
        task += f"\nThis is how it is used:\n\n{fenced(given, 'iex')}\n"
    lang = language_name(block["lang"])
    key = f"{block['block_id']}:doc"
    question = ask("write_code", key, task=task, language=lang).replace("\n ", "\n\n").strip()
    quotes = [
        view.quote(block, 0, len(code), "question"),
        view.quote(block, 0, len(code), "answer"),
    ]
    elided = re.search(r"\.\.\.(?!\s*\|)", code_without_text(code)) or LEFT_OUT.search(code)
    problem = "elided" if elided else ""
    return Candidate(
        "write_code", block["block_id"], block["lang"], "code", question,
        fenced(code, block["lang"]), quotes, [(block["lang"], code)], problem=problem,
        trials=_trials(view, block),
    )  # fmt: skip


def _first_paragraph(text: str) -> str:
    paragraph = re.split(r"\n\s*\n", text.strip(), maxsplit=1)[0]
    return shown(paragraph) if not paragraph.lstrip().startswith(("#", "iex>")) else ""


def _small(text: str) -> str:
    first = text.split(" ", 1)[0]
    ordinary = (first[1:].islower() and first.isalpha()) or first == "A"
    return text[:1].lower() + text[1:] if ordinary else text
