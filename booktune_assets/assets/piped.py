"""Dagster's side of Dagster Pipes: a session around each child process that a step starts.

Belongs here: opening sessions, what becomes of the figures that arrive. Does not: starting and
ending children (``children.py``, whose supervision stays as it is), their side (``pipes.py``).

A session is opened when a child is started and not before: a step whose asset is current starts
none. Lines of its log arrive while a child works, its figures as observations of the asset, which
are stored at once (an event that is logged waits for the end of the step). The child finds both
ends in two variables; one on another machine is handed the same two by its launcher (a pod by
``PipesK8sClient``), with standard output in place of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import dagster as dg
from dagster import PipesMessageHandler, PipesMessageReader
from dagster_pipes import PipesMessage

from booktune_assets import children

__all__ = ["Channel", "piped"]


@dataclass(slots=True)
class Channel:
    """``open``: a child is at work and speaks for itself. ``metadata``: what children told last."""

    open: bool = False
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


@contextmanager
def piped(context: dg.AssetExecutionContext, asset: str) -> Generator[Channel]:
    """Children that are started in the block speak to Dagster themselves."""
    channel = Channel()

    def heard(payload: Any) -> None:
        if isinstance(payload, dict) and "figures" in payload:
            _observe(context, asset, payload["figures"])

    @contextmanager
    def session(_: str) -> Generator[Mapping[str, str]]:
        reader = _Listening(dg.PipesTempFileMessageReader(), heard)
        with dg.open_pipes_session(context, dg.PipesEnvContextInjector(), reader) as opened:
            channel.open = True
            try:
                yield opened.get_bootstrap_env_vars()
            finally:
                channel.open = False
        for found in opened.get_reported_results():
            channel.metadata |= found.metadata or {}

    with children.started_with(session):
        yield channel


def _observe(
    context: dg.AssetExecutionContext, asset: str, figures: Mapping[str, float | int | str]
) -> None:
    run = dg.MetadataValue.dagster_run(context.run.run_id)
    seen = dg.AssetObservation(asset, metadata={**figures, "run": run})
    context.instance.report_runless_asset_event(seen)


class _Listening(PipesMessageReader):
    """Another reader, with an ear for the messages that are our own."""

    def __init__(self, inner: PipesMessageReader, heard: Callable[[Any], None]) -> None:
        self.inner, self.heard = inner, heard

    @property
    def expected_writer_count(self) -> int:
        """One child for each session. (Named here, because the default warns of being new.)"""
        return 1

    @contextmanager
    def read_messages(self, handler: PipesMessageHandler) -> Generator[Any]:
        """As the inner reader does."""
        ear = cast("PipesMessageHandler", _Ear(handler, self.heard))
        with self.inner.read_messages(ear) as params:
            yield params

    def no_messages_debug_text(self) -> str:
        """As the inner reader says."""
        return self.inner.no_messages_debug_text()


@dataclass(frozen=True, slots=True)
class _Ear:
    """What a reader hands messages to: tells ours, then passes all of them on."""

    handler: PipesMessageHandler
    heard: Callable[[Any], None]

    def handle_message(self, message: PipesMessage) -> None:
        self.handler.handle_message(message)
        if message["method"] == "report_custom_message":
            self.heard((message["params"] or {}).get("payload"))

    def report_pipes_framework_exception(self, origin: str, exc_info: Any) -> None:
        self.handler.report_pipes_framework_exception(origin, exc_info)
