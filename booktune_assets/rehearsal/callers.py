"""Who writes and who answers: the base model, and the latest one with the adapter of a stage.

Belongs here: which engine, which model, which adapter, and the ids that open a user's turn. Does
not: what is asked (``writing.py``).

Both passes ask the training model, not the teacher of ``[llm]``. Its engine is used where it can
serve that model: vLLM starts it, a server of somebody else's has to have it under that name. In all
other cases transformers answers in a child. When one model does both passes one child does, too:
the adapter is switched on call by call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from booktune_assets.children import child_main, run_child
from booktune_assets.llm.calls import Caller, open_caller
from booktune_assets.llm.engines import Adapter
from booktune_assets.llm.models import tokenizer_of
from booktune_assets.settings import Settings

__all__ = ["Voices", "adapter_of", "opening_of", "run", "serving", "voices_of"]


@dataclass(frozen=True, slots=True)
class Voices:
    """``open(model)`` gives the caller of a model. ``opening(model)`` the ids before a user's
    first word, none where its tokenizer is not here. ``adapter`` answers, if there is one."""

    base: str
    latest: str
    adapter: Adapter | None
    open: Callable[[str], Caller]
    opening: Callable[[str], list[int]]

    @property
    def adapted(self) -> str:
        """Name of the adapter that answers, or empty."""
        return self.adapter.name if self.adapter else ""


def voices_of(settings: Settings, model: str, adapter: Adapter | None, work: Path) -> Voices:
    """The callers of a house: ``model`` answers, ``rehearsal.base`` writes if it is another."""

    def open_(name: str) -> Caller:
        return open_caller(serving(settings, name), adapter if name == model else None)

    def opening(name: str) -> list[int]:
        if serving(settings, name).llm.engine == "server":
            return []
        return opening_of(tokenizer_of(name, settings.models).parent, work)

    return Voices(settings.rehearsal.base or model, model, adapter, open_, opening)


def serving(settings: Settings, model: str) -> Settings:
    """The settings whose ``[llm]`` answers as ``model``."""
    llm = settings.llm
    engine = llm.engine
    if engine == "none" or (engine == "server" and llm.model != model):
        engine = "transformers"
    return settings.model_copy(
        update={"llm": llm.model_copy(update={"engine": engine, "model": model})}
    )


def adapter_of(folder: Path) -> Adapter | None:
    """The adapter in the folder of a stage, or in its folder ``adapter``; None without one."""
    for place in (folder.expanduser(), folder.expanduser() / "adapter"):
        if (place / "adapter_config.json").is_file():
            return Adapter.at(place)
    return None


def opening_of(tokenizer: Path, work: Path) -> list[int]:
    """Token ids of a chat up to where the user's first word stands, as the model is asked in."""
    return list(run_child(__name__, {"tokenizer": str(tokenizer)}, work)["ids"])


def run(spec: dict[str, Any]) -> dict[str, Any]:
    """Child: what two chats with other words have in common at their beginning.

    Never rendered as text and read again: control tokens of a template would become words.
    """
    from booktune_assets.llm.chat import render_prompt
    from booktune_assets.llm.loading import load_tokenizer

    tokenizer = load_tokenizer(Path(spec["tokenizer"]))
    one, other = (
        render_prompt(tokenizer, [{"role": "user", "content": word}]) for word in ("Ax", "b7")
    )
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return {"ids": one[:same]}


if __name__ == "__main__":
    child_main(run)
