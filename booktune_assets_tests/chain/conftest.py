"""A small home before training, made once: what sweeps and whole models begin with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from booktune_assets.chain.build import build
from booktune_assets.chain.house import House
from booktune_assets.llm.models import TINY, prepare
from booktune_assets.settings import Settings
from booktune_assets_tests.chain.test_books import chain, markdown, put

SETTINGS = f"""
# mine
[training]
model = "{TINY}"
rank = 16
steps = 40 # a comment stays
seq_len = 96
cut_max = 1.0
batch_rows = 1
[rehearsal]
replay_rows = 4
synthesised_rows = 0
[pairs]
heldout_percent = 40
[evaluation]
general_texts = 2
answers = 4
retrieval = 0
[post]
curve_texts = 2
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose sets are built, ready to train the tiny model."""
    home = tmp_path_factory.mktemp("home")
    (home / "booktune.toml").write_text(SETTINGS)
    house = House.open(Settings.load(home))
    house.settings.books.mkdir(parents=True)
    put(house, "shelves.md", markdown(12))
    chain(house, "shelves")
    prepare(TINY, house.settings.models)
    for asset in ("sharegpt_set", "rehearsal_set"):
        assert build(asset, None, house).error is None
    return home


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(built, tmp_path / "home"))
