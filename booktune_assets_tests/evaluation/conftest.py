"""Fixtures of the evaluation's tests."""

from booktune_assets_tests.llm.tiny_fixture import adapter, tiny  # noqa: F401
