"""Writes what is said twice: reference pages, ``booktune.toml`` and the dbt sources, from the code.

Belongs here: tables, settings, errors, the command line and the marts as Markdown. Does not: prose
that explains (the other pages of ``docs/``). A test fails when a file is not what this would write.

    python docs/generate.py            # writes
    python docs/generate.py --check    # says what is out of date, exit code 1
"""

from __future__ import annotations

import json
import sys
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from booktune_assets.cli import cli
from booktune_assets.contracts import Column, Table
from booktune_assets.errors import Code
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Settings
from booktune_assets.settings_training import Forgetting
from booktune_assets.training.comparison.readme import readme_table
from booktune_assets.warehouse import marts
from booktune_assets.warehouse.project import sources_yaml

ROOT = Path(__file__).resolve().parents[1]
MADE = "<!-- Made by docs/generate.py: do not edit. -->\n"
_COMPARISON = "<!-- comparison: made by docs/generate.py from docs/forgetting/index.html -->"
PROFILES = ("tiny", "gpu24", "gpu48", "gpu80")


def pages() -> dict[str, Callable[[], str]]:
    """What is written where, relative to the repository."""
    return {
        "README.md": readme,
        "docs/reference/tables.md": tables_page,
        "docs/reference/settings.md": settings_page,
        "docs/reference/errors.md": errors_page,
        "docs/reference/cli.md": cli_page,
        "booktune.toml": settings_file,
        "dbt/models/sources.yml": sources_yaml,
    }


def readme() -> str:
    """The README with the comparison's table as its page has it."""
    before, begin, rest = (ROOT / "README.md").read_text().partition(_COMPARISON)
    _, end, after = rest.partition("<!-- /comparison -->")
    made = readme_table((ROOT / "docs" / "forgetting" / "index.html").read_text(encoding="utf-8"))
    return f"{before}{begin}\n{made}\n{end}{after}"


def tables_page() -> str:
    """Every table of the lake, then the marts."""
    lines = [
        MADE,
        "# Tables",
        "",
        "`<home>/lake/<asset>/<key>/<table>.parquet`. Pages and ordinals are as the columns say; "
        "offsets count characters; boxes are PDF points from the top left. *position* columns stay "
        "out of the content digest, *clock* columns out of every digest.",
        "",
    ]
    for table in TABLES.values():
        lines += [*_table(table), ""]
    lines += ["# Marts", "", "Tables of `<home>/warehouse/booktune.duckdb`, built by dbt.", ""]
    for mart in marts():
        rows = [(f"`{name}`", kind, words) for name, kind, words in mart.columns]
        lines += [f"## {mart.name}", "", f"{mart.description}.", ""]
        lines += [*_grid(("column", "type", "meaning"), rows), ""]
        tests = [(f"`{t.name}`", t.description, "yes" if t.blocking else "no") for t in mart.tests]
        lines += [*_grid(("test", "says", "stops the swap"), tests), ""]
    return "\n".join(lines).rstrip() + "\n"


