"""``trace reh_…``: from a rehearsal text to its source, its examples and its calls.

Belongs here: printing. Does not: the walk (``lineage_rehearsal.py``).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from booktune_assets.cli.words import clean, say_json

if TYPE_CHECKING:
    from booktune_assets.lineage_rehearsal import RehearsalTrace
    from booktune_assets.settings import Settings

__all__ = ["say_rehearsed"]


def say_rehearsed(settings: Settings, row_id: str, *, as_json: bool) -> None:
    """Print the way back of a rehearsal text."""
    from booktune_assets.lineage_rehearsal import rehearsal_trace

    found = rehearsal_trace(settings, row_id)
    if as_json:
        say_json(asdict(found))
        return
    _say_row(found)
    for demo in found.demos:
        click.echo(f"shown     {demo['demo_id']}  ({clean(demo['source'])}, {demo['licence']})")
        click.echo(f"  input     {_short(demo['question'])}")
        click.echo(f"  output    {_short(demo['answer'])}")
    for name, call in zip(("asked", "answered"), found.calls, strict=False):
        click.echo(f"{name:9} {call.call_key}")
        if call.prompt is None:
            click.echo("  the cache of calls has its words no more")
            continue
        click.echo(f"  model     {clean(call.model)}")
        click.echo(f"  prompt    {_short(call.prompt, end=True)}")
        click.echo(f"  reply     {_short(call.reply or '')}")
    for adapter in found.adapter_ids:
        click.echo(f"trained   {adapter}")


def _say_row(found: RehearsalTrace) -> None:
    row = found.row
    old = "" if found.current else ", not the current one"
    click.echo(f"rehearsed {row['row_id']}  ({found.set_id}{old})")
    if row.get("reason"):
        click.echo(f"left out  {row['reason']}  {_short(row['detail'])}")
    click.echo(f"origin    {row['origin']}")
    click.echo(f"source    {clean(row['source'])}")
    click.echo(f"licence   {clean(row['licence'])}")
    for turn in row["turns"] or [{"role": "text", "content": row["text"]}]:
        click.echo(f"  {turn['role']:9} {_short(turn['content'])}")
    if row["model"]:
        beside = f" with {row['adapter']}" if row["adapter"] else ""
        click.echo(f"model     {clean(row['model'])}@{row['revision']}{beside}, seed {row['seed']}")
    if row["cluster_id"] is not None:
        hard = f"{row['difficulty']:.3g} {row['difficulty_by'].replace('_', ' ')}"
        click.echo(f"chosen    group {row['cluster_id']}, {row['third']} ({hard})")
    click.echo(f"checked   {row['verification'].replace('_', ' ')}")


def _short(text: str, limit: int = 160, *, end: bool = False) -> str:
    """On one line; of a long prompt its end, which is what differs."""
    flat = clean(" ".join(text.split()))
    if len(flat) <= limit:
        return flat
    return f"…{flat[-limit:]}" if end else f"{flat[:limit]}…"
