"""What a heading promises and the paragraphs below it tell: topics, tasks, questions.

Belongs here: reading a heading as a question, and the run of paragraphs that answers it. Families
``define`` (topics) and ``steps`` (tasks) take their candidates from here. Does not: definitions
(``define.py``), lists (``steps.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from booktune_assets.concepts.names import name_key, plausible_name, singular, words
from booktune_assets.pairs.below import Below, told_below
from booktune_assets.pairs.candidate import Candidate, View, language_name, shown
from booktune_assets.pairs.gates import unclear
from booktune_assets.pairs.phrases import keys, setting, small
from booktune_assets.pairs.prose import Said, follow, leans, said, verb
from booktune_assets.pairs.subjects import known_here, made_here, names_a_thing
from booktune_assets.pairs.topics import LANGUAGES
from booktune_assets.pairs.wording import ask

__all__ = [
    "TASKS", "about_concepts", "about_topic", "heading", "how_to", "plain_case",
    "says_nothing", "whole_heading",
]  # fmt: skip

CHARS_MAX = 900  # of prose in an answer
TOPIC_MIN = 100  # characters of an answer on a topic, where it brings no code
ABOUT_MIN = 75  # characters of an answer about one thing
# "Handling errors" is one thing to do, "Bitstring generators" are not
_DOING = re.compile(r"(?!\w*(?:string|thing|king|setting|binding|heading)\b)[A-Z][a-z]+ing \w")
# a file of the page's own program
_OWN_FILE = re.compile(r"\b(?:lib|test|apps|src|priv)/\S")
# "An exception will be thrown if …" tells of what was done, not of exceptions
_COMES = re.compile(
    r"(?:An?|The) (?:exception|error|warning|message|notification|signal|response|reply)s? "
    r"(?:(?:will|can|may|would|might) be|is|are|gets?) \w+(?:n|ed|ent)\b"
)
_ADVERB = re.compile(r" (?:already|also|only|never|always|often|still|just|now|even|\w{3,}ly)$")
_BY_ITSELF = re.compile(r"By default\b")  # what is done by itself is no way to do it
_NUMBER = re.compile(r"^(?:(?:chapter|part|lesson|appendix) )?[\dIVX]+(?:\.\d+)*[.:)]?\s+", re.I)
_TASKS = """
access add allow alter attach avoid bind build call cancel capture catch change check choose clean
collect combine compile concatenate configure connect control convert copy count create customize
debug decode define delete deploy detect disable document download enable encode enforce evaluate
execute export expose extend extract fetch filter find fix format generate get group handle hide
implement import include increment insert install interpolate invoke iterate join limit link list
listen load lock log loop maintain make manage map match measure merge mock modify monitor move
name obtain open override parse pass pattern persist pipe prepare prevent process protect provide
publish push put raise read rebuild receive recover redirect reduce register reject release remove
rename replace reply report require rescue restart retrieve return reverse run save schedule
search send serve set share show sort spawn specify split start stop store stream subscribe
supervise switch terminate test transform traverse turn update upgrade upload use validate verify
wait wrap write
"""
TASKS = frozenset(_TASKS.split())
_OBJECT = re.compile(
    r"(?:an?|the|one|all|your|multiple|several|from|to|with|into|in|on|for|new|custom|data|files?|"
    r"values|functions|modules|processes|messages|elements|errors|\w+ (?:to|from|into|in|with|for|"
    r"of|by) \w+)\b"
)
_NOUN = re.compile(
    r"(?:The|An?|Each|Every|All) (?!\w+ly\b)[\w./:`-]+|(?!(?:The|An?|You|We|It|They|One|What|Who|"
    r"How|"
    r"Why|Which|When|Where|If|In|On|At|For|To|By|With|As|From|Since|While|Once|Using|Here|Some|"
    r"Many|Most|Any|No|Not|After|Before|Until|Often|Your|Our|Their|\w+ly|Only|I|He|She|Each|"
    r"Every|All|People|Nothing|Everything|Everyone)\b)"
    r"[A-Z`][\w./:`-]+"
)
_NOUN_MORE = re.compile(
    r" (?!(?:and|or|that|which|who|of|to|in|for|with|you|we|they|it|also|itself|marked|only|"
    r"always|never|\w+ly)\b)[\w./:`-]+"
)
# a word that means something by itself: not "the function", "the value"
_PLAIN = re.compile(r"[_/.:]\w|\w[A-Z]|^(?:(?:The|An?|Each|Every|All) )?\S+ \S+|s$")
# "An alternative is …": to what?
_RELATIVE = re.compile(
    r"An? (?:alternative|option|approach|exception|advantage|benefit|drawback|disadvantage|"
    r"improvement|limit|refactoring|difference|consequence|downside|workaround)\b"
)
_INTRODUCES = re.compile(r"introduction|overview|intro|getting started|basics|what is it\\??", re.I)
_WEAK = re.compile(
    rf"(?:{_INTRODUCES.pattern}|syntax|options?|usage|return values?|arguments|parameters|methods|"
    r"properties|description|callbacks?|configuration|features|limitations|caveats|notes|structure|"
    r"motivation|purpose|benefits|advantages|refactoring|problem|definition|functions|examples?|"
    r"behaviou?r)",
    re.I,
)
_NO_TITLE = re.compile(
    r"your turn|further reading|summary|conclusion|introduction|overview|exercise|wrap|recap|"
    r"changelog|compatib|fixed|added|removed|changed|what's next|next steps|resources|quiz|part \d|"
    r"migrating|^(?:our|your|my|what|additional)\b|^the end|appendix|^about|^note|acknowledg|"
    r"getting help|review|problem$|example",
    re.I,
)


def about_topic(view: View) -> Iterator[Candidate]:
    """One candidate for a heading that names a topic or asks a question."""
    title = heading(view)
    if not title or _task(title):
        return
    told = told_below(view, title)
    if told is None:
        return
    if not told.code and len(told.answer) < TOPIC_MIN:
        return
    language = _spoken(view, told)
    key = f"{view.blocks[0]['block_id']}:heading"
    if title.endswith("?"):
        if len(title.split()) < 3 or leans(f"{title[:-1]}."):
            return
        asked = plain_case(view, title)
        question = asked if not setting(view, title) else f"{asked} The question is on {language}."
    elif ":" not in title and _DOING.match(title):
        topic = small(view, plain_case(view, title))
        question = ask("doing", key, topic=topic, language=language)
    else:
        question = ask("topic", key, topic=title, language=language)
    yield _made("define", question, told)


def how_to(view: View) -> Iterator[Candidate]:
    """One candidate for a heading that tells to do something."""
    title = heading(view)
    if not title or not _task(title):
        return
    told = told_below(view, title)
    if told and (told.code or not _BY_ITSELF.match(told.parts[0])):
        task = small(view, plain_case(view, title))
        kind = "purpose_to" if setting(view, task) else "purpose_to_plain"
        key = f"{view.blocks[0]['block_id']}:heading"
        question = ask(kind, key, task=task, language=_spoken(view, told))
        yield _made("steps", question, told)


def about_concepts(view: View) -> Iterator[Candidate]:
    """One candidate per thing that a paragraph begins with, asked within the section's topic."""
    title = heading(view)
    starts = {start: (end, label) for start, end, label, _ in view.mentions}
    done: set[str] = {name_key(title)} if title else set()
    taken = ""
    for one in said(view):
        if _COMES.match(one.text):
            continue
        found = _concept(one, starts)
        if found is None and title and one.block["block_id"] != taken:
            found = _subject(one)
        if found is None or found[1] in done or found[1] in (view.subject, view.language):
            continue
        end = one.every[follow(one, limit=CHARS_MAX, most=5)].end
        if end - one.sentence.start < ABOUT_MIN:
            continue
        name = small(view, shown(one.text[: found[0]]))
        if not names_a_thing(name) or not known_here(view, name) or _ADVERB.search(name):
            continue
        if made_here(view, name) or _OWN_FILE.search(
            name
        ):  # a module of the example, not of the language
            continue
        done.add(found[1])
        taken = one.block["block_id"]
        inside = bool(title) and not set(keys(title)) & set(keys(name))
        question = ask(
            "about_in" if inside else "about", f"{taken}:about:{name}", name=name, topic=title,
            language=view.subject or view.language,
        )  # fmt: skip
        quote = view.quote(one.block, one.sentence.start, end, "answer")
        yield Candidate("define", taken, "", "theory", question, shown(quote.text), [quote])


