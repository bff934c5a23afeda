"""Family ``reason``: why something is so, what follows from it, when and how to do something.

Belongs here: sentences that give a reason, a condition, a purpose or advice, and the question that
each of them answers. Does not: which sentences stand alone (``prose.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from booktune_assets.pairs.candidate import Candidate, View, shown
from booktune_assets.pairs.overview import TASKS, whole_heading
from booktune_assets.pairs.phrases import keys, named, plural, setting, small
from booktune_assets.pairs.prose import FINITE, Said, follow, leans, said, verb
from booktune_assets.pairs.subjects import definite_known, made_here, ours, strange_identifier
from booktune_assets.pairs.wording import BANK, ask

__all__ = ["made_of", "reason", "rests_on_more"]

ADDED_MIN = 4  # words that the answer has to have beyond the question
ADDED_MORE = 6  # the same where few of them say little: half a reason, a topic's default
NAME_WEIGHT = 5  # words that a function is worth: "we call `File.rm/1`" answers a "how"
_BY_NAME = frozenset(("purpose_to", "passive", "advice", "choose"))  # but no "what happens"
_LONGER = frozenset(("why", "default", "fact_which"))
_CODE_NAME = re.compile(
    r"(?<![\w.])(?:[A-Z]\w*\.)+[a-z_]\w*[?!]?(?:/\d)?|(?<![\w./])[a-z_]\w*[?!]?/\d|`[^`]{2,40}`|\bdef[a-z]+\b"
)
_LITTLE = """
the and for are can may will must should have has had does that this with from into not you
your they their them its was were been being which when where what who how than then also such
any all some more most very just only but use used using one two could would might there these
"""
_EMPTY_WORDS = frozenset(_LITTLE.split())

_BECAUSE = re.compile(
    r"(?P<clause>[A-Z].{18,170}?)(?:,? (?:because(?! of\b)|since (?=(?:the|an?|it|they|we|you|"
    r"there|"
    r"each|all|both|no|every)\b)|so that|in order to)|, as (?=(?:it|they|this|the|an?|we|you)\b)) ?"
    r"(?P<why>.{15,})"
)
_WHEN = re.compile(
    r"(?P<when>If|When|Whenever|Once|As soon as|Unless|While) (?P<condition>[^,:;(]{10,120}?)"
    r"(?:, (?:then )?| then )(?P<main>.{20,})"
)
_TRAILING = re.compile(
    r"(?P<main>[A-Z][^,:;(]{20,140}?),? (?P<when>if|when|whenever|unless|as soon as|once) "
    r"(?P<condition>[^,:;(]{12,120})[.!]"
)
_TO = re.compile(
    r"(?P<opener>To|In order to) (?P<task>[a-z]+ [^,:;(]{8,110}?)(?:, | (?=(?:we|you) "
    r"(?:need|use|can|could|must|have to|should|call|just|simply)\b))(?P<main>.{12,})"
)
_WITH = re.compile(
    r"(?:With|Using|By using) "
    r"(?P<subject>(?:(?:the|an?) )?[\w./:'`@&-]+(?: [\w./:'`@&-]+){0,3}?),? "
    r"(?:we|you) (?:can|could|may) .{20,}"
)
_CAN = re.compile(
    r"(?:You|We|One) (?:can|may|could|should|"
    r"must) (?P<use>use [^,:;(]{3,60}?) to (?P<task>[a-z]+ [^,:;(]{10,110})[.!]"
)
_BY = re.compile(
    r"(?:You|We|One) (?:can|may|could) (?:also |easily |then )?(?P<task>[a-z]+ [^,:;(]{6,90}?),? "
    r"(?P<by>(?:by|using|via|through|with (?:the|an?)) .{8,})"
)
_PASSIVE = re.compile(
    r"(?P<subject>[A-Z][^,:;(]{3,70}?) (?:can|may|could) be (?:easily )?(?P<done>\w+(?:ed|en|t|"
    r"ne|wn|d)(?: (?:to|"
    r"from|into|on|in|at|as|for) [^,:;(]{2,40}?)?) (?P<by>(?:by|using|via|through|with) .{8,})"
)
_USED = re.compile(
    r"(?P<subject>(?:(?:The|An?) )?[\w./:'`-]+(?: (?:[\w./:'`-]|,(?=\d))+){0,3}?) "
    r"(?P<be>is|are)(?: \w+ly)? "
    r"(?:used|meant|intended|useful|needed|required|responsible|designed|helpful) "
    r"(?:to|for|when|if|as|in|whenever)\b.{15,}|"
    r"(?P<subject2>(?:(?:The|An?) )?[\w./:'`-]+(?: (?:[\w./:'`-]|,(?=\d))+){0,3}?) "
    r"(?:can|may) be used (?:to|for|"
    r"when|if|as|in|whenever)\b.{15,}"
)
_ADVICE = re.compile(
    r"(?:(?:You|We|One) should |It is (?:recommended|best|better) to |(?:Always|Only) )?"
    r"(?P<do>[Uu]se|[Pp]refer|[Aa]void|[Cc]onsider|[Cc]hoose) (?P<what>[^,:;(.]{1,60}?) "
    r"(?:when|whenever|if|for|because|unless|over|instead of|rather than|in order to|so that|where)"
    r"\b.{12,}"
)
_DEFAULT = re.compile(r"By default,? .{20,}|.{10,80}\bby default\b.{0,120}")
_RULE = re.compile(
    r"(?P<subject>(?:(?:The|A|An|Each|Every|All|"
    r"Any) )?[\w./:'`\u2019-]+(?: [\w./:'`\u2019-]+){0,4}?) "
    r"(?:should|SHOULD|must|MUST|has to|have to|needs? to|cannot|can only|may only|can not|"
    r"may not|is best|is recommended|are recommended|ought to|is preferred|are preferred)\b.{15,}"
)
_TOLD = re.compile(
    r"(?:you|we|one|use|prefer|avoid|consider|call|make sure|try|keep|add|set|do not|don't|"
    r"never|always|it is (?:best|better|recommended|possible|necessary|important|a good)|"
    r"it's (?:best|better|recommended|possible|necessary|important|a good)|simply|just|pass|"
    r"define|return|run|write|there is no need)\b",
    re.I,
)
_WANTS = re.compile(r"\b(?:want|need|wish|would like|plan)\b")  # it asks for advice
# Which? The page knows.
_ANY_TROUBLE = re.compile(r"\bany (?:error|problem|issue|trouble|question|doubt|difficult)", re.I)
# "When referring to a function, make sure …": advice on something that the reader does
_DOING = re.compile(
    r"When(?:ever)? "
    r"(?!being|having|going|doing|writing|programming|working|coding|developing|learning)"
    r"[a-z]{3,}ing (?:[^ ,]+ ?){2,}"
)
_PAST = re.compile(
    r"\b(?:have|has) (?:\w+ )?been\b|\b(?:was|were|had|used to|went|got|did|came|added|fixed|"
    r"updated)\b"
)
_AUX = re.compile(
    r"\b(?:is|are|was|were|will|would|can|could|must|may|might|should|cannot|does|do|has|have)\b"
)
_OPEN_END = re.compile(
    r"\b(?:is|are|was|were|but|to|and|or|of|for|in|with|the|an?|only|that|works?|limited|not)$"
)
_NO_CLAUSE = re.compile(
    r"(?:For|To|If|When|Since|Because|While|In|On|At|Although|Given|Once|As|By|Use|Make|Do|"
    r"You will|You'll|"
    r"You can|"
    r"We can|We will|We need|Avoid|Prefer|With|The (?:main |only |other )?(?:reason|short|line|"
    r"downside|caveat))\b"
)
_ASKS = re.compile(
    r"\b(?:inform|check|ask|see|know|tell|decide|determine|verif|learn|wonder|test|say|indicat|"
    r"show|"
    r"whether|guess|try|sure|matter|find out|helpful|useful|nice|handy|great|good|easier|"
    r"interesting)"
)
_LISTED = re.compile(
    r"(?:and|or|including|such as|like|which|where|as well as|for example|e\.g|i\.e|not|but)\b"
)
# a quantity that is none, praise, a file that somebody named, a formula
_VAGUE = re.compile(
    r"\ba (?:\w+ )?(?:number|variety|few|lot|bit|couple|range|host|set) of\b|"
    r"\b(?:useful|handy|nice|great|interesting|simple|easy|powerful|succinct|small|website)\b|\w\.exs?\b|\$"
)
_POINTS = re.compile(r"(?:this|that|these|those)\b")
_ARTICLE = re.compile(r"(?:the|an?|you|we|it|they|this|that|these|those|all|any|some|no)\b")
# an identifier, or two words and more of which the last is a plural
_NAMED = re.compile(r"\w[_/]\w|^(?!(?:The|Each|Every|All|Any|These|Those|Such) \w+$)\S+ .*s$")
_CLAUSE_WORD = re.compile(r"\b(?:receive|use|what|provide|have|work|that|which|who|when)\b")
_LOOSE_TASK = re.compile(r"\b(?:it|them|they|this|that|these|those|its|their|our|so|both|one)\b")
_NO_SUBJECT = re.compile(
    r"(?:You|We|It|They|There|This|That|These|Those|Then|One|I|He|She|Here|What|Which|Who|How|"
    r"Your|Why|When|If|In|On|At|For|To|By|With|As|Note|But|And|Or|Not|Only|Also|However|First|"
    r"Each of|"
    r"All of|Any of|Because|Since|While|From|After|Before|Sometimes|Often|Usually|Other|"
    r"Generally|Instead)\b"
)


def reason(view: View) -> Iterator[Candidate]:
    """At most one candidate per sentence that stands alone."""
    for one in said(view):
        found = next((made for ask_for in _ASKED if (made := ask_for(view, one))), None)
        if found:
            yield found


def _why(view: View, one: Said) -> Candidate | None:
    match = _BECAUSE.match(one.text)
    if match is None or rests_on_more(match["clause"]) or not FINITE.search(match["clause"]):
        return None
    clause = shown(match["clause"])
    if _NO_CLAUSE.match(clause) or _OPEN_END.search(clause) or _PAST.search(clause):
        return None
    if clause.count("(") != clause.count(")"):
        return None
    return made_of(view, one, "why", clause, clause=small(view, clause))


def _when(view: View, one: Said) -> Candidate | None:
    match = _WHEN.match(one.text)
    trailing = match is None
    match = match or _TRAILING.fullmatch(one.text)
    if (
        match is None
        or rests_on_more(f"{match['condition']}.")
        or _POINTS.match(match["condition"])
    ):
        return None
    main, asked = match["main"], match["condition"]
    doing = not trailing and bool(_DOING.match(match[0]) and _TOLD.match(main))
    if not (doing or FINITE.search(asked)):
        return None
    if trailing and (not FINITE.search(main) or _ASKS.search(main.lower()) or _open(main)):
        return None
    if (
        _PAST.search(main)
        or _PAST.search(asked)
        or (asked.startswith("there ") and re.match(r"(?:it|they)\b", main))
    ):
        return None
    if not trailing and _cut(main):
        return None
    if not (doing or _one_clause(asked, 4 if trailing else 3)) or _ANY_TROUBLE.search(asked):
        return None
    told = bool(
        _TOLD.match(main.replace("\u2019", "'")) or re.search(r"\b(?:should|must) be\b", main)
    )
    told = told or bool(_WANTS.search(match["condition"]))
    condition = shown(match["condition"])
    when = match["when"].lower()
    if when == "while":
        return None
    return made_of(
        view, one, "advice" if told else "happens", condition, when=when, condition=condition,
        When=when.capitalize(),
    )  # fmt: skip


def _how(view: View, one: Said) -> Candidate | None:
    match = _TO.match(one.text) or _CAN.fullmatch(one.text) or _BY.match(one.text)
    if match is None:
        return None
    task = shown(match["task"])
    verb = task.split()[0]
    if verb not in TASKS or _LOOSE_TASK.search(task):
        return None
    if "main" in match.re.groupindex and _cut(match["main"]):
        return None
    return made_of(view, one, "purpose_to", task, task=task)


def _passive(view: View, one: Said) -> Candidate | None:
    match = _PASSIVE.match(one.text)
    if match is None or _NO_SUBJECT.match(match["subject"]):
        return None
    if rests_on_more(f"{match['subject']}."):
        return None
    if FINITE.search(re.sub(r"\w+s\b", "", match["subject"])) or " to " in match["subject"]:
        return None
    subject = small(view, shown(match["subject"]))
    return made_of(view, one, "passive", subject, subject=subject, done=shown(match["done"]))


def _used(view: View, one: Said) -> Candidate | None:
    match = _USED.match(one.text)
    subject = (match["subject"] or match["subject2"]) if match else ""
    if not match or _NO_SUBJECT.match(subject) or rests_on_more(subject) or _AUX.search(subject):
        return None
    if _CLAUSE_WORD.search(subject):
        return None
    be = match["be"] or ("are" if plural(subject) else "is")
    return made_of(view, one, "used", "", subject=small(view, shown(subject)), be=be)


def _with(view: View, one: Said) -> Candidate | None:
    match = _WITH.fullmatch(one.text)
    if match is None or rests_on_more(match["subject"]) or _AUX.search(match["subject"]):
        return None
    if made_here(view, one.text):
        return None
    start = one.sentence.start
    known = named(view, one.block, start + match.start("subject"), start + match.end("subject"))
    if not known and not _NAMED.search(match["subject"]):
        return None
    subject = shown(match["subject"])
    return made_of(
        view, one, "used", "", subject=subject, be="are" if plural(subject) else "is"
    )  # fmt: skip


def _advice(view: View, one: Said) -> Candidate | None:
    match = _ADVICE.match(one.text)
    if match is None or rests_on_more(f"{match['what']}.") or _OPEN_END.search(match["what"]):
        return None
    what, do = shown(match["what"]), match["do"].lower()
    if re.match(r"(?:to|that|whether|how|what)\b", what) or " to " in what:
        return None
    return made_of(view, one, "choose", what, what=what, do="use" if do == "prefer" else do)


def _default(view: View, one: Said) -> Candidate | None:
    topic = whole_heading(view)
    if not topic or not _DEFAULT.fullmatch(one.text) or _PAST.search(one.text):
        return None
    return made_of(view, one, "default", topic, topic=topic)


def _rule(view: View, one: Said) -> Candidate | None:
    match = _RULE.match(one.text)
    if match is None or _NO_SUBJECT.match(match["subject"]) or rests_on_more(match["subject"]):
        return None
    start, end = one.sentence.start, one.sentence.start + match.end("subject")
    known = named(view, one.block, start, end) or _NAMED.search(match["subject"])
    if not known or _OPEN_END.search(match["subject"]) or _AUX.search(match["subject"]):
        return None
    if any(verb(word, plural=False) for word in match["subject"].split()[1:-1]):
        return None
    if _CLAUSE_WORD.search(match["subject"]):
        return None
    subject = small(view, shown(match["subject"]))
    return made_of(view, one, "rule", "", subject=subject)


def _open(main: str) -> bool:
    """Does the condition belong to a participle at the end (``handlers used when …``)?"""
    ends = re.search(r"\b\w+(?:ed|en|sent|thrown|given)$", main)
    passive = re.search(r"\b(?:is|are|be|been|not|gets?|only)(?: \w+ly)? \w+$", main)
    return bool(ends) and not passive


def _cut(main: str) -> bool:
    """Does the comma before this part two items of a list, not two clauses?"""
    head = main.split(",", 1)[0] if "," in main else main
    if re.search(r"\band\b", head) and re.match(r"[^,]+, (?:then|the|we|you|it|[A-Z])", main):
        return True
    return bool(_LISTED.match(main)) or not (
        FINITE.search(head) or _TOLD.match(main) or main.split()[0] in TASKS
    )


def _one_clause(text: str, least: int) -> bool:
    """Is the condition one clause of so many words beside an article, not the beginning of more?"""
    if re.match(r"(?:one|any|not|necessary|possible|needed|\w+ing|\w+ed)\b", text) or len(
        text.split()
    ) < least + (least < 4 and bool(_ARTICLE.match(text))):
        return False
    if " or not" in text or len(re.findall(r"\b(?:you|we|it|they)\b", text)) > 1:
        return False
    joined = re.search(r"\b(?:and|or|that|which|who|but|than)\b", text)
    return len(_AUX.findall(text)) <= (2 if joined else 1)


def rests_on_more(text: str) -> bool:
    """Does the part that is asked about rest on the rest?"""
    plain = text.replace("\u2019", "'")
    return leans(plain) or bool(
        re.search(r"\b(?:it|its|they|them|their|even|another|a single|any of)\b", plain, re.I)
    )


def _content(text: str) -> frozenset[str]:
    """Normal forms of the words that carry the text."""
    return frozenset(key for key in keys(text) if key not in _EMPTY_WORDS and len(key) > 2)


def _added(answer: str, question: str, *, named: bool) -> int:
    """How many words the answer has beyond the question; ``named`` counts a function for more."""
    names = set(_CODE_NAME.findall(answer)) - set(_CODE_NAME.findall(question))
    words = len(_content(answer) - _content(question))
    return words + NAME_WEIGHT * len(names) if named else words


def _has_to_say_more(kind: str, answer: str, question: str) -> bool:
    """Is a short answer none? Who does not name a function does not ask what it does in a case."""
    new = kind == "happens" and set(_CODE_NAME.findall(answer)) - set(_CODE_NAME.findall(question))
    return bool(new) or kind in _LONGER or bool(_VAGUE.search(answer))


def _to_reader(text: str) -> str:
    """What author and reader do, as what the reader does: "if we query a record"."""
    plain = re.sub(r"\bwe['\u2019]re\b", "you're", text)
    return re.sub(r"\b(?<!['\u2019-])we\b(?!['\u2019])", "you", plain)


def made_of(view: View, one: Said, kind: str, told: str, **words: str) -> Candidate | None:
    """``told`` is what of the question is the book's."""
    last = follow(one)
    start, end = one.sentence.start, one.every[last].end
    quote = view.quote(one.block, start, end, "answer")
    words = {name: _to_reader(value) for name, value in words.items()}
    language = setting(view, " ".join(words.values()))
    plain = kind if language or f"{kind}_plain" not in BANK else f"{kind}_plain"
    key = f"{one.block['block_id']}:{start}"
    named_by = "" if plain == kind else view.subject or view.language
    question = ask(plain, key, language=language or named_by, **words)
    asked = " ".join(words.values())
    if ours(asked) or strange_identifier(view, asked) or not definite_known(view, asked):
        return None
    more = words.get("do") == "can" or _has_to_say_more(kind, quote.text, question)
    least = ADDED_MORE if more else ADDED_MIN
    if _added(quote.text, question, named=kind in _BY_NAME) < least:
        return None
    return Candidate(
        "reason", one.block["block_id"], "", "theory", question, shown(quote.text), [quote],
        borrowed=told,
    )  # fmt: skip


_ASKED = (_advice, _why, _when, _how, _with, _used, _passive, _default, _rule)
