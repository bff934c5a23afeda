"""Killed with kill -9 at any moment: what was given is kept, what was in flight is asked again."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from booktune_assets.llm.cache import Cache
from booktune_assets.llm.calls import open_caller
from booktune_assets.settings import Settings
from booktune_assets_tests.llm.asker import requests
from booktune_assets_tests.llm.fake_server import Answer, fake_server

COUNT, FLYING = 120, 6


@pytest.mark.parametrize("given_before", [1, 17, 50])
def test_at_most_the_calls_in_flight_are_repeated(tmp_path: Path, given_before: int) -> None:
    with fake_server(lambda n, body: Answer('{"answer": "x"}', seconds=0.03)) as fake:
        llm = fake.llm(concurrency=FLYING)
        arguments = [str(tmp_path), llm.model_dump_json(), str(COUNT)]
        asker = subprocess.Popen(
            [sys.executable, "-m", "booktune_assets_tests.llm.asker", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert asker.stdout is not None
        given = [asker.stdout.readline().strip() for _ in range(given_before)]
        asker.kill()
        given += [line.strip() for line in asker.stdout if line.endswith("\n")]
        assert asker.wait() == -9
        time.sleep(0.1)  # what was in flight arrives at the server's end of the line
        first = len(fake.bodies)
        settings = Settings(home=tmp_path, llm=llm)
        with open_caller(settings) as caller:
            found = list(caller.ask(requests(COUNT)))
        total = len(fake.bodies)
    assert given_before <= len(given) < COUNT and first < COUNT
    assert len(found) == COUNT and all(reply.ok for _, reply in found)
    assert set(given) <= {reply.call_key for _, reply in found if reply.cached}
    assert total - COUNT <= FLYING, "calls made twice"
    assert Cache(settings.calls).spent("all").calls == COUNT