def _concept(one: Said, starts: dict[int, tuple[int, str]]) -> tuple[int, str] | None:
    """(end, label) of the concept that is the subject of the sentence."""
    article = re.match(r"(?:The|A|An|Every|Each|All) ", one.text)
    first = int(one.block["char_start"]) + one.sentence.start
    found = starts.get(first + (article.end() if article else 0))
    if found is None:
        return None
    end = found[0] - first
    return (end, found[1]) if _verb_follows(one.text, end) and len(found[1]) > 2 else None


def _subject(one: Said) -> tuple[int, str] | None:
    """(end, normal form) of the noun phrase that is the subject of the sentence, if it is plain."""
    match = _NOUN.match(one.text)
    while match:
        end = match.end()
        if _verb_follows(one.text, end):
            name = name_key(one.text[:end])
            plain = _PLAIN.search(one.text[:end]) and not _RELATIVE.match(one.text)
            return (end, name) if plain else None
        match = _NOUN_MORE.match(one.text, end) if one.text[:end].count(" ") < 4 else None
    return None


def _verb_follows(text: str, end: int) -> bool:
    after = re.match(r"[`*]?(?: \(\w+\))? (\w+)", text[end:])
    name = text[:end].lower().split()[-1].strip("`*")
    return after is not None and verb(after[1], plural=singular(name) != name)


