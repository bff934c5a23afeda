"""``booktune beam verify BOOK.pdf --report``: pictures of the pages; more than one toolchain."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from PIL import Image

from booktune_assets.beam.code_report import code_report
from booktune_assets.beam.sandbox import probe
from booktune_assets.beam.session import Step, run_steps
from booktune_assets.beam.toolchains import toolchains
from booktune_assets.beam.verify import verify
from booktune_assets.cli.app import cli
from booktune_assets.cli.beam_verify import _pictures  # pyright: ignore[reportPrivateUsage]
from booktune_assets_tests.beam.test_verify import frames_of
from booktune_assets_tests.books.makers import CODE, LEFT, PdfMaker

pytestmark = pytest.mark.skipif(
    probe().kind == "none" or not toolchains(), reason="no sandbox or no Elixir here"
)
# red is the line around the passage
PURPLE, BLUE, GREEN = (0.6, 0.0, 0.6), (0.0, 0.0, 0.8), (0.0, 0.6, 0.0)
PROSE = "What is typed at a prompt is answered at once, and the answer stands below it in print. "


def session(made: PdfMaker, colour: tuple[float, float, float], text: str) -> None:
    """A session in a colour of its own, by which a picture of it is known."""
    font, size, pitch = CODE
    made.y -= 8
    made.canvas.setFont(font, size)
    made.canvas.setFillColorRGB(*colour)
    for line in text.split("\n"):
        made.y -= pitch
        made.canvas.drawString(LEFT, made.y, line)
    made.canvas.setFillColorRGB(0, 0, 0)
    made.y -= 12


def book(path: Path) -> Path:
    made = PdfMaker(path, title="Slips & Pages", boxes=False)
    made.heading("Numbers", 1)
    made.prose(PROSE * 2)
    session(made, PURPLE, "iex> 1 + 1\n2\niex> 2 * 3\n6")
    made.prose(PROSE * 2)
    session(made, GREEN, "iex> 1 + 2\n4\niex> 2 + 2\n4")
    made.heading("Words", 1)
    made.prose(PROSE * 2)
    session(made, BLUE, 'iex> String.upcase("a")\n"B"\niex> System.version() == "0.0.1"\nfalse')
    made.prose(PROSE * 3)
    made.save()
    return path


def second(folder: Path, version: str) -> Path:
    """An installation of another name: its programs are those of the first."""
    bins = folder / "bin"
    bins.mkdir(parents=True)
    for name in ("elixir", "erl", "erlc", "escript"):
        real = shutil.which(name)
        if real is None:
            continue
        says = (
            f'[ "$1" = --version ] && echo "Erlang/OTP 99" && echo "Elixir {version}" && exit 0\n'
        )
        text = f'#!/bin/sh\n{says if name == "elixir" else ""}exec {real} "$@"\n'
        (bins / name).write_text(text)
        (bins / name).chmod(0o755)
    return folder


def verified(folder: Path, *chains: Path) -> tuple[list[dict[str, Any]], str, str]:
    """Rows, the page, and what was said."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    named = ", ".join(f'"{one}"' for one in chains)
    (home / "booktune.toml").write_text(f"[beam]\ntoolchains = [{named}]\n")
    out, report = folder / "v.jsonl", folder / "r.html"
    done = CliRunner().invoke(
        cli, ["--home", str(home), "beam", "verify", str(book(folder / "book.pdf")),
              "--out", str(out), "--report", str(report)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    return rows, report.read_text(), done.output


def colours(page: str) -> list[set[str]]:
    """Of each picture of a page, the colours that are clearly in it."""
    found: list[set[str]] = []
    for data in re.findall(r'src="data:image/png;base64,([^"]+)"', page):
        picture = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
        assert min(picture.size) > 20
        pixels = picture.tobytes()
        seen = Counter(
            name
            for red, green, blue in zip(pixels[::3], pixels[1::3], pixels[2::3], strict=True)
            for name, there, least in (
                ("green", green, max(red, blue)),
                ("blue", blue, max(red, green)),
                ("purple", min(red, blue), green),
            )
            if there > 110 and least < 70
        )
        found.append({name for name, count in seen.items() if count > 10})
    return found


def test_each_slip_stands_beside_its_page(tmp_path: Path) -> None:
    rows, page, _ = verified(tmp_path)
    slips = [(row["page"], row["code"]) for row in rows if row["verdict"] == "mismatch"]
    assert slips == [(1, "1 + 2"), (2, 'String.upcase("a")')]
    assert Counter(row["verdict"] for row in rows) == {"match": 4, "mismatch": 2}
    assert colours(page) == [{"green"}, {"blue"}]
    assert "Slips &amp; Pages" in page
    assert page.count("<mark>") == 2 and "Print what it gives, or mend the code." in page
    assert page.index("page 1") < page.index("page 2")


def test_a_slip_on_a_later_page_of_a_listing_is_found_there(tmp_path: Path) -> None:
    made = PdfMaker(tmp_path / "long.pdf")
    made.heading("Numbers", 1)
    made.prose(PROSE * 2)
    wrong = (3, 30, 49)  # on the first, the second, the third page
    made.code("\n".join(f"iex> {n} + 1\n{0 if n in wrong else n + 1}" for n in range(50)))
    frames = frames_of(made.save())
    rows = verify("book", frames)
    assert frames["sections__blocks"].filter(pl.col("kind") == "iex").height == 1
    slips = rows.filter(pl.col("verdict") == "mismatch").select("code", "page")
    assert slips.rows() == [("3 + 1", 1), ("30 + 1", 2), ("49 + 1", 3)]
    pictures = _pictures(made.path, rows, frames["sections__spans"])
    assert sorted(page for _, page in pictures) == [1, 2, 3]
    assert len(set(pictures.values())) == 3
    assert code_report("Book", rows, frames, pictures).count("<img ") == 3


@pytest.fixture
def other() -> Iterator[Path]:
    """A place that every user may enter, and under the folder that a sandbox has for itself."""
    with tempfile.TemporaryDirectory(prefix="chain") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_two_toolchains_give_rows_of_their_own(tmp_path: Path, other: Path) -> None:
    rows, page, said = verified(tmp_path, second(other / "elixir", "9.9.9"))
    chains = Counter(row["toolchain"] for row in rows)
    assert len(chains) == 2
    assert "elixir 9.9.9, otp 99" in chains
    assert set(chains.values()) == {6}
    assert "2 of 6 results" in page  # a check counts once
    assert colours(page) == [{"green"}, {"blue"}]
    assert page.count("<h4>It gives</h4>") == 2
    assert "elixir 9.9.9, otp 99" in page
    assert said.count("6 checks: 4 match, 2 mismatch") == 2


def test_a_difference_names_the_toolchain_that_differs(tmp_path: Path) -> None:
    frames = frames_of(book(tmp_path / "book.pdf"))
    rows = verify("book", frames)
    later = rows.with_columns(
        toolchain=pl.lit("elixir 9.9.9, otp 99"),
        verdict=pl.when(pl.col("code") == "1 + 2").then(pl.lit("match")).otherwise("verdict"),
        actual=pl.when(pl.col("code") == "1 + 2").then(pl.lit("4")).otherwise(pl.lit("new")),
    )
    page = code_report("Book", pl.concat([rows, later]), frames, {})
    first = rows["toolchain"][0]
    assert "2 of 6 results" in page
    assert f"<h4>It gives ({first})</h4><pre>3</pre>" in page
    assert "It is as the book shows with elixir 9.9.9, otp 99." in page
    assert "<h4>It gives (elixir 9.9.9, otp 99)</h4><pre>new</pre>" in page


def test_a_toolchain_is_run_by_its_own_program(other: Path) -> None:
    """Also through a link, and never by another that PATH happens to lead to."""
    second(other / "elixir", "9.9.9")
    link = other / "current"
    link.symlink_to(other / "elixir" / "bin")
    program = other / "elixir" / "bin" / "elixir"
    program.write_text(program.read_text().replace("exec ", "export WHO=me\nexec "))
    (chain,) = (one for one in toolchains([str(link)]) if one.elixir == "9.9.9")
    steps = [Step("chapter"), Step("section"), Step("iex", 'System.get_env("WHO")', 1)]
    assert run_steps(steps, chain)[1].value == '"me"'
    gone = replace(chain, path=f"{other}/gone:{chain.path}")
    assert run_steps(steps, gone)[1].status == "lost"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's sandbox runs as another user")
def test_a_toolchain_that_the_sandbox_may_not_enter_says_so(tmp_path: Path, other: Path) -> None:
    chain = second(other / "shut" / "elixir", "9.9.9")
    (other / "shut").chmod(0o700)
    rows, page, _ = verified(tmp_path, chain)
    shut = [row for row in rows if row["toolchain"] == "elixir 9.9.9, otp 99"]
    assert {row["verdict"] for row in shut} == {"harness_error"}
    assert all("let every user enter" in row["detail"] for row in shut)
    assert {row["verdict"] for row in rows if row not in shut} == {"match", "mismatch"}
    assert "our fault" in page
