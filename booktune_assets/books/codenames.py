"""Names of files, modules and functions where a caption would have a title.

Belongs here: telling them from the words of a sentence. Does not: captions (``labels.py``), titles
of boxes around code (``beside.py``).
"""

from __future__ import annotations

import re

__all__ = ["names_code"]

_CODE_NAME = re.compile(
    r"(?:(?:[\w.~@-]*/)+[\w-]*\.\w+|[~.]*/[\w./-]*\w|(?:[\w.-]+/){2,}[\w-]*"  # paths
    r"|\.?[\w-]{2,}(?:\.[\w-]+)+"  # files, modules
    r"|(?:\w+\.)*\w+[?!]?/\d+|\w+_\w+[?!]?|\w+\([^()\s]*\))"  # functions
    r"(?:\s*$|\s*[(\[:\u2014\u2013]|,\s)"
)
_LONG = 200  # characters that are more than a name


def names_code(text: str) -> bool:
    """Whether words are the name of a file or of a function, and no sentence goes on with it."""
    return len(text) < _LONG and _CODE_NAME.match(text.strip()) is not None