def settings_page() -> str:
    """Every setting with its default, and what each profile stands for."""
    lines = [
        MADE,
        "# Settings",
        "",
        "One file: `--settings FILE`, else `BOOKTUNE_SETTINGS`, else `<home>/booktune.toml`, else "
        "`booktune.toml` of the checkout. `BOOKTUNE_HOME` or `--home` says where the home is.",
        "",
    ]
    for name, fields in _sections():
        rows = [
            (
                f"`{key}`",
                _shown(field),
                _limits(field),
                _markdown(field.description or _plain_words(key)),
            )
            for key, field in fields.items()
        ]
        lines += [f"## {name or 'Top level'}", ""]
        lines += [*_grid(("setting", "default", "allowed", "meaning"), rows), ""]
    lines += [
        "## Ways of not forgetting", "",
        "`training.forgetting` is a list of tables, e.g. `[{ kind = \"replay\" }, "
        "{ kind = \"ewc\", space = \"delta\" }]`.", "",
    ]  # fmt: skip
    for kind, section in _kinds():
        rows = [
            (f"`{key}`", _shown(field), _limits(field), field.description or _plain_words(key))
            for key, field in section.model_fields.items()
            if key != "kind"
        ]
        lines += [f"### {kind}", "", f"{(section.__doc__ or '').strip()}", ""]
        if rows:
            lines += [*_grid(("setting", "default", "allowed", "meaning"), rows), ""]
    lines += ["## Profiles", "", "What `profile` stands for; `[training]` overrides it.", ""]
    derived = {name: Settings(home=ROOT, profile=name).derived for name in PROFILES}  # type: ignore[arg-type]
    for profile, figures in derived.items():
        rows = [(f"`{item.name}`", f"`{item.value}`", item.reason) for item in figures.values()]
        lines += [f"### {profile}", "", *_grid(("figure", "value", "why"), rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def settings_file() -> str:
    """``booktune.toml``: every default as a comment."""
    lines = [
        "# Settings of booktune: every default, commented. Made by docs/generate.py.",
        "# Remove the sign in front of a line (and of its [section]) to change it.",
        "",
    ]
    figures = Settings(home=ROOT).derived
    sized = Settings(home=ROOT).rehearsal.sized("tiny")
    for name, fields in _sections():
        if name:
            lines += ["", f"# [{name}]"]
        for key, field in fields.items():
            value = field.default
            note = field.description or _plain_words(key)
            if value is None and key in figures:
                value, note = figures[key].value, f"{note}; default: the profile's"
            elif value is None and name == "rehearsal":
                value, note = getattr(sized, key), f"{note}; default: the profile's"
            elif value is None:
                value = "~/books"
            lines.append(f"# {key} = {_toml(value)}  # {note}")
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    """Every error code."""
    rows = [(f"`{code.value}`", code.says) for code in Code]
    return "\n".join(
        [
            MADE,
            "# Errors",
            "",
            "Every error has a code, says what happened and where, and what to do about it. "
            "`booktune` prints it on one line; exit codes: 0 fine, 1 problems were found, 2 wrong "
            "use, 3 a service is down.",
            "",
            *_grid(("code", "what happened"), rows),
            "",
        ]
    )


def cli_page() -> str:
    """The help of every verb, as printed."""
    lines = [MADE, "# Command line", "", *_help(cli, "booktune", None), ""]
    root = click.Context(cli, info_name="booktune", **cli.context_settings)
    for name, command in cli.commands.items():
        lines += [f"## booktune {name}", "", *_help(command, name, root), ""]
        if isinstance(command, click.Group):
            group = click.Context(command, root, name, **cli.context_settings)
            for verb, inner in command.commands.items():
                lines += [f"### booktune {name} {verb}", "", *_help(inner, verb, group), ""]
    return "\n".join(lines).rstrip() + "\n"


def _help(command: click.Command, name: str, parent: click.Context | None) -> list[str]:
    context = click.Context(
        command, parent, name, terminal_width=96, max_content_width=96, **cli.context_settings
    )
    return ["```", command.get_help(context).rstrip(), "```"]


def _table(table: Table) -> list[str]:
    rows = [
        (f"`{column.name}`", _type(column), column.unit, _words(column), _marks(table, column))
        for column in table.columns
    ]
    refs = [f"`{ref.column}` → `{ref.table}.{ref.target}`" for ref in table.refs]
    key = ", ".join(f"`{name}`" for name in table.key)
    said = f"{table.description}. Key: {key}." + (f" Refers: {', '.join(refs)}." if refs else "")
    return [
        f"## {table.name}", "", said, "",
        *_grid(("column", "type", "unit", "meaning", ""), rows),
    ]  # fmt: skip


def _type(column: Column) -> str:
    return f"{column.dtype}{'?' if column.nullable else ''}".replace("|", "\\|")


def _words(column: Column) -> str:
    if not column.values:
        return column.description
    return f"{column.description}: {', '.join(f'`{v}`' if v else 'empty' for v in column.values)}"


def _marks(table: Table, column: Column) -> str:
    marks = [
        word
        for word, on in (
            ("key", column.name in table.key),
            ("position", column.position),
            ("clock", column.volatile),
        )
        if on
    ]
    return ", ".join(marks)


def _sections() -> Iterator[tuple[str, dict[str, FieldInfo]]]:
    """(name, fields): the top level first, then each section."""
    top: dict[str, FieldInfo] = {}
    nested: list[tuple[str, dict[str, FieldInfo]]] = []
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            nested.append((name, dict(kind.model_fields)))
        elif name != "home":
            top[name] = field
    yield "", top
    yield from nested


def _kinds() -> Iterator[tuple[str, type[BaseModel]]]:
    """(kind, section) of every way of not forgetting."""
    union, _ = typing.get_args(Forgetting)
    for section in typing.get_args(union):
        yield section.model_fields["kind"].default, section


def _shown(field: FieldInfo) -> str:
    return "" if field.default is None else f"`{_toml(field.default)}`"


def _toml(value: Any) -> str:
    """A default as TOML; sections in a list as inline tables of what is not their default."""
    if isinstance(value, BaseModel):
        shown = {"kind": getattr(value, "kind", ""), **value.model_dump(exclude_defaults=True)}
        return "{ " + ", ".join(f"{name} = {_toml(one)}" for name, one in shown.items()) + " }"
    if isinstance(value, list) and any(isinstance(one, BaseModel) for one in value):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value)


def _limits(field: FieldInfo) -> str:
    choices = typing.get_args(field.annotation)
    if choices and all(isinstance(choice, str) for choice in choices):
        return ", ".join(choices)
    signs: dict[type[Any], str] = {Ge: "≥", Gt: ">", Le: "≤", Lt: "<"}
    found = [
        f"{signs[type(rule)]} {getattr(rule, type(rule).__name__.lower())}"
        for rule in field.metadata
        if type(rule) in signs
    ]
    return " and ".join(found)


def _plain_words(key: str) -> str:
    named = {"profile": "size of model and machine; see Profiles", "seed": "of all that is random"}
    return named.get(key, key.replace("_", " "))


def _markdown(text: str) -> str:
    return text.replace("<", "&lt;").replace("|", "\\|")


def _grid(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{' --- |' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def stale() -> list[str]:
    """Files that are not what would be written now."""
    return [
        name
        for name, make in pages().items()
        if not (ROOT / name).is_file() or (ROOT / name).read_text() != make()
    ]


if __name__ == "__main__":
    if "--check" in sys.argv:
        out_of_date = stale()
        print("\n".join(f"out of date: {name}" for name in out_of_date) or "all up to date")
        sys.exit(1 if out_of_date else 0)
    for name, make in pages().items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(make())
        print(name)
