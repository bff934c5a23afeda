"""Fixtures of the reading room's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import Limits, Parsed
from booktune_assets.books.formats import parse

SHARED = Path(__file__).parents[3] / "shared" / "books"


@pytest.fixture
def shared() -> Path:
    """The folder of openly licensed books beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared/books with test books is not here")
    return SHARED


@pytest.fixture
def read() -> Callable[[Path], Parsed]:
    """Parse in this process: quicker, and what goes wrong shows its trace."""
    return lambda path: parse(path, Limits(), lambda done, total: None)