def heading(view: View) -> str:
    """The heading without number and marks; empty when it says nothing by itself."""
    repeated = view.repeated and not any(
        keys(view.title) == keys(label) for _, _, label, _ in view.mentions
    )  # a concept is the same wherever it is spoken of
    return _heading(view.title, view.above, repeated)


@lru_cache(maxsize=1024)  # each sentence of a section asks for it
def _heading(own: str, over: str, repeated: bool = False) -> str:
    title, above = _bare(own), _bare(over)
    weak = bool(_WEAK.fullmatch(title))  # "Syntax": of what?
    if weak:
        title = above if _INTRODUCES.fullmatch(title) else f"{above}: {title}" if above else ""
    elif repeated:  # "Stopping": of what?
        title = f"{above}: {title}"
    if not 4 <= len(title) <= 70 or unclear(title) or '"' in title:
        return ""
    if _NO_TITLE.search(above if weak else title):
        return ""
    told = [word.text for word in words(title)]
    return title if any(plausible_name(word) for word in told) else ""


def whole_heading(view: View) -> str:
    """The heading; one of a single word with the one above it: "Filtering" of what?"""
    title, above = heading(view), _bare(view.above)
    alone = len(title.split()) == 1 and above and not says_nothing(above)
    return f"{above}: {title}" if alone and not keys(title) & keys(above) else title


def says_nothing(title: str) -> bool:
    """Is this a heading of any chapter ("Basics", "Getting Started")?"""
    plain = _bare(title)
    return bool(_WEAK.fullmatch(plain)) or not any(map(plausible_name, plain.split()))


def plain_case(view: View, title: str) -> str:
    """A title without the capitals that its words only have in titles."""
    text = set(re.findall(r"\b[a-z]+\b", view.text))
    common = {
        "a",
        "an",
        "the",
        "and",
        "or",
        "of",
        "to",
        "in",
        "with",
        "you",
        "use",
        "when",
        "should",
    }

    def lowered(match: re.Match[str]) -> str:
        word = match.group()
        ordinary = word not in view.names and word.lower() in (text | common)
        return word.lower() if ordinary or word.lower() in view.small else word

    return re.sub(r"(?<= )[A-Z][a-z]*\b(?![.:/(])", lowered, title)


def _bare(title: str) -> str:
    """A title without number and marks."""
    plain = " ".join(title.replace("`", "").replace("*", "").split())
    return _NUMBER.sub("", plain).rstrip(".:!").strip()


def _task(title: str) -> bool:
    """Does the heading tell to do something (``Serve one file``)?"""
    first, _, rest = title.partition(" ")
    return first.lower() in TASKS and bool(_OBJECT.match(rest))


def _spoken(view: View, told: Below) -> str:
    """What a question is set in: a book on Elixir shows some things in Erlang."""
    subject, shown_in = view.subject or view.language, language_name(told.lang)
    return shown_in if shown_in and subject in LANGUAGES else subject


def _made(family: str, question: str, told: Below) -> Candidate:
    return Candidate(
        family, told.quotes[0].block_id, told.lang, "mixed" if told.code else "theory", question,
        told.answer, told.quotes, told.code,
    )  # fmt: skip
