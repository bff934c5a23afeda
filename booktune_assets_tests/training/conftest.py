"""Fixtures of this folder."""

from collections.abc import Generator

import pytest

from booktune_assets_tests.llm.devstral_fixture import devstral  # noqa: F401
from booktune_assets_tests.llm.tiny_fixture import tiny  # noqa: F401


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Generator[None]:
    """Tiny models gain nothing from threads, and on a busy machine waiting ones cost most."""
    import torch

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # of the children
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        yield
        torch.set_num_threads(before)
