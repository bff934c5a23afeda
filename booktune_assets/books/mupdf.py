"""PyMuPDF as the readers want it: quiet, and without the layout model that it brings along.

Belongs here: the one import of PyMuPDF. Does not: any use of it.

Since version 2.0 PyMuPDF requires packages with neural layout models and imports them when it is
imported itself: a second and 60 MB for each reading process, a session file in the temporary
folder, and a data base in the user's home that the models' runtime keeps. Reading needs none of
it.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["library"]

_MODELS = ("pymupdf.layout", "pymupdf4llm")


def library() -> Any:
    """The module ``pymupdf``."""
    if "pymupdf" in sys.modules:
        return sys.modules["pymupdf"]
    hidden = [name for name in _MODELS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: "not installed"
    try:
        import pymupdf
    finally:
        for name in hidden:
            del sys.modules[name]  # whoever asks for it by name still gets it
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    # boxes of glyphs as the font states them; the packages left out above set it, too
    pymupdf.TOOLS.unset_quad_corrections(True)
    return pymupdf
