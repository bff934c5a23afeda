"""Weights in FP8: known, and refused with the way out, before anything is loaded.

Belongs here: which models are published so. Does not: making BF16 of them (``dequantise.py``).
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from booktune_assets.errors import BookError, Code

__all__ = ["require_plain"]

# Devstral Small 2 (2512) however it is spelled; 2505 and 2507 are BF16, so are copies that say it
_PUBLISHED = re.compile(r"devstral[-_ ]?small[-_ ]?2(?:512|[-_ .]|$)", re.I)
_MADE = re.compile(r"bf16|bfloat16|dequant", re.I)


def require_plain(name: str | Path) -> None:
    """Raises ``BAD_SETTING`` for a model whose weights are FP8: nothing here trains or serves them.

    ``name`` is a folder, or a hub id that is known, also by a shorter name.
    """
    folder = Path(name).expanduser()
    repo = str(name).partition("@")[0]
    known = not folder.is_dir() and bool(_PUBLISHED.search(repo)) and not _MADE.search(repo)
    try:
        told = json.loads((folder / "config.json").read_text()).get("quantization_config") or {}
    except (OSError, ValueError, AttributeError):
        told = {}
    if known or told.get("quant_method") == "fp8":
        raise BookError(
            Code.BAD_SETTING,
            "FP8 weights cannot be trained here: use the BF16 release "
            "(mistralai/Devstral-Small-2507), or make BF16 of the folder first: "
            "booktune model dequantise FOLDER OUT",
            model=name,
        )
