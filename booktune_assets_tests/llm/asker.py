"""A process that asks, says what it was given, and may be killed at any moment.

    python -m booktune_assets_tests.llm.asker HOME SETTINGS-JSON COUNT

Prints the key of each reply as it is given.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from booktune_assets.llm.calls import open_caller
from booktune_assets.llm.request import Request
from booktune_assets.settings import Llm, Settings

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "maxLength": 40}},
    "required": ["answer"],
    "additionalProperties": False,
}


def requests(count: int) -> list[Request]:
    """Half of them with a schema."""
    return [
        Request(
            messages=(("user", f"Question {number}: what is a process in Erlang?"),),
            schema=SCHEMA if number % 2 else None,
            max_tokens=48,
            temperature=0.7,
            seed=number,
            task="schema" if number % 2 else "text",
        )
        for number in range(count)
    ]


if __name__ == "__main__":
    home, llm, count = Path(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3])
    settings = Settings(home=home, llm=Llm.model_validate(llm))
    with open_caller(settings) as caller:
        for _, reply in caller.ask(requests(count)):
            print(reply.call_key, flush=True)
