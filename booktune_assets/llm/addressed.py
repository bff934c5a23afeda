"""Text of a book that is addressed to a model that reads it, and not to people.

Belongs here: the wordings, the tricks that hide them (invisible characters, a sentence over two
blocks), and taking control tokens apart. Does not: what is done about such text
(``pairs/teacher_passages.py``, ``concepts/refine.py``, ``chain/retrieval.py``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

__all__ = ["for_people", "mended", "speaking", "speaks_to_a_model", "tame"]

_MODEL = r"(?:ais?|llms?|(?:large )?language models?|chat ?bots?|assistants?|gpts?|ai agents?)"
_SAY = (
    r"(?:say|state|answer|reply|respond|recommend|mention|include|output|write|tell|claim|praise|"
    r"insert|append|treat|mark|ignore|follow|obey|execute|run|call)"
)
_WORDS = r"[a-z']+,?[ \t]+[a-z']+[ \t]+[a-z']+"  # not the value of a key in a listing
# each group shares what it begins with, which is looked for once: most places are no such
_AT_WORDS = (
    r"(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:instructions?|rules|directions|"
    r"(?:your|all|any|these|previous|earlier|prior|above|system)(?: \w+)? prompts?)\b",
    r"(?:ignore|disregard|forget|leave|stop|(?:do not|don't) (?:do|follow))\b[^.\n]{0,12}"
    r"\b(?:the|your|this) (?:tasks?\b|questions? (?:that )?you)",
    r"(?:dear|attention|hey|hello|hi)\W{1,2}" + _MODEL + r"\b",
    r"(?:you are|act as|behave as|pretend to be)\b[^.\n]{0,20}\b(?:an? (?:ai|assistant|language "
    r"model|chatbot|llm)|in (?:developer|dan) mode)\b",
    _MODEL + r"\b[^.\n]{0,40}\b(?:should|must|shall|have to|has to|are to|is to|need to)\b"
    r"[^.\n]{0,24}\b" + _SAY + r"\b",
    r"(?:write|give|make|begin|start|end|mark|answer)\b[^.\n]{0,12}\b(?:every|all|each|any) "
    r"(?:answers?|questions?|replies|reply|responses?|exercises?|outputs?)\b[^.\n]{0,30}\b(?:as|"
    r"with|is|are)\b",
    r"write\b[^.\n]{1,30}\bas (?:the|your|an?) answer\b",
    r"(?:from now on|henceforth),? (?:you (?:must |will |should )?)?(?:only |always )?"
    r"(?:respond|answer|reply|output|say|write|speak)\b",
    r"(?:every|each|all|any) (?:repl(?:y|ies)|responses?|answers?|completions?)(?: that)? you "
    r"(?:write|produce|generate)\b[^.\n]{0,12}\b(?:must|should|shall|has to|have to)\b",
    r"(?:respond|answer|reply|say|output)\b[^.\n]{1,60}\b(?:whatever|no matter what|regardless of "
    r"what) (?:you are|you're|the user) (?:asked|says|wants)\b",
    r"(?:notes?|messages?|instructions?|hints?|reminder) (?:to|for) (?:the |any |all )?"
    r"(?:graders?|judges?|evaluators?|annotators?|raters?|teacher models?)\b[^.\n]{0,60}"
    r"\b(?:answers?|verdicts?|marks?|scores?|sentences?|supported|correct)\b",
    r"(?:give|award|assign)\b[^.\n]{0,24}\b(?:full marks|top score|highest (?:score|mark|rating))",
    r"(?:when|whenever|while|if) (?:you )?(?:are )?(?:answer|summari[sz]|respond|asked)\w*\b"
    r"[^.\n]{0,30}\b(?:about|on|to) (?:this|the) (?:chapter|page|text|book|document|passage|"
    r"section|article)\b",
    r"(?:respond|answer|reply) (?:only|solely|exclusively) (?:with|in|as) the "
    r"(?:word|sentence)\b",
    r"your (?:new|real|only|actual) (?:task|instructions?|role|goal)\b",
    r"new instructions?\s*:",
    r"(?:reveal|print|repeat|leak)\b[^.\n]{0,20}\b(?:system prompt|your (?:prompt|instructions))",
    r"(?:notes?|messages?|instructions?|hints?|reminder) (?:to|for) (?:the |any |all )?"
    + _MODEL
    + r"\b",
    # the commonest sentence of all in some other languages
    r"ignor(?:iere?|ieren sie|ez|a|e|are|eer)\b[^.\n]{0,40}\b(?:anweisung|instruc|instru[cz]i|"
    r"instruç|istruz|instructie)|(?:vergiss|oubliez|olvida|esque[cç]a)\b[^.\n]{0,40}"
    r"\b(?:anweisung|instruc|instruç|istruz)",
    r"(?:игнорируй\w*|забудь\w*|не обращай\w* внимания)\b[^.\n]{0,40}"
    r"\b(?:инструкци|указани|команд)",
    r"(?:zignoruj|ignoruj|zapomnij)\b[^.\n]{0,40}\b(?:instrukcj|polece|polecen)",
)
_AT_LINES = (
    # a role of a chat, and words behind it
    r"(?:system|assistant|user|developer)\s*:\s*" + _WORDS,
    r"(?:(?:dear|attention|hey|hello|hi|note)\W{1,2})?" + _MODEL + r"\s*[:,!]\s*" + _WORDS,
    r"#{2,3}\s*(?:instructions?|response|system|input)\s*:",
)
_ELSEWHERE = (
    # the same without spaces between words
    r"(?:忽略|无视|忘记|無視|忽視)[^。\n]{0,6}(?:所有|以上|之前|先前|以前|上述|前面)[^。\n]{0,8}(?:指令|指示|说明|說明|提示)|"
    r"(?:以前|これまで|上記|すべて)の[^。\n]{0,12}(?:指示|命令)[^。\n]{0,6}(?:無視|忘れ)|(?:이전|위의|모든)[^.\n]{0,8}지시[^.\n]{0,8}(?:무시|잊)|"
    r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id)\|>|\[/?INST\]"
)
_ADDRESSES = re.compile(
    rf"\b(?:{'|'.join(_AT_WORDS)})|^\W{{0,6}}(?:{'|'.join(_AT_LINES)})|{_ELSEWHERE}", re.I | re.M
)
_TOKEN = re.compile(r"<(?=[|/]?[a-z_]{1,24}[|>])|<(?=\|)|\[(?=/?INST\])", re.I)
_GAP = "\u2060"  # joins words and is invisible: taken out of replies again
_COMMENT = re.compile(r"^\s*(?:#+|%+|//+|--+|\*+|<!--)\s*", re.M)


@lru_cache(maxsize=4096)  # messages stand in lessons and among passages again
def speaks_to_a_model(text: str) -> bool:
    """Is this block of a book, or a part of it, addressed to a model that reads it?"""
    plain = _visible(text)
    bare = _COMMENT.sub("", plain)
    return bool(_ADDRESSES.search(plain) or (bare != plain and _ADDRESSES.search(bare)))


def speaking(texts: Sequence[str]) -> list[bool]:
    """Of blocks in order: which speak to a model, alone or as one half of a sentence over two."""
    found = [speaks_to_a_model(text) for text in texts]
    alone = list(found)
    for at, (one, other) in enumerate(pairwise(texts)):
        if not (alone[at] or alone[at + 1]) and not one.rstrip().endswith((".", "!", "?", ":")):
            over = f"{one.rstrip()} {other.lstrip()}"
            if speaks_to_a_model(over):
                found[at] = found[at + 1] = True
    return found


def for_people(text: str) -> str:
    """A longer text without those of its paragraphs that speak to a model."""
    parts = re.split(r"(\n(?:[ \t]*\n)+)", text)  # with what parts them
    hidden = speaking(parts[::2])
    kept = [
        part + gap
        for part, gap, hide in zip(parts[::2], [*parts[1::2], ""], hidden, strict=True)
        if not hide
    ]
    return "".join(kept).strip("\n")


def tame(text: str) -> str:
    """The text with an invisible joiner in all that a chat template could take for a token."""
    return _TOKEN.sub(lambda found: found.group() + _GAP, text)


def mended(text: str) -> str:
    """A reply without those joiners."""
    return text.replace(_GAP, "")


def _visible(text: str) -> str:
    """Forms made alike, characters that nobody sees left out."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    hidden = {
        ord(char): None
        for char in set(plain) - {"\n", "\t"}
        if unicodedata.category(char) in ("Cf", "Cc", "Mn")
    }
    return plain.translate(hidden) if hidden else plain
