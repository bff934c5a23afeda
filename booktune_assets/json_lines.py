"""A line of JSON that a person gave: its value, or one clause on what is wrong with it.

Belongs here: what Python's reader lets through or fails at in its own way. Does not: which fields a
line has to have, files, error codes (each reader has its own).
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["BOM", "line_value"]

BOM = "\ufeff"  # what some editors put before the first line
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def line_value(raw: str) -> Any:
    """The value of a line; a byte-order mark before it is passed over.

    Raises ``ValueError`` for what is no JSON, for what is nested deeper than can be read, and for
    texts with half of a surrogate pair: JSON can escape one, and no file or table can hold it.
    """
    try:
        value: Any = json.loads(raw.removeprefix(BOM))
        if _HALF.search(raw):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except UnicodeEncodeError:
        raise ValueError("a text has half of a surrogate pair, which is no character") from None
    except ValueError:
        raise ValueError("it is no JSON") from None
    return value
