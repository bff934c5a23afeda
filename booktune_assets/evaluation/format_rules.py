"""Rules on the form of an answer that a program can check.

Belongs here: one check for each kind of rule, and the loose reading. Does not: requests
(``data/evals/retention/formats.toml``), scoring (``suites/formats.py``).

After IFEval (arXiv 2311.07911), whose requests and code are not used. An answer is read without the
blanks at its ends. The loose reading forgives what a chat adds: asterisks, a first or a last line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["RULES", "follows", "follows_loosely"]

Values = Mapping[str, Any]
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_BULLET, _NUMBER = re.compile(r"[-*•]\s+\S"), re.compile(r"(\d+)[.)]\s+\S")
_HEADING = re.compile(r"#{1,6}\s+\S")
_END = re.compile(r"""[.!?…]+["'”’)\]]*(?=\s|$)""")
_SHORT = re.compile(r"\b(?:e\.g|i\.e|etc|vs|cf|approx|Dr|Mr|Mrs|Ms|St|No)\.(?=\s)", re.IGNORECASE)
_FENCE = re.compile(r"```elixir[ \t]*\n(?P<code>.*?)\n?```", re.DOTALL)


def follows(kind: str, answer: str, values: Values) -> bool:
    """Does an answer keep the rule as it stands? An empty one keeps none."""
    text = answer.strip()
    return bool(text) and RULES[kind](text, values)


def follows_loosely(kind: str, answer: str, values: Values) -> bool:
    """The same for the answer without asterisks, without its first, its last, or both lines."""
    lines = answer.strip().split("\n")
    cuts = (lines, lines[1:], lines[:-1], lines[1:-1])
    texts = ["\n".join(some) for some in cuts]
    return any(follows(kind, text, values) for one in texts for text in (one, one.replace("*", "")))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _json_object(text: str, values: Values) -> bool:
    found = _json(text)
    if not isinstance(found, dict) or set(found) != set(values["keys"]):
        return False
    return all(isinstance(one, str) and one.strip() for one in found.values())


def _json_list(text: str, values: Values) -> bool:
    found = _json(text)
    if not isinstance(found, list) or len(found) != values["n"]:
        return False
    return all(isinstance(one, str) and one.strip() for one in found)


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _bullets(text: str, values: Values) -> bool:
    lines = _lines(text)
    return len(lines) == values["n"] and all(_BULLET.match(line) for line in lines)


def _numbered(text: str, values: Values) -> bool:
    found = [_NUMBER.match(line) for line in _lines(text)]
    return [one and int(one[1]) for one in found] == list(range(1, values["n"] + 1))


def _sentences(text: str, values: Values) -> bool:
    plain = _SHORT.sub(lambda found: found[0][:-1], text)
    ends = [found.end() for found in _END.finditer(plain)]
    return len(ends) == values["n"] and ends[-1] == len(plain)


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _no_commas(text: str, values: Values) -> bool:
    return "," not in text and "，" not in text and len(_words(text)) >= values["least"]


def _only_fence(text: str, _: Values) -> bool:
    found = _FENCE.fullmatch(text)
    return found is not None and bool(found["code"].strip()) and "```" not in found["code"]


def _uppercase(text: str, values: Values) -> bool:
    return text == text.upper() and text.isupper() and len(_words(text)) >= values["least"]


def _lowercase(text: str, values: Values) -> bool:
    return text == text.lower() and text.islower() and len(_words(text)) >= values["least"]


def _keyword(text: str, values: Values) -> bool:
    wanted = values["word"].casefold()
    return sum(word.casefold() == wanted for word in _words(text)) == values["n"]


def _without_words(text: str, values: Values) -> bool:
    said = [word.casefold() for word in _words(text)]
    return len(said) >= values["least"] and not set(said) & set(values["words"])


def _ends_with(text: str, values: Values) -> bool:
    return text.endswith(values["phrase"]) and text != values["phrase"]


def _begins_with(text: str, values: Values) -> bool:
    return text.startswith(values["phrase"]) and text != values["phrase"]


def _words_most(text: str, values: Values) -> bool:
    return values["least"] <= len(_words(text)) <= values["most"]


def _paragraphs(text: str, values: Values) -> bool:
    found = [part for part in re.split(r"\n[ \t]*\n", text) if part.strip()]
    listed = any(one.match(line) for line in _lines(text) for one in (_BULLET, _NUMBER, _HEADING))
    return len(found) == values["n"] and not listed


def _quoted(text: str, _: Values) -> bool:
    marks = [('"', '"'), ("“", "”")]
    return len(text) > 2 and any(text[0] == one and text[-1] == two for one, two in marks)


def _titled(text: str, _: Values) -> bool:
    first, _break, rest = text.partition("\n")
    return bool(re.fullmatch(r"<<[^<>]*\w[^<>]*>>", first.strip())) and bool(rest.strip())


def _one_line(text: str, values: Values) -> bool:
    return "\n" not in text and len(text) >= values["least"]


def _postscript(text: str, _: Values) -> bool:
    lines = _lines(text)
    return len(lines) > 1 and bool(re.match(r"P\. ?S\.?:?\s+\S", lines[-1]))


def _one_of(text: str, values: Values) -> bool:
    return text.rstrip(".").casefold() in values["options"]


def _headings(text: str, values: Values) -> bool:
    lines = _lines(text)
    at = [number for number, line in enumerate(lines) if re.match(r"##\s+\S", line)]
    if len(at) != values["n"] or at[0] != 0:
        return False
    return all(after - number > 1 for number, after in zip(at, [*at[1:], len(lines)], strict=True))


