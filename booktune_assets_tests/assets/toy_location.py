"""A code location with the toy stages of ``lab.py``, for the daemon and webserver of tests."""

import pytest

from booktune_assets.definitions import build_defs
from booktune_assets.settings import Settings
from booktune_assets_tests.assets import lab

lab.install(pytest.MonkeyPatch())
defs = build_defs(Settings.load())
