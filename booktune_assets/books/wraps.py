"""Code lines that the page was too narrow for, joined again.

Belongs here: when a row goes on with the row before, and what stood at the break. Does not: where
rows stand (``listing.py``), page breaks (``stitch.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from booktune_assets.books.hangs import NARROW, no_room
from booktune_assets.books.judge import fits_tight, goes_on
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.listing import Listing

__all__ = ["Wraps", "in_string", "is_open", "keeps_spaces", "known_words", "runs_over"]

_OPEN, _CLOSE = "([{", ")]}"
_STRAIGHT = str.maketrans({"\u201c": '"', "\u201d": '"'})
# Begins a line wherever it stands: prompts, comments, closing words.
_FRESH = re.compile(
    r"(?:iex|\.\.\.|\u2026)(?:\([\w.@]+\))?(?:\(\d+\))?>|\d+> |#(?![{A-Z])|[$*%](?![{\[(\w])"
    r"|==>|\*\* \(|-(?:module|export)|\.\.\.$"
)
_CLOSER = re.compile(r"(?:end|else|rescue|after|catch)\b|\|>")
_STATEMENT = re.compile(
    r"(?:def|defp|defmodule|defmacrop?|defstruct|defimpl|defprotocol|import|alias|use|require|case"
    r"|if|with|for|mix|git|cd|test|describe)\s|[\w.]+ = |@\w|[\w.:]+[!?]?\("
)
# What code begins with and words of a comment do not.
_CODEISH = re.compile(
    r"[\[{(%@~^&<]|[\"':]\w|[\w.]+ ?(?:=|\|>|->|<-)"
    r"|\w+[.:]\w+\(|\w+\(.*\)$|\w+\[:?\w+\]$|[\w.]+(?:/[\w.]+){2,}"
)
_PROMPT = re.compile(r"(?:iex|\.\.\.|\u2026)[^>\n]{0,20}>|\d+> ")
_GOES_ON = re.compile(r"(?:[-+*/=|,<]|(?<!>)>|\bdo:|\b(?:when|and|or|in|not|fn))$")
# The sign at its end closes a sigil and joins nothing.
_SIGIL = re.compile(r"~[a-zA-Z]+(?:/[^/]*/|\|[^|]*\||<[^<>]*>)$")
# After these a formatted book indents: a row that does not was wrapped.
_DEEPER = re.compile(r"(?:\bdo|->|[^=<>!~]=)$")
_VALUE = re.compile(r"[\[{\"]|%\w*[\w.]*\{|#\w+<")  # begins a value, which is its own row
# Pairs of characters that a typesetter may part and code never holds with a space between.
_TORN = re.compile(
    r"[-=|<~]\n>|<\n[-<>~]|\|\n>|\\\n\S|\w\n: |\w:\n\d|\w-\n\w|:\n:|&\n[&\d]|=\n[=~]|\+\n\+"
)
# No line begins so, and none ends so: the break stood within an expression.
_HEADLESS = re.compile(r"\(|, |: |(?:do|of|when|and|or|andalso|orelse|in)(?: |$)")
_TAILLESS = {
    "elixir": re.compile(r"(?:[A-Z]\w*|\))\.$|::$"),
    "erlang": re.compile(r"\b[a-z]\w*:$|::$"),
}
_NAME = re.compile(r"[A-Za-z_]\w*[!?]?$")
_TRACE = re.compile(r"\(\w+(?: [\w.-]+)?\) \S")  # a line of a stack trace
_CALLED = re.compile(r"[a-z]\w*[!?]?[(/]")
# An arity, a keyword, a compound word, a value that is looked into.
_TIED = re.compile(r"\w\n(?:/\w|: )|\w-\n[\w{(\[]|[)\]]\n\[")
_MAP = re.compile(r"(?:^|[\s(\[{,])%\n[{A-Z]")  # a map or struct of Elixir
# A lone atom is seldom the list that a call without brackets takes: it is a key.
_LOOKED = re.compile(
    r"(?<![\w:.])(?!(?:in|fn|do|and|or|not|when|if|unless)\n)[a-z]\w*\n\[:\w+[?!]?\]"
)
_CODE = re.compile(r"[\[.({|]")  # at the edge, behind a line that is set in: not a line of its own
# A name in two parts, an atom, a tag, what a runtime prints.
_PARTS = re.compile(
    r"[a-z]\n-[a-z]|[\s(\[{,]:\n[a-z]|</?\w+\n>|#(?:PID|Reference|Function|Port)\n<"
    r"|[)\]]\n[\[(]|[\s(,]&\n\w|\[\w+:\n\d+(?::\d+)+\]|\bCtrl\n\+|\w\.[a-z]\w*[?!]?\n\((?!\w+ \w)"
)
# Words beside each other, as no call has them: "to exit (type h() ENTER for help)".
_ASIDE = re.compile(
    r"\([^\"',]*?\b(?!(?:do|in|when|and|or|not|fn|end|of)\b)[A-Za-z]+"
    r"(?: (?!(?:do|in|when|and|or|not)\b)[A-Za-z]+){2}\b"
)
_SENTENCE, _SHORT = re.compile(r"[a-z)]\.$"), (" e.g.", "(e.g.", " i.e.", "(i.e.")
# A module of a module, unlike the next sentence: no words follow it.
_NESTED = re.compile(r"\b[A-Z]\w*\.\n[A-Z]\w*(?:[^\w\s]|$| (?:end|do|in|and|or|when)\b)")
_FILE = re.compile(r"\.\w{1,4}:$")  # a line number follows
_SAID = ("\u23ce", "\u21b5", "\u21a9")  # an author's own: those of a typesetter were taken off
_LONG = 5
_ENOUGH = 3  # breaks between words that make it a habit
_WELL_FILLED = 0.65
_FILLED = 0.8  # a row that ends in a space, where only wrapped rows do
_ERROR = re.compile(r"\s*(?:\*\* \(|warning: |error: )")
_OVER = 4.5  # columns beyond the edge that are no measuring error
_STRICT = 0.1  # of the wraps with a space: so many without one are mistakes
_SLACK = 2  # columns; a box has padding that is not measured exactly
_WORD = re.compile(r"[^\W\d]\w*")
_SYLLABLE = re.compile(r"(?<![\w-])([A-Za-z]{2,})[-\u2010]$")
_NAMED, _BEGUN = re.compile(r"(?<!\w)~[a-zA-Z]+$"), "[({</|\"'"  # a sigil, parted from its text
_TAIL = re.compile(r"\w+$")
_HEAD = re.compile(r"\w+")


@dataclass(slots=True)
class Wraps:
    """Joining with the words of the book at hand: they tell a broken word from two words."""

    words: set[str] = field(default_factory=set[str])
    spaced: bool = False
    strict: bool = False  # every break at a space left it in the file
    whole: bool = False  # words are never broken
    marked: bool = False  # the book marks its wraps, or has none: rows without a mark are lines
    ledger: Ledger = field(default_factory=Ledger)

    def learn(self, listings: Iterable[Listing]) -> None:
        """See from all breaks of a book whether it ever breaks a word."""
        broken = two = 0
        for listing in listings:
            for number in range(1, len(listing.texts)):
                row, text = listing.texts[number - 1], listing.texts[number].lstrip()
                tail, head = _TAIL.search(row), _HEAD.match(text)
                if not tail or not head or not self._continues(row, listing, number):
                    continue
                known = self._known(tail.group()) and self._known(head.group())
                broken += not known and self._known(tail.group() + head.group())
                two += known
        self.whole = two >= _ENOUGH and broken <= _STRICT * two

    def unwrap(self, listing: Listing, line: str | None = None) -> tuple[list[str], list[int]]:
        """Lines, and the blank lines before each; ``line`` has taken in the first row already.

        A row is a continuation when it begins at the left edge, the row before had no room for its
        first word, and it does not look like a statement of its own. In a numbered listing it is
        the row without a number.
        """
        lines = [] if line is None else [line]
        kept = [0] * len(lines)
        texts, blanks = listing.texts, listing.blanks
        for number, text in list(enumerate(texts))[len(lines) :]:
            if lines and self._continues(lines[-1], listing, number):
                lines[-1] = self._join(lines[-1], listing, number)
            else:
                lines.append(text)
                kept.append(blanks[number])
        return lines, kept

    def over_break(self, line: str, before: Listing, after: Listing, blanks: int) -> str | None:
        """``line``, which ends a page, with the first row of the next page; None: it ended."""
        drawn = [before.drawn[-1], after.drawn[0]] if before.drawn and after.drawn else []
        both = replace(
            before, rows=[before.rows[-1], after.rows[0]], texts=[before.texts[-1], after.texts[0]],
            blanks=[0, blanks], drawn=drawn, marked=frozenset({1} if 0 in after.marked else ()),
            numbered=before.numbered and after.numbered,
            glue={1: after.glue[0]} if 0 in after.glue else {},
        )  # fmt: skip
        return self._join(line, both, 1) if self._continues(line, both, 1) else None

    def _continues(self, line: str, listing: Listing, number: int) -> bool:
        if not self.ledger.wants("wraps"):
            return False
        if number in listing.marked:
            return True
        if number in listing.glue:
            return not self._begins(line, listing, number)
        if listing.numbered:
            return listing.known.number(number) is None
        if self.marked or line.endswith(_SAID) or _runs_out(listing, number - 1):
            return False
        return not listing.blanks[number] and self._wrapped(line, listing, number)

    def _begins(self, line: str, listing: Listing, number: int) -> bool:
        """Whether a row that is one column further in is a line of its own, by what it says."""
        row, text = listing.texts[number - 1], listing.texts[number].lstrip()
        if listing.glue[number] is None:
            return False
        if _PROMPT.match(text):
            return True
        value = bool(_PROMPT.match(line) and _VALUE.match(text))
        return value and not is_open(line) and not _awaits(row)

    def _join(self, line: str, listing: Listing, number: int) -> str:
        before, text = listing.rows[number - 1], listing.texts[number]
        if self._hyphenated(line, text):
            joined = line[:-1] + text.lstrip()
            self.ledger.took(before.page, "wraps", f"{line}\n{text}", joined)
            return joined
        full = listing.filled(number - 1) >= listing.columns - 1 and not self.marked
        if (glue := listing.glue.get(number)) is not None:
            joined = line + glue + text.lstrip()
        elif self.spaced and listing.known.hangs(number - 1):
            joined = f"{line} {text.lstrip()}"
        elif self.strict and not listing.numbered and number not in listing.marked:
            tight = _parts(line, text.lstrip()) and not self._two_words(line, text)
            joined = f"{line}{'' if tight else ' '}{text.lstrip()}"
        else:
            joined = self.joined(line, text.lstrip(), full, listing.lang)
        self.ledger.took(before.page, "wraps", f"{line}\n{text}", joined)
        return joined

    def _wrapped(self, line: str, listing: Listing, number: int) -> bool:
        row, text = listing.texts[number - 1], listing.texts[number]
        if self.spaced and listing.known.hangs(number - 1):
            tight = no_room(listing, number, _SLACK)
            tight = tight or listing.filled(number - 1) >= _FILLED * listing.columns
            if tight and not _PROMPT.match(text.lstrip()):
                return True
        elif self.strict and (not _parts(row, text) or self._two_words(row, text)):
            return False
        if no_room(listing, number, _SLACK) and self._torn(line, listing, number):
            return True
        return _wrapped(line, listing, number)

    def _two_words(self, row: str, text: str) -> bool:
        """Whether a break between letters is between two words of the book."""
        tail, head = _TAIL.search(row), _HEAD.match(text.lstrip())
        return not (not tail or not head or self._one_word(tail.group(), head.group()))

    def _hyphenated(self, line: str, text: str) -> bool:
        """Whether a typesetter broke a word of code with a hyphen, as it does in prose."""
        tail, head = _SYLLABLE.search(line), _HEAD.match(text.lstrip())
        if not tail or not head or not head.group()[0].islower():
            return False
        one, two = tail.group(1), head.group()
        return f"{one}{two}" in self.words and f"{one}-{two}" not in self.words

    def _torn(self, line: str, listing: Listing, number: int) -> bool:
        """Whether a word that the book knows was broken at the very end of a full row."""
        row, text = listing.texts[number - 1], listing.texts[number]
        if self._hyphenated(row, text):
            return True
        tail, head = _TAIL.search(line), _HEAD.match(text.lstrip())
        if listing.filled(number - 1) < listing.columns - 1 or not tail or not head:
            return False
        whole = tail.group() + head.group()
        return len(whole) > _LONG and whole in self.words and tail.group() not in self.words

    def joined(self, line: str, text: str, full: bool, lang: str) -> str:
        """A break at a space loses the space; a broken word, bracket or dot had none."""
        return line + text if self._tight(line, text, full, lang) else f"{line} {text}"

    def _tight(self, line: str, text: str, full: bool, lang: str) -> bool:
        if line.endswith(",") and text.startswith("..."):
            return False  # what is left out of a list
        if line.endswith(("(", "[", "{", ".", "/")) or text[0] in ")]},;.":
            sentence = line.endswith(_SHORT) or (_SENTENCE.search(line) and text[0].isupper())
            nested = _NESTED.search(f"{line}\n{text}") and not in_string(line)
            return not sentence or bool(nested)
        if _FILE.search(line) and text[0].isdigit():
            return True
        if _odd_quotes(line) and (line[-1] == '"' or text[0] == '"'):
            return True  # strings hardly ever begin or end with a space
        if line[-1] == "]" and text[0] == "[" and "] [" in (both := f"{line}\n{text}"):
            return "][" in both  # "[source] [64-bit]" against "users[:mary][:age]"
        if _PARTS.search(f"{line[-24:]}\n{text[:12]}"):
            return True
        if lang == "erlang" and _TAILLESS[lang].search(line) and _CALLED.match(text):
            return True
        if lang == "elixir" and _NAMED.search(line) and text[0] in _BEGUN and not in_string(line):
            return True
        if _TIED.search(f"{line[-2:]}\n{text[:2]}"):
            return True
        if lang != "erlang" and _MAP.search(f"{line[-2:]}\n{text[:2]}"):
            return True
        if lang == "elixir" and _LOOKED.search(f"{line[-24:]}\n{text[:24]}"):
            return True
        if not full:
            return False
        tail, head = _TAIL.search(line), _HEAD.match(text)
        if tail and head:
            return not self.whole and self._one_word(tail.group(), head.group())
        if _TORN.search(f"{line[-2:]}\n{text[:2]}"):
            return line[-1] != ":" or not is_open(line)  # "age: 27" against "iex:27"
        if _ASIDE.match(text):
            return False
        return bool(tail and text[0] == "(") or fits_tight(line, text, lang) is True

    def _one_word(self, tail: str, head: str) -> bool:
        whole = tail + head
        if whole in self.words or whole.casefold() in self.words:
            return True
        return not (self._known(tail) and self._known(head))

    def _known(self, word: str) -> bool:
        return word.isdigit() or word in self.words or word.casefold() in self.words


def keeps_spaces(listings: Iterable[Listing]) -> tuple[bool, bool]:
    """Whether a typesetter left the space in the file at which it wrapped a row of code.

    Then the end of every wrapped row tells what stood there. Files that end all rows in a space, or
    none, tell nothing. The second answer is whether all breaks at spaces left them.
    """
    wrapped = other = bare = 0
    for listing in listings:
        for number in range(len(listing.rows)):
            after = listing.texts[number + 1] if number + 1 < len(listing.texts) else ""
            tight = bool(after) and no_room(listing, number + 1)
            if listing.known.hangs(number):
                wrapped += tight
                other += not tight
            elif tight and not listing.blanks[number + 1]:
                text = listing.texts[number]
                bare += not _parts(text, after) and _wrapped(text, listing, number + 1)
    kept = wrapped >= 2 and wrapped > other
    return kept, kept and bare < _STRICT * wrapped


def runs_over(listings: Iterable[Listing], margin: float) -> bool:
    """Whether long code runs out of its box, or over the right margin of the text (pt).

    A typesetter that lets it does not wrap: every row is a line.
    """
    over = wrapped = 0
    for listing in listings:
        boxed = bool(listing.rows) and listing.rows[0].frame is not None
        for number, (text, row) in enumerate(zip(listing.texts, listing.rows, strict=True)):
            room = listing.columns if boxed else 0
            beyond = (row.box[2] - margin) / listing.advance
            if room >= NARROW:
                beyond = listing.filled(number) - room
            over += beyond > _OVER
            after = listing.texts[number + 1] if number + 1 < len(listing.texts) else ""
            if after and not listing.blanks[number + 1]:
                wrapped += no_room(listing, number + 1) and _wrapped(text, listing, number + 1)
    return over >= 2 and 2 * over >= wrapped


def _runs_out(listing: Listing, number: int) -> bool:
    """Whether a row runs out of its box although it could have been broken: it was not wrapped."""
    if listing.known.hangs(number):  # the space at a break may stand beyond the box
        return False
    row, text = listing.rows[number], listing.texts[number]
    if row.frame is None:
        return False
    if row.box[2] <= row.frame.rect[2] + listing.advance / 2:
        return False
    return " " in text.strip()[: -max(2, int((row.box[2] - row.frame.rect[2]) / listing.advance))]


def _parts(row: str, text: str) -> bool:
    """Whether a row may be broken here although no space stood there (Unicode's rules)."""
    return row[-1:] in "-/:?=&|,;)]}%" or text.lstrip()[:1] in "([{/#.:%" or (
        row[-1:].isalnum() and text[:1].isalnum()
    )  # fmt: skip


def known_words(listings: Iterable[Listing]) -> set[str]:
    """Words of the code that do not touch the edge of a row, where they may be broken."""
    words: set[str] = set()
    for listing in listings:
        for number, text in enumerate(listing.texts):
            full = listing.filled(number) >= listing.columns - 1
            found = [match.group() for match in _WORD.finditer(text)]
            words.update(found[1:-1] if full else found)
    return words


def _wrapped(line: str, listing: Listing, number: int) -> bool:
    """Whether a row goes on with ``line``, which ends in the row before."""
    row, text = listing.texts[number - 1], listing.texts[number]
    indent = len(text) - len(text.lstrip())
    text = text.lstrip()
    quoted = in_string(line) and '"""' not in line
    if _FRESH.match(text) and not (quoted and text[:1] == "#"):
        return False
    if not no_room(listing, number):
        # a typesetter that weighs whole paragraphs breaks early; inside of brackets code indents
        deep = is_open(line) and not in_string(line) and text[0] not in _CLOSE
        return deep and indent == len(line) - len(line.lstrip()) and (
            listing.filled(number - 1) >= _WELL_FILLED * listing.columns
        )  # fmt: skip
    if line.endswith("\ufffd"):  # a glyph that no font has: a sign at the end of a line
        return False
    opened = is_open(line)
    comment = line.lstrip().startswith(("#", "%%", "% "))
    goes = opened if not comment else opened or not (_STATEMENT.match(text) or _CODEISH.match(text))
    if text[0] in _CLOSE and not opened:
        return False
    if not comment and indent in (0, len(line) - len(line.lstrip())):
        tail = _TAILLESS.get(listing.lang)
        if (tail and tail.search(row)) or _headless(row, text):
            return True
    if indent:  # some typesetters repeat the indentation
        same = indent == len(line) - len(line.lstrip())
        return same and (goes or (not comment and bool(_DEEPER.search(line))))
    if comment or opened or _ERROR.match(line):
        return goes or not comment
    return _at_edge(line, listing, number)


def _at_edge(line: str, listing: Listing, number: int) -> bool:
    """``_wrapped`` for a row at the edge, where no bracket or string is open."""
    row, text = listing.texts[number - 1], listing.texts[number].lstrip()
    if _CLOSER.match(text):
        return False
    if _PROMPT.match(line):  # what follows a whole expression is its value
        return _awaits(row)
    deep = line[:1] == " "  # a new line at the edge would leave what it stands in
    if _VALUE.match(text) and not _awaits(row) and not deep:
        return False
    verdict = goes_on(line, text, listing.lang)
    if verdict is not None:
        inside = deep and line[-1] not in ".;," and not _STATEMENT.match(text)
        return verdict or (inside and bool(_CODE.match(text)))
    if listing.filled(number) > _WELL_FILLED * listing.columns:
        return False  # lines that somebody filled by hand
    return line[:1] == " " or not _STATEMENT.match(text)


def _awaits(row: str) -> bool:
    """Whether a row ends in a sign or word that something must follow."""
    return bool(_GOES_ON.search(row)) and not _SIGIL.search(row)


def _headless(row: str, text: str) -> bool:
    """Whether no line begins with such a text; brackets belong to the name before them."""
    if text[0] == "(":
        return bool(_NAME.search(row)) and not _TRACE.match(text)
    return bool(_HEADLESS.match(text))


def _odd_quotes(line: str) -> bool:
    """Whether a string is open at the end of a row, be it of code or of a comment."""
    plain = line.translate(_STRAIGHT).replace('"""', "").replace('\\"', "")
    return plain.count('"') % 2 == 1


def in_string(line: str) -> bool:
    """Whether a string is open at the end of a line of code."""
    return bool(_scan(line)[1])


def is_open(line: str) -> bool:
    """Whether brackets or a string are open at the end of a line of code."""
    depth, quote = _scan(line)
    return depth > 0 or bool(quote)


@lru_cache(maxsize=256)  # a row is looked at by many rules in a row
def _scan(line: str) -> tuple[int, str]:
    """Brackets that are open at the end of a line of code, and the quote of an open string."""
    depth, quote, skip = 0, "", False
    for number, char in enumerate(line.translate(_STRAIGHT)):
        if skip:
            skip = False
        elif char == "\\":
            skip = True
        elif quote:
            quote = "" if char == quote else quote
        elif char == '"':
            quote = char
        elif char == "#" and depth == 0 and line[number + 1 : number + 2] != "{":
            break
        elif char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth -= 1
    return depth, quote
