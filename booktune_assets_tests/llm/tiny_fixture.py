"""The tiny random model, made once per test session; imported by the conftests that need it."""

from __future__ import annotations

import pytest

from booktune_assets.llm.models import TINY, BaseModel, prepare


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    """``tiny-random`` as :func:`prepare` makes it."""
    return prepare(TINY, tmp_path_factory.mktemp("models"))
