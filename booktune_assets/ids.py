"""Ids and digests: names that come from content, never from position or clock.

Belongs here: how text is normalised for identity, how ids and digests are made, slugs.
Does not: what an id is made *of* beyond its documented fields (each room passes those).

An id is ``<prefix>_<20 hex>``: 80 bits of BLAKE2b over length-prefixed fields, so that no two
different field lists can give the same bytes. 80 bits keep the chance of one collision among ten
million ids under 1e-10.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

__all__ = [
    "digest",
    "file_sha256",
    "fold_prose",
    "make_id",
    "normalise_code",
    "normalise_prose",
    "slug",
    "stable_int",
]

SLUG_MAX = 80
_SLUG_BREAK = re.compile(r"[^a-z0-9]+")
_HYPHEN_BREAK = re.compile(r"(?<=\w)[-\u2010\u00ad]\s*\n\s*(?=[a-z])")
_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2212", "-"),
        **dict.fromkeys("\u2012\u2014\u2015", "\u2013"),
        **dict.fromkeys("\u00ad\u200b\u2060\ufeff\ufe0e\ufe0f"),
    }
)
# what a typewriter sets for a dash; the two hyphens of ``mix test --force`` are none
_TYPED_DASH = re.compile(r"(?<=\s)-{2,3}(?=\s)|(?<=[^\W\d_])-{2,3}(?=[^\W\d_])")
_BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d_])(?:-|\u2013{1,3})(?=[^\W\d_])")


def make_id(prefix: str, *fields: str | int) -> str:
    """Typed id of the given fields, e.g. ``make_id("sec", book_id, text, 0)``."""
    return f"{prefix}_{_hash([str(field) for field in fields], size=10)}"


def digest(value: object) -> str:
    """Digest of any JSON-like value; key order does not matter, list order does."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(canonical.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def normalise_prose(text: str) -> str:
    """Prose as words, whatever the typesetter made of it.

    NFKC (so a ligature equals its letters and an ellipsis three dots), straight quotes, one kind of
    dash, line-end hyphenation undone, nothing invisible, white space collapsed.
    """
    text = unicodedata.normalize("NFKC", _HYPHEN_BREAK.sub("", text))
    return unicodedata.normalize("NFC", " ".join(text.translate(_TYPOGRAPHY).split()))


def fold_prose(text: str) -> str:
    """Prose as it counts for identity: two layouts of one paragraph fold to the same text.

    Beyond :func:`normalise_prose` there is no white space, and neither hyphen nor dash between two
    letters: a page tells neither a blank from the padding of inline code nor a broken word from a
    compound. Case, digits, other marks, flags (``--force``), signs (``-1``) and order stay. Meant
    for hashing, not for reading.
    """
    words = _TYPED_DASH.sub("\u2013", normalise_prose(text))
    packed = _BETWEEN_LETTERS.sub("", "".join(words.split())).replace("\u2013", "-")
    return unicodedata.normalize("NFC", packed)


def normalise_code(text: str) -> str:
    """Code as it counts for identity: verbatim but for trailing blanks and line ends."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip("\n")


def stable_int(text: str) -> int:
    """Uniform 64-bit integer of a text; for splits and samples (never ``hash`` or ``random``)."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def slug(name: str, taken: Iterable[str] = ()) -> str:
    """Partition key for a book name: ``^[a-z0-9][a-z0-9-]{0,79}$``.

    Letters are stripped of accents; a name with no ASCII letter or digit becomes ``book-<8 hex>``,
    and a key that is in ``taken`` already gets ``-<8 hex>`` of the exact name, so that the result
    depends on the name and not on the order in which books arrive within one call.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = _SLUG_BREAK.sub("-", plain).strip("-")
    mark = _hash([name], size=4)
    if not base:
        base = f"book-{mark}"
    elif len(base) > SLUG_MAX:
        base = f"{base[: SLUG_MAX - 9].rstrip('-')}-{mark}"
    if base in set(taken):
        base = f"{base[: SLUG_MAX - 9].rstrip('-')}-{mark}"
    return base


def _hash(fields: Iterable[str], size: int) -> str:
    state = hashlib.blake2b(digest_size=size)
    for field in fields:
        raw = field.encode("utf-8", "surrogatepass")
        state.update(len(raw).to_bytes(8, "big"))
        state.update(raw)
    return state.hexdigest()