def _table(text: str, values: Values) -> bool:
    lines = [line.strip() for line in _lines(text)]
    rows = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    if len(rows) != len(lines) or len(rows) < 4:  # head, rule, two rows
        return False
    rule = all(re.fullmatch(r"\s*:?-{1,}:?\s*", cell) for cell in rows[1])
    return rule and all(len(row) == values["n"] for row in rows)


def _placeholders(text: str, values: Values) -> bool:
    found = set(re.findall(r"\[[^\[\]\n]*\w[^\[\]\n]*\](?!\()", text))
    return len(found) >= values["n"] and len(_words(text)) > 2 * len(found)


def _bullets_no_commas(text: str, values: Values) -> bool:
    return _bullets(text, values) and "," not in text


def _tagged(text: str, values: Values) -> bool:
    opened, closed = f"<{values['tag']}>", f"</{values['tag']}>"
    inner = text.removeprefix(opened).removesuffix(closed)
    whole = f"{opened}{inner}{closed}" == text
    return whole and bool(inner.strip()) and opened not in inner and closed not in inner


def _fields(text: str, values: Values) -> bool:
    found = text.removesuffix(";").split(";")
    return "\n" not in text and len(found) == values["n"] and all(one.strip() for one in found)


def _parts(text: str, mark: str) -> list[str]:
    """What stands between lines that are ``mark``."""
    parts: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip() == mark:
            parts.append([])
        else:
            parts[-1].append(line)
    return ["\n".join(part).strip() for part in parts]


def _divided(text: str, values: Values) -> bool:
    found = _parts(text, values["mark"])
    return len(found) == values["n"] and all(found)


def _two_answers(text: str, _: Values) -> bool:
    found = _parts(text, "======")
    return len(found) == 2 and all(found) and found[0] != found[1]


def _no_digits(text: str, values: Values) -> bool:
    return len(_words(text)) >= values["least"] and not any(one.isdigit() for one in text)


def _questions(text: str, values: Values) -> bool:
    ends = _END.findall(_SHORT.sub(lambda found: found[0][:-1], text))
    return _sentences(text, values) and all("?" in end for end in ends)


def _lines_begin(text: str, values: Values) -> bool:
    lines = _lines(text)
    wanted = values["letter"].casefold()
    return len(lines) == values["n"] and all(
        line.lstrip().casefold().startswith(wanted) for line in lines
    )


def _exact_words(text: str, values: Values) -> bool:
    return len(_words(text)) == values["n"]


def _labelled(text: str, values: Values) -> bool:
    lines, labels = _lines(text), values["labels"]
    return len(lines) == len(labels) and all(
        re.match(rf"{re.escape(label)}:\s*\S", line.strip())
        for line, label in zip(lines, labels, strict=True)
    )


def _signed(text: str, values: Values) -> bool:
    lines = _lines(text)
    return len(lines) > 1 and lines[-1].strip() in (f"-- {values['name']}", f"– {values['name']}")


def _bold(text: str, values: Values) -> bool:
    return len(re.findall(r"\*\*[^*\n]*[^*\s][^*\n]*\*\*", text)) == values["n"]


def _checklist(text: str, values: Values) -> bool:
    lines = _lines(text)
    return len(lines) == values["n"] and all(re.match(r"[-*] \[ \]\s+\S", line) for line in lines)


def _no_letter(text: str, values: Values) -> bool:
    return len(_words(text)) >= values["least"] and values["letter"] not in text.casefold()


def _hashtags(text: str, values: Values) -> bool:
    lines = _lines(text)
    before = any(re.search(r"(?<!\S)#\w", line) for line in lines[:-1])
    tags = lines[-1].split()
    whole = all(re.fullmatch(r"#\w+", tag) for tag in tags)
    return len(lines) > 1 and not before and whole and len(tags) == values["n"]


def _brackets(text: str, values: Values) -> bool:
    inner = re.findall(r"\(([^()]*\w[^()]*)\)", text)
    return len(inner) == values["n"] and len(_words(text)) > sum(len(_words(one)) for one in inner)


def _json_nested(text: str, values: Values) -> bool:
    found = _json(text)
    if not isinstance(found, dict) or list(found) != [values["key"]]:
        return False
    rows = found[values["key"]]
    shape = {"keys": ["name", "text"]}
    return (
        isinstance(rows, list)
        and len(rows) == values["n"]
        and all(_json_object(json.dumps(row), shape) for row in rows)
    )


RULES: dict[str, Callable[[str, Values], bool]] = {
    "json_object": _json_object, "json_list": _json_list, "bullets": _bullets,
    "numbered": _numbered, "sentences": _sentences, "no_commas": _no_commas,
    "only_fence": _only_fence, "uppercase": _uppercase, "lowercase": _lowercase,
    "keyword": _keyword, "without_words": _without_words, "ends_with": _ends_with,
    "begins_with": _begins_with, "words_most": _words_most, "paragraphs": _paragraphs,
    "quoted": _quoted, "titled": _titled, "one_line": _one_line, "postscript": _postscript,
    "one_of": _one_of, "headings": _headings, "table": _table, "placeholders": _placeholders,
    "bullets_no_commas": _bullets_no_commas, "tagged": _tagged, "fields": _fields,
    "divided": _divided, "no_digits": _no_digits, "questions": _questions,
    "lines_begin": _lines_begin, "exact_words": _exact_words, "two_answers": _two_answers,
    "labelled": _labelled, "signed": _signed, "bold": _bold, "checklist": _checklist,
    "no_letter": _no_letter, "hashtags": _hashtags, "brackets": _brackets,
    "json_nested": _json_nested,
}  # fmt: skip
