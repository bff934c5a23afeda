"""A small real book through the chain, for tests of what people decide."""

import shutil
from pathlib import Path
from typing import Any

from booktune_assets.chain.build import build
from booktune_assets.chain.house import BOOK_STAGES, SET_STAGES, House, Outcome
from booktune_assets.settings import Pairs, Settings

TEXT = """# Tides

## Locks

A lock is a chamber of water between two gates. A lock raises a boat when the lower gate is shut.

```elixir
defmodule Lock do
  def fill(level), do: level + 1
end
```

## Gates

A gate is a wall of timber that turns on a post. A gate holds because the water presses it shut.

```elixir
iex> 1 + 2
3
```

## Buoys

A buoy is a float that marks the channel. A buoy is painted red because red is seen from afar.

## Ropes

A rope is a bundle of fibres that are twisted together. A rope of hemp swells when it gets wet.
"""

_THINGS = (
    ("lock", "a chamber of water between two gates", "raises a boat", "the lower gate is shut"),
    ("gate", "a wall of timber that turns on a post", "holds the river", "water presses it"),
    ("buoy", "a float that marks the edge of a channel", "is painted red", "red is seen from afar"),
    ("rope", "a bundle of fibres that are twisted together", "swells", "it gets wet in the hold"),
    ("mast", "a tall pole that carries all sails of a ship", "bends", "a gale blows from astern"),
    ("keel", "a long beam that runs along the ship below", "steadies her", "she leans to leeward"),
    ("helm", "a wheel that moves the rudder by two chains", "turns hard", "the current is strong"),
    ("jetty", "a pier of stone that breaks the sea", "shelters boats", "a storm comes from west"),
)
# with sections long enough to be passages, and code enough for lessons
FORMS = "# Harbours\n" + "".join(
    f"""
## {name.capitalize()}s

A {name} is {what}. A {name} {does} because {why}, which every sailor of the old harbour \
knows by heart from the {10 + number} long winters there.

```elixir
defmodule {name.capitalize()} do
  def fill{number}(level), do: level + {number + 1}
end
```
"""
    for number, (name, what, does, why) in enumerate(_THINGS)
)
# a session whose first value is asked alone, in a lesson and with those after it
SESSION = """
## Ledgers

A ledger is a list of all ships that lie in the harbour at night. A ledger is kept because taxes \
depend on it, and the captain of the port signs every one of its pages with a pen.

Some lines of the shell that a ledger needs:

```elixir
iex> "ship" <> "s"
"ships"
iex> {1, 2} == {1, 2.0}
true
iex> [:keel | [:mast]]
[:keel, :mast]
iex> 7 - 2 * 3
1
```
"""


def shelf(home: Path, text: str = TEXT, **pairs: Any) -> House:
    """A house with one book of a few sections, built up to both sets; settings of ``pairs``."""
    settings = Settings(home=home, pairs=Pairs(**pairs))
    settings.books.mkdir(parents=True)
    put(settings, "tides.md", text)
    house = House.open(settings)
    for asset in BOOK_STAGES:
        outcome = build(asset, "tides", house)
        assert outcome.error is None, outcome.error
    sets(house)
    return house


def put(settings: Settings, name: str, text: str = "") -> None:
    """A book on the shelf that may be trained on; without ``text`` its file is there already."""
    if text:
        (settings.books / name).write_text(text)
    (settings.books / f"{name}.toml").write_text('licence = "CC-BY-4.0"\n')


def copied(house: House, home: Path) -> House:
    """The same house in another folder."""
    shutil.copytree(house.settings.home, home)
    return House.open(Settings(home=home, pairs=house.settings.pairs))


def sets(house: House) -> list[Outcome]:
    """Both sets, built or reused."""
    outcomes = [build(asset, None, house) for asset in SET_STAGES]
    assert not [one.error for one in outcomes if one.error]
    return outcomes
