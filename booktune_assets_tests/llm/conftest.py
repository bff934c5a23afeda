"""Fixtures of this folder."""

from booktune_assets_tests.llm.devstral_fixture import devstral  # noqa: F401
from booktune_assets_tests.llm.tiny_fixture import adapter, tiny  # noqa: F401
