"""Is what is held out really new to training, when a shelf holds several formats of its books?

    python benchmarks/heldout.py FOLDER [FOLDER …]

Builds both sets from all books of the folders in a fresh home and compares letters and digits, by
plain search and without the functions that made the sets: held-out sections that are word for word
a training section, and held-out answers that stand in a training example, by their length.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from pathlib import Path

from booktune_assets.chain.build import build
from booktune_assets.chain.house import BOOK_STAGES, SET_STAGES, House
from booktune_assets.settings import Settings
from booktune_assets.settings_sets import Licences

LENGTHS = (40, 60, 120)


def letters(text: str) -> str:
    """What no layout changes."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def fill(house: House, folders: list[Path]) -> None:
    """Every book of the folders through the chain; those that fail are named."""
    house.settings.books.mkdir(parents=True)
    for path in sorted(path for folder in folders for path in folder.iterdir() if path.is_file()):
        if path.suffix.lower() in (".pdf", ".epub", ".md", ".livemd"):
            shutil.copy(path, house.settings.books / path.name)
    for book in house.shelf.books():
        for asset in BOOK_STAGES:
            outcome = build(asset, book.key, house)
            if outcome.error:
                print(f"{book.key}: {asset} failed: {outcome.error}")
                break


def main(folders: list[Path]) -> int:
    """Print the figures; 1 when something that is held out stands in training."""
    with tempfile.TemporaryDirectory() as home:
        house = House.open(Settings(home=Path(home), licences=Licences(unknown="allow")))
        fill(house, folders)
        for asset in SET_STAGES:
            outcome = build(asset, None, house)
            if outcome.error:
                raise outcome.error
            assert outcome.receipt is not None
            print(f"{asset}: {outcome.receipt.counts}")
        rows = house.lake.read("sharegpt_set", house.lake.current_key("sharegpt_set") or "")
        texts = dict(house.lake.read_all("sections").select("section_id", "text").iter_rows())
    held, train = (rows.filter(split=side) for side in ("heldout", "train"))
    asked = held["section_id"].unique().to_list()
    trained = {letters(texts[name]) for name in train["section_id"].unique()}
    known = sum(letters(texts[name]) in trained for name in asked)
    print(f"held-out sections {len(asked)}, of which word for word in training {known}")
    said = "\n".join(letters(turn["value"]) for talk in train["conversations"] for turn in talk)
    answers = [letters(talk[-1]["value"]) for talk in held["conversations"]]
    for length in LENGTHS:
        long = [answer for answer in answers if len(answer) >= length]
        found = sum(answer in said for answer in long)
        known += found
        print(f"held-out answers of {length:3} or more {len(long):4}, in training {found}")
    return int(known > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    raise SystemExit(main(parser.parse_args().folders))
