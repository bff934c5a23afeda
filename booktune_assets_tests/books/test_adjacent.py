"""Listings of two languages that touch."""

from __future__ import annotations

import itertools

from booktune_assets.books.adjacent import part_languages
from booktune_assets.books.blocks import Block, Place

ELIXIR = "defmodule Tide do\n  def rise(level), do: level + 1\nend"
ERLANG = "-module(tide).\n-export([rise/1]).\n\nrise(Level) ->\n    Level + 1."


def code(text: str, *cuts: int) -> Block:
    edges = [0, *cuts, len(text)]
    places = [Place(a, b, page=n) for n, (a, b) in enumerate(itertools.pairwise(edges))]
    return Block("code", text, places=places)


def test_the_languages_part_and_places_stay_exact() -> None:
    text = f"{ELIXIR}\n\n{ERLANG}"
    one, two = part_languages([code(text, 20, len(ELIXIR) + 10)])
    assert (one.text, two.text) == (ELIXIR, ERLANG)
    assert [(p.start, p.end, p.page) for p in one.places] == [(0, 20, 0), (20, len(ELIXIR), 1)]
    assert [(p.start, p.end, p.page) for p in two.places] == [(0, 8, 1), (8, len(ERLANG), 2)]


def test_one_language_stays_one_listing() -> None:
    for text in (f"{ELIXIR}\n\n{ELIXIR.replace('Tide', 'Moon')}", ERLANG, "x = 1\n\ny = 2"):
        assert [block.text for block in part_languages([code(text)])] == [text]


def test_prose_and_sessions_are_left_alone() -> None:
    session = Block("iex", f"iex> 1\n1\n\n{ERLANG}")
    prose = Block("prose", f"{ELIXIR}\n\n{ERLANG}")
    assert part_languages([session, prose]) == [session, prose]
