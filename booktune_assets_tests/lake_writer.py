"""A real process that writes into a lake; the lake's tests start it and kill it.

``python -m booktune_assets_tests.lake_writer ROOT KEY ROUNDS ROWS``: publishes the rows of one book
again and again, each round with its own content, and prints the round after each publish.
"""

import sys
from pathlib import Path

import polars as pl

from booktune_assets.lake import Lake
from booktune_assets.schemas import tables_of

BLOCK = {"kind": "prose", "lang": "", "ordinal": 0}


def frames(key: str, round_no: int, rows: int) -> dict[str, pl.DataFrame]:
    """A consistent set of the tables of ``sections``: every row names its round."""
    sections = [
        {
            "section_id": f"sec_{number:020x}", "book_id": key, "ordinal": number, "level": 1,
            "title": f"round {round_no}", "title_path": [f"round {round_no}"],
            "role": "body", "kind": "section",
            "text": f"round {round_no} " * 20, "chars": 180, "code_chars": 0,
        }
        for number in range(rows)
    ]  # fmt: skip
    blocks = [
        BLOCK | {
            "block_id": f"blk_{number:020x}", "section_id": f"sec_{number:020x}", "book_id": key,
            "text": f"round {round_no} " * 20, "char_start": 0, "char_end": 180,
        }
        for number in range(rows)
    ]  # fmt: skip
    spans = [
        {
            "block_id": f"blk_{number:020x}", "part": 0, "section_id": f"sec_{number:020x}",
            "book_id": key, "file_sha256": f"{round_no}", "page": 1,
            "char_start": 0, "char_end": 180,
        }
        for number in range(rows)
    ]  # fmt: skip
    rows_of = {"sections": sections, "sections__blocks": blocks, "sections__spans": spans}
    return {t.name: t.frame(rows_of.get(t.name, [])) for t in tables_of("sections")}


def write(lake: Lake, key: str, round_no: int, rows: int) -> None:
    """Publish one round."""
    lake.publish(
        "sections", key, frames(key, round_no, rows),
        code_version="test.1", settings="", inputs={"round": str(round_no)},
    )  # fmt: skip


if __name__ == "__main__":
    root, key, rounds, rows = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    for number in range(1, rounds + 1):
        write(Lake(root), key, number, rows)
        print(number, flush=True)
