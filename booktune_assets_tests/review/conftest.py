"""The book is built once; every test works on a copy."""

import pytest

from booktune_assets.chain.house import House
from booktune_assets_tests.review.shelf import copied, shelf


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> House:
    return shelf(tmp_path_factory.mktemp("built") / "home")


@pytest.fixture
def house(built: House, tmp_path) -> House:
    return copied(built, tmp_path / "home")
