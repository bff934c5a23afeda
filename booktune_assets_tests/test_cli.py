"""The command line over a small lake: words, JSON, exit codes. Runs are in ``test_cli_run.py``."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from booktune_assets.books.shelf import Shelf
from booktune_assets.chain import build as chain_build
from booktune_assets.cli import cli
from booktune_assets.cli.words import clean, exit_code
from booktune_assets.errors import BookError, Code, MissingPrerequisite, ServiceDown
from booktune_assets.lake import Lake
from booktune_assets.schemas import tables_of
from booktune_assets.settings import PROJECT, Settings
from booktune_assets_tests.builders import build_home, publish_rows

SAMPLE = PROJECT / "data" / "books" / "sample" / "first-steps-on-the-beam.pdf"
BOOKTUNE = [sys.executable, "-c", "from booktune_assets.cli import main; main()"]


def call(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), *words])


def process(
    *words: str | bytes, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*BOOKTUNE, *words], capture_output=True, text=True, env={**os.environ, **(env or {})}
    )


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "My Book.md"
    path.write_text("# Processes\n\nA process is an isolated unit.\n\n```elixir\nspawn(f)\n```\n")
    return path


@pytest.fixture(scope="module")
def lake_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    build_home(home, "alpha", "beta-epub")
    return home


def test_init_is_safe_to_repeat(tmp_path: Path) -> None:
    for word in ("added", "there"):
        result = call(tmp_path, "init", "--sample")
        assert result.exit_code == 0, result.output
        assert f"{word:9} first-steps-on-the-beam" in result.output
        assert "learning_rate" in result.output
    assert (tmp_path / "dagster" / "dagster.yaml").is_file()
    assert (tmp_path / "booktune.toml").read_text() == (PROJECT / "booktune.toml").read_text()
    assert (tmp_path / "books" / SAMPLE.name).read_bytes() == SAMPLE.read_bytes()
    (tmp_path / "booktune.toml").write_text('profile = "gpu24"\n')
    assert "gpu24" in call(tmp_path, "init").output


def test_add_says_the_key_and_keeps_licence_and_title(tmp_path: Path, book: Path) -> None:
    home = tmp_path / "home"
    result = call(home, "add", str(book), "--licence", "CC0", "--title", 'A "fine" \\ book')
    assert result.exit_code == 0, result.output
    assert result.output.startswith("added     my-book  ")
    (shelved,) = Shelf(Settings(home=home)).books()
    assert (shelved.key, shelved.licence, shelved.title) == ("my-book", "CC0", 'A "fine" \\ book')
    assert call(home, "add", str(book)).output.startswith("there     my-book")
    assert call(home, "add", str(book), "--licence", "MIT").exit_code == 0
    (shelved,) = Shelf(Settings(home=home)).books()
    assert (shelved.licence, shelved.title) == ("MIT", 'A "fine" \\ book')
    book.write_text("# Other words\n\nNew text.\n")
    assert call(home, "add", str(book)).output.startswith("replaced  my-book")


def test_add_names_what_cannot_be_added_and_adds_the_rest(tmp_path: Path, book: Path) -> None:
    odd = tmp_path / "notes.docx"
    odd.write_bytes(b"x")
    result = call(tmp_path / "home", "add", str(book), str(tmp_path / "gone.pdf"), str(odd))
    assert result.exit_code == 1
    assert "FILE_MISSING" in result.stderr and "UNKNOWN_FORMAT" in result.stderr
    assert [one.key for one in Shelf(Settings(home=tmp_path / "home")).books()] == ["my-book"]


def test_add_without_one_good_file_makes_nothing(tmp_path: Path) -> None:
    result = call(tmp_path / "home", "add", str(tmp_path / "gone.pdf"))
    assert result.exit_code == 2
    assert not (tmp_path / "home" / "books").exists()


@pytest.mark.skipif(shutil.which("asciidoctor") is None, reason="asciidoctor is not installed")
def test_add_puts_a_book_in_many_files_together(tmp_path: Path) -> None:
    main, home = tmp_path / "main.adoc", tmp_path / "home"
    main.write_text("= Book\n\ninclude::one.adoc[]\n\ninclude::gone.adoc[]\n")
    (tmp_path / "one.adoc").write_text("== One\n\nWords.\n")
    result = call(home, "add", str(main))
    assert result.exit_code == 0 and "1 include" in result.stderr
    (shelved,) = Shelf(Settings(home=home)).books()
    text = shelved.path.read_text()
    assert "== One\n\nWords.\n" in text and "include::one.adoc" not in text
    assert call(home, "add", str(main)).output.startswith("there     main")
    (tmp_path / "one.adoc").write_text("== One\n\nOther words.\n")
    assert call(home, "add", str(main)).output.startswith("replaced  main")


def test_add_names_the_twin(tmp_path: Path, book: Path) -> None:
    copy = Path(shutil.copy(book, tmp_path / "copy.md"))
    result = call(tmp_path / "home", "add", str(book), str(copy))
    assert result.exit_code == 0
    assert "DUPLICATE_BOOK" in result.stderr and "My Book.md" in result.stderr
    keys = [one.key for one in Shelf(Settings(home=tmp_path / "home")).books()]
    assert keys == ["copy", "my-book"]
    again = call(tmp_path / "home", "add", str(copy))
    assert again.exit_code == 0 and "there" in again.stdout and not again.stderr


def test_read_says_what_is_wrong_in_one_coded_line(tmp_path: Path, book: Path) -> None:
    for wrong in (str(tmp_path / "gone.pdf"), "-"):
        result = call(tmp_path, "read", wrong)
        assert result.exit_code == 2 and result.stderr.startswith("FILE_MISSING: no such file")
        assert result.stderr.count("\n") == 1
    (tmp_path / "nope").write_text("in the way")
    result = call(tmp_path, "read", str(book), "--records", str(tmp_path / "nope" / "x.jsonl"))
    assert result.exit_code == 2 and "nope' cannot be made" in result.stderr
    named = Path(shutil.copy(book, tmp_path / "book.txt"))
    result = call(tmp_path, "read", str(named))
    assert "the name says .txt, which names no format; the content is md" in result.stderr


def test_add_takes_any_name(tmp_path: Path) -> None:
    odd = tmp_path / "line\nbreak 📚 – Żółw.md"
    odd.write_text("# T\n\ntext\n")
    done = process("--home", str(tmp_path / "home"), "add", str(odd), env={"LC_ALL": "C"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    assert "line-break-zow" in done.stdout


def test_add_takes_a_name_of_255_bytes_and_goes_on(tmp_path: Path, book: Path) -> None:
    for length in (240, 247, 255):  # the sidecar's name, its temporary one, that of the copy
        long = Path(shutil.copy(book, tmp_path / f"{'n' * (length - 3)}.md"))
        home = tmp_path / f"home{length}"
        result = call(home, "add", "--licence", "CC0", str(long), str(book))
        assert result.exit_code == 0, result.stderr
        found = Shelf(Settings(home=home)).books()
        assert [one.licence for one in found] == ["CC0", "CC0"]
        assert not list((home / "books").glob("*.tmp-*"))


def test_what_the_disk_refuses_of_one_file_does_not_end_the_batch(
    tmp_path: Path, book: Path
) -> None:
    taken = Path(shutil.copy(book, tmp_path / "taken.md"))
    (tmp_path / "home" / "books" / "taken.md").mkdir(parents=True)
    result = call(tmp_path / "home", "add", str(taken), str(book))
    assert result.exit_code == 1
    assert result.stderr.startswith("DISK: not added: taken.md: Is a directory. ")
    assert [one.key for one in Shelf(Settings(home=tmp_path / "home")).books()] == ["my-book"]


def test_status_of_an_empty_home(tmp_path: Path) -> None:
    result = call(tmp_path, "status")
    assert result.exit_code == 0, result.output
    assert "The shelf is empty" in result.output
    assert "marts" in result.output


def test_status_tells_failures_with_remedy(
    tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(tmp_path, "add", str(book))
    lake = Lake(Settings(home=tmp_path).lake)
    lake.fail("raw_books", "my-book", BookError(Code.NO_TEXT_LAYER, "Run OCR first"))
    states = {"raw_books": "failed", "sections": "blocked"}

    def scripted(asset: str, *_: object) -> str:
        return states.get(asset, "missing")

    monkeypatch.setattr(chain_build, "state", scripted)
    result = call(tmp_path, "status")
    assert result.exit_code == 1
    assert "failed NO_TEXT_LAYER" in result.output
    assert "my-book raw_books: NO_TEXT_LAYER: the pages are images" in result.output
    assert "Run OCR first" in result.output
    rows = json.loads(call(tmp_path, "status", "--json").stdout)
    assert rows[0]["book"] == "my-book"
    assert (rows[0]["code"], rows[0]["remedy"]) == ("NO_TEXT_LAYER", "Run OCR first")
    assert rows[-1]["asset"] == "marts"
    assert call(tmp_path, "status", "my-book").exit_code == 1
    assert call(tmp_path, "status", "nobody").exit_code == 2


def test_trace_prints_the_way_back(lake_home: Path) -> None:
    lake = Lake(Settings(home=lake_home).lake)
    frame = lake.read("sharegpt_set", lake.current_key("sharegpt_set") or "")
    for row in frame.select("example_id", "book_id").iter_rows(named=True):
        result = call(lake_home, "trace", row["example_id"])
        assert result.exit_code == 0, result.output
        place = "part      text/part" if row["book_id"].endswith("epub") else "page      "
        for words in ("example   ", "pair      ", "quote     “", "section   Concurrency › ", place):
            assert words in result.stdout
    # the book is not on the shelf of this home: the walk stands, the picture is missing
    pdf = frame.filter(frame["book_id"] == "alpha")["example_id"][0]
    assert "no picture: UNKNOWN_BOOK" in call(lake_home, "trace", pdf).stderr
    told = json.loads(call(lake_home, "trace", pdf, "--json", "--no-crops").stdout)
    assert told["quotes"][0]["places"][0]["box"] == [72.0, 72.0, 300.0, 120.0]
    assert told["crops"] == []


def test_trace_of_nothing_is_wrong_use(lake_home: Path) -> None:
    result = call(lake_home, "trace", "ex_00")
    assert result.exit_code == 2
    assert result.stderr.startswith("UNKNOWN_EXAMPLE: ")
    assert result.stderr.count("\n") == 1


def test_report_copies_and_lists(tmp_path: Path) -> None:
    assert call(tmp_path, "report").exit_code == 1
    lake = Lake(Settings(home=tmp_path).lake)
    page = tmp_path / "page.html"
    page.write_text("<h1>Report</h1>")
    frames = {table.name: table.frame([]) for table in tables_of("eval_report")}
    notes = {"summary": ["no clear difference"]}
    lake.publish(
        "eval_report", "eval_1", frames, code_version="1", files={"report.html": page}, notes=notes
    )
    lake.set_current("eval_report", "eval_1")
    result = call(tmp_path, "report")
    copy = tmp_path / "reports" / "eval_1.html"
    assert result.exit_code == 0 and str(copy) in result.output
    copy.write_text("spoilt")
    (told,) = json.loads(call(tmp_path, "report", "--json").stdout)
    assert told["current"] and told["summary"] == ["no clear difference"]
    assert copy.read_text() == "<h1>Report</h1>"


def test_read_needs_no_home(tmp_path: Path, book: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = process("read", str(book), "--records", str(out), env={"BOOKTUNE_HOME": "/nowhere"})
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert [record["kind"] for record in records] == ["heading", "prose", "code"]
    assert records[2]["lang"] == "elixir" and records[2]["text"] == "spawn(f)"


def test_show_writes_pages_beside_their_blocks(tmp_path: Path) -> None:
    pdf = SAMPLE.with_suffix(".pdf")
    done = process("--home", str(tmp_path), "show", str(pdf), "--page", "3")
    assert done.returncode == 0, done.stderr
    (view,) = (tmp_path / "reports" / "show").glob("*/page-3.html")
    assert "1 of" in done.stdout and str(view) in done.stdout
    assert (view.parent / "pages" / "0003.png").read_bytes().startswith(b"\x89PNG")
    beyond = process("--home", str(tmp_path), "show", str(pdf), "--page", "9999")
    assert beyond.returncode == 2 and beyond.stderr.startswith("UNKNOWN_PAGE: ")
    assert "page=9999" in beyond.stderr and "It has pages 1 to " in beyond.stderr
    unknown = process("--home", str(tmp_path), "show", "no-such-book")
    assert unknown.returncode == 2 and "UNKNOWN_BOOK" in unknown.stderr
    assert "file=" not in unknown.stderr


def test_show_of_a_book_that_cannot_be_read_is_one_coded_line(tmp_path: Path) -> None:
    for name, data in (("cut.epub", b"PK\x03\x04 cut"), ("empty.pdf", b"")):
        (tmp_path / name).write_bytes(data)
        result = call(tmp_path, "show", str(tmp_path / name))
        assert result.exit_code == 1 and len(result.stderr.strip().split("\n")) == 1
        assert result.stderr.split(":")[0] in (Code.DAMAGED_FILE.value, Code.EMPTY_FILE.value)
    assert not list(tmp_path.glob("reports/show/*/*.html"))


def test_the_folder_of_a_file_is_made_or_refused_before_the_work(
    tmp_path: Path, book: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    out = str(tmp_path / "file" / "out")
    for words in (
        ("beam", "verify", str(book), "--report", out), ("units", str(book), "--out", out),
        ("export", str(book), "--to", out), ("concepts", "--svg", out),
    ):  # fmt: skip
        result = call(tmp_path, *words)
        assert result.exit_code == 2 and f"{words[-2]}': Folder" in result.stderr
        assert "file' cannot be made" in result.stderr and not result.stdout
    made = tmp_path / "new" / "deep" / "b.livemd"
    assert call(tmp_path, "export", str(book), "--to", str(made)).exit_code == 0
    assert made.is_file()
    lost = tmp_path / "none" / "deep" / "v.jsonl"  # nothing is written: no folder is left
    assert call(tmp_path, "beam", "verify", "no-such-key", "--out", str(lost)).exit_code
    assert not (tmp_path / "none").exists()


def test_a_book_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    result = call(tmp_path, "beam", "verify", str(tmp_path / "none.epub"))
    assert result.exit_code == 1 and result.stderr.startswith("FILE_MISSING")


def test_a_key_is_guessed_from_a_file_name_or_a_slip(tmp_path: Path, book: Path) -> None:
    key = call(tmp_path, "add", str(book)).stdout.split()[1]
    for name in (book.name, book.stem, f"{key}x"):
        assert f"Did you mean {key}?" in call(tmp_path, "status", name).stderr
    assert "Did you mean" not in call(tmp_path, "status", "otp-in-action").stderr


def test_a_book_without_pages_draws_none(tmp_path: Path, book: Path) -> None:
    assert "drawing" not in call(tmp_path, "show", str(book)).stderr


def test_status_of_a_book_says_which_file_it_is(tmp_path: Path, book: Path) -> None:
    key = call(tmp_path, "add", str(book), "--title", "Boats", "--licence", "MIT").stdout.split()[1]
    told = call(tmp_path, "status", key).stdout
    assert told.startswith(f"book      {key}  Boats\nfile      {tmp_path / 'books' / book.name}\n")
    assert "licence   MIT\n" in told


def test_read_of_a_damaged_file_is_a_problem(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 nothing")
    done = process("read", str(bad))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and done.stderr.count("\n") == 1
    assert process("read", str(tmp_path / "gone.pdf")).returncode == 2


def test_a_reader_that_stops_early_is_no_error(lake_home: Path) -> None:
    command = " ".join([*BOOKTUNE[:2], f"'{BOOKTUNE[2]}'", "read", str(SAMPLE), "| head -1"])
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)["kind"]


def test_doctor_finds_what_is_wrong(lake_home: Path) -> None:
    lake = Lake(Settings(home=lake_home).lake)
    lake.fail("raw_books", "scan\n", BookError(Code.NO_TEXT_LAYER, "Run OCR first"))
    torn = lake.folder("sections", "torn")
    torn.mkdir(exist_ok=True)
    (torn / "sections.parquet").write_bytes(b"half")
    publish_rows(lake, "rehearsal_set", "reh_1", {})
    lake.path("rehearsal_set", "reh_1").unlink()
    result = call(lake_home, "doctor", "--json")
    assert result.exit_code == 1
    found = {
        (item["name"], item["level"], item["words"]): item["remedy"]
        for item in json.loads(result.stdout)
    }
    problems = {words: remedy for (_, level, words), remedy in found.items() if level == "problem"}
    assert problems == {
        "sections/torn has files but no receipt: a writer was killed": "booktune run sections",
        "rehearsal_set/reh_1 lost rehearsal_set.parquet": "booktune run rehearsal_set",
        "scan\\n: raw_books: NO_TEXT_LAYER": "Run OCR first",
    }
    assert {"Python", "packages", "sandbox", "disk", "GPU"} <= {name for name, _, _ in found}
    assert not [words for _, _, words in found if "could not be checked" in words]
    assert "booktune run sections" in call(lake_home, "doctor").stdout


def test_doctor_finds_what_was_altered_after_it_was_made(tmp_path: Path) -> None:
    lake = Lake(build_home(tmp_path).lake)
    key = lake.keys("sections")[0]
    path = lake.path("sections", key)
    pl.read_parquet(path).head(0).write_parquet(path)
    receipt = lake.receipt("sections", key)
    assert receipt is not None
    os.utime(path, (receipt.made_at + 1, receipt.made_at + 1))  # a disk may round so much

    def said(*words: str) -> list[tuple[str, str]]:
        items = json.loads(call(tmp_path, "doctor", "--json", *words).stdout)
        return [(item["words"], item["remedy"]) for item in items if item["name"] == "lake"]

    assert "all complete" in said()[0][0]
    ((deep, remedy),) = said("--deep")
    assert f"sections/{key}/sections.parquet has 0 rows" in deep
    assert remedy == f"rm {path}; booktune run sections"
    os.utime(path, (time.time() + 60, time.time() + 60))
    assert said() == [(deep, remedy)]


def test_a_bad_setting_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "booktune.toml").write_text("[pairs]\nper_blok = 3\n")
    result = call(tmp_path, "status")
    assert result.exit_code == 2
    assert "BAD_SETTING" in result.stderr and "per_blok" in result.stderr


def test_wrong_words_are_wrong_use(tmp_path: Path) -> None:
    assert call(tmp_path, "run", "sectoins").exit_code == 2
    assert call(tmp_path, "run", "sections", "--all").exit_code == 2
    assert call(tmp_path, "run", "--book", "nobody").exit_code == 2
    assert call(tmp_path, "run").exit_code == 2  # nothing on the shelf
    assert call(tmp_path, "frobnicate").exit_code == 2


def test_exit_codes_follow_the_class() -> None:
    assert exit_code(BookError(Code.DAMAGED_FILE, "x")) == 1
    assert exit_code(MissingPrerequisite(Code.MODEL_MISSING, "x")) == 1
    assert exit_code(ServiceDown(Code.DISK, "x")) == 3
    assert exit_code(BookError(Code.UNKNOWN_BOOK, "x")) == 2


def test_debug_keeps_the_traceback(tmp_path: Path) -> None:
    home = ["--home", str(tmp_path), "trace", "ex_1"]
    assert "Traceback" not in process(*home).stderr
    assert "Traceback" in process("--debug", *home).stderr


def test_any_text_prints_on_one_line() -> None:
    assert clean("a\nb\x1b[31m") == "a\\nb\\x1b[31m"
    assert clean("📚 ż") == "📚 ż"
    assert "\\udc80" in clean("\udc80")


def test_help_and_version_load_nothing() -> None:
    code = (
        "import sys; from booktune_assets.cli import cli; import click.testing;"
        "assert click.testing.CliRunner().invoke(cli, ['run', '--help']).exit_code == 0;"
        "print(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"dagster", "dbt", "duckdb", "polars", "pydantic", "torch", "yaml"}


def test_status_loads_no_dagster(lake_home: Path) -> None:
    code = (
        "import sys; from booktune_assets.cli import cli;"
        f"cli.main(['--home', {str(lake_home)!r}, 'status'], standalone_mode=False);"
        "print('dagster' in sys.modules, 'dbt' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "False False", done.stderr
