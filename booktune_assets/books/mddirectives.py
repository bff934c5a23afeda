"""Directives of MyST, Quarto and R Markdown: fences that say what they hold, and options of code.

Belongs here: languages, captions and options of such fences, texts that are no code. Does not:
boxes (``mdparser.py``), marks on lines of their own (``mddialects.py``), what becomes of it
(``markdown.py``).
"""

from __future__ import annotations

import re

__all__ = [
    "TABLE_CAPTION", "caption_of", "directive", "holds_tabs", "is_layout", "names_of", "options_of",
    "texts_of",
]  # fmt: skip

TABLE_CAPTION = re.compile(r"(?:Table)?:\s+(?=\S)")  # of Pandoc, below a table
_CODE = re.compile(r"\{(?:code-block|code-cell|code|sourcecode)\}\s*(?P<lang>[^\s{}]*)")
_NO_TEXT = re.compile(
    r"\{(?:toctree|contents|tableofcontents|include|literalinclude|eval-rst|raw|index|image)\}.*"
    r"|\{=[a-z]\w*\}"
)
_OPTION = re.compile(r":[a-z][\w-]*:(?:\s.*)?|#\|\s.*")
_TABBED = re.compile(r"(?:^|[\s.{])(?:panel-tabset|tabset|tab-set|code-group|tabs)\b")
_LAYOUT = re.compile(
    r"^(?:\{[^{}]*)?(?:^|[.\s{])(?:columns?|center|centered|row|col|grid|fullwidth|full-width|landscape"
    r"|column-[a-z-]+|incremental|nonincremental|text-center)\b"
)
_SHOWS = re.compile(r"\{(?:figure|image)\}\s*(?P<path>\S+)")
_TERMS = re.compile(r"\{glossary\}\s*")
_ALT = re.compile(r":alt:\s*(?P<words>.+)")
_QUOTED = r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'{}]+))"
_CAPTIONED = re.compile(  # in what a fence says
    rf"[\s{{,](?:lst-cap|filename|file_name|title|caption|fig\.cap)\s*[=:]\s*{_QUOTED}"
)
_NAME = re.compile(r"\{[^{}]*#([\w:.-]+)")
_OPTION_NAME = re.compile(r"^(?::(?:name|label):|#\|\s*label:)\s*([\w:.-]+)\s*$", re.M)
_OPTION_CAPTION = re.compile(
    r"(?::caption:|#\|\s*(?:lst-cap|filename):)\s*[\"']?(?P<words>.*?)[\"']?\s*"
)


def directive(info: str, content: str) -> tuple[str, str, str] | None:
    """A fence of MyST or Quarto: its language, its code, its options; None for any other fence.

    What is no text of the book (a list of contents, another file) has neither.
    """
    info = info.strip()
    if _NO_TEXT.fullmatch(info):
        return "", "", content
    found = _CODE.fullmatch(info)
    if found is None and not info.startswith("{"):
        return None
    lines = content.split("\n")
    number = next((n for n, line in enumerate(lines) if not _OPTION.fullmatch(line)), 0)
    if found is None:
        lang = info
        number = number if all(line.startswith("#|") for line in lines[:number]) else 0
    else:
        lang = found["lang"]
        number += bool(number) and not lines[number].strip()
    if found is None and not number:
        return None
    return lang, "\n".join(lines[number:]), "\n".join(lines[:number])


def is_layout(info: str) -> bool:
    """Whether a container only says where its text stands."""
    return _LAYOUT.search(info.strip()) is not None


def options_of(content: str) -> tuple[str, str]:
    """The options that a directive begins with, and the rest."""
    lines = content.split("\n")
    number = next((n for n, line in enumerate(lines) if not _OPTION.fullmatch(line)), len(lines))
    return "\n".join(lines[:number]), "\n".join(lines[number:])


def holds_tabs(info: str) -> bool:
    """Whether the titles in a container are those of texts to choose from."""
    return _TABBED.search(info.strip()) is not None


def caption_of(info: str, content: str) -> str:
    """The caption that a fence or an option of it gives to its listing; empty without one."""
    if found := _CAPTIONED.search(f" {info}"):
        return (found["double"] or found["single"] or found["bare"] or "").strip()
    lines = options_of(content)[0].split("\n") if info.strip().startswith("{") else []
    found = next((one for line in lines if (one := _OPTION_CAPTION.fullmatch(line))), None)
    return found["words"].strip() if found else ""


def names_of(info: str, content: str) -> list[str]:
    """Addresses that a fence has by its own words or by its options."""
    options = options_of(content)[0] if info.strip().startswith("{") else ""
    return [f"#{name}" for name in [*_NAME.findall(info), *_OPTION_NAME.findall(options)]]


def texts_of(info: str, content: str) -> list[tuple[str, str]] | None:
    """Texts that a directive holds, each with what its first paragraph is (or nothing); None for
    other fences."""
    if not info.startswith("{"):
        return None
    options, rest = options_of(content)
    if found := _SHOWS.fullmatch(info.strip()):
        words = _ALT.search(options)
        said = re.sub(r"[\[\]]", "", words["words"]) if words else ""
        return [("", f"![{said}](<{found['path']}>)"), ("caption", rest)]
    if _TERMS.fullmatch(info.strip()):
        return [("", "\n".join(_term(line) for line in rest.split("\n")))]
    return None


def _term(line: str) -> str:
    """A line of a glossary: what is set in explains the term above it."""
    return f": {line.strip()}" if line[:1] in (" ", "\t") and line.strip() else line
