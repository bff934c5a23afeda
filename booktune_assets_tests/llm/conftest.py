"""Fixtures of this folder."""

import pytest

from booktune_assets.llm import admission, loop
from booktune_assets_tests.llm.devstral_fixture import devstral  # noqa: F401
from booktune_assets_tests.llm.tiny_fixture import adapter, tiny  # noqa: F401


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits of a real service would only slow the tests down."""
    monkeypatch.setattr(loop, "BACKOFF", 0.01)
    monkeypatch.setattr(admission, "COOL", 0.05)
