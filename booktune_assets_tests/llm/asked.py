"""Asking in short: numbered requests, and a caller with a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from booktune_assets.llm.calls import Reply, Request, open_caller
from booktune_assets.settings import Settings
from booktune_assets_tests.llm.fake_server import Fake


def chats(count: int, **more: Any) -> list[Request]:
    return [Request(messages=(("user", f"say {n}"),), tag=n, **more) for n in range(count)]


def run(fake: Fake, home: Path, requests: list[Request], **llm: Any) -> list[tuple[Request, Reply]]:
    with open_caller(Settings(home=home, llm=fake.llm(**llm))) as caller:
        return list(caller.ask(requests))
