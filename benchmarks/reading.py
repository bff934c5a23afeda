"""How exactly books are read, and how fast, beside the peers that are installed, in one run.

    .venv/bin/python benchmarks/reading.py [--peers DIR] [--install] [--stress] [--precise] [BOOK …]
    .venv/bin/python benchmarks/reading.py --stress [--layouts NAME,NAME] [--records N] [BOOK …]

Reads every book of ``../shared/books`` (or of ``$BOOKTUNE_BOOKS``) that has a truth, with booktune
and with each peer of the environment ``DIR`` (``--install`` makes it), and scores all with the
scorer beside the books. A folder ``BOOK/`` of Markdown, Livebook or AsciiDoc files is one book: its
files are read in order of name, as the truth has them.

``--precise`` reads PDFs in the precise mode too and says what that costs; peers are left out then.
``--stress`` sets the texts of the books in 143 other layouts first (needs weasyprint, typst,
Chromium, LaTeX, FOP, groff, Sphinx, LibreOffice, reportlab, fpdf2, Asciidoctor PDF or
Ghostscript; what is missing is said and left out) and reads those: ten of HTML and Typst
(``_typeset.py``), ten of LaTeX (``_latex.py``), five of programs that publishers use
(``_presses.py``), eleven with captions, callouts and notes (``_imprints.py``) and those of
``_houses.py``: notes beside prose, PDFs that programs write or write again, sheets of two pages;
twelve of ``_sidebars.py``: side bars and notes that hold code, bars, badges, icons, watermarks;
nineteen of ``_shelves.py``: marked rows, letters as callouts, prompts, other programs;
seven of ``_quirks.py``: epigraphs, titles that run in, code that hangs, faces by chapter;
22 of ``_customs.py``: other alphabets, one face, pairs, cells, doubles, colours, numbers, columns;
24 of ``_reprints.py``: terms, two sizes, three columns, odd maps, code in fonts of words, quotes;
six of ``_bindings.py``: captions below, titles beside text, heads of boxes that pages repeat.
``--layouts NAME,NAME`` keeps to some of them, ``--records N`` to the first records of each text
(1,200). Each reader is a process of its own: CPU seconds and memory are those of the whole
process, start included.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from _bindings import BINDINGS, binding, bound
from _customs import CUSTOMS, custom, customary
from _houses import HOUSES, house, housed
from _imprints import IMPRINTS, imprint, prepared
from _latex import PREAMBLES, fits, latex
from _presses import PRESSES, press, pressed
from _quirks import QUIRKS, quirk, quirky
from _reprints import REPRINTS, reprint, reprinted
from _shelves import SHELVES, shelf, shelved
from _sidebars import SIDEBARS, sidebar, sidebarred
from _typeset import STYLES, render

HERE = Path(__file__).parent
BOOKS = Path(os.environ.get("BOOKTUNE_BOOKS", HERE.parents[1] / "shared" / "books"))
SCORER = BOOKS.parent / "tools" / "score_extraction.py"
PEERS = ("liteparse", "kreuzberg", "pymupdf", "pymupdf4llm", "pypandoc_binary")
SHOWN = {
    "code_exact_f1": "code exact", "code_text_f1": "no space", "indent_acc_nz": "indent",
    "code_to_prose": "c>prose", "prose_to_code": "p>code", "code_class_acc": "class",
    "heading_f1": "heading", "toc_edge_f1": "toc edge", "prose_recall": "p.recall",
    "prose_precision": "p.prec", "furniture_leak": "furnit.", "order_tau": "order",
}  # fmt: skip
KINDS = {
    "pdf": "PDF", "epub": "EPUB", "md": "Markdown", "livemd": "Livebook", "adoc": "AsciiDoc",
}  # fmt: skip
OURS = """
import json, sys
from pathlib import Path
from booktune_assets.books.blocks import Limits
from booktune_assets.books.formats import parse
from booktune_assets.books.records import SILENT, record_of
path = Path(sys.argv[2])
files = sorted(path.iterdir()) if path.is_dir() else [path]
limits = Limits(precise=sys.argv[1] == "precise")
read = (parse(file, limits, lambda done, total: None) for file in files)
blocks = [block for parsed in read for block in parsed.blocks if block.kind not in SILENT]
rows = (record_of(block.kind, block.level, block.lang, block.text) for block in blocks)
Path(sys.argv[3]).write_text("".join(json.dumps(row) + "\\n" for row in rows))
"""


@dataclass
class Sum:
    """What one reader did over all books of a kind."""

    scores: list[dict[str, Any]] = field(default_factory=list)
    pages: int = 0
    cpu: float = 0.0
    peak: int = 0


def timed(command: list[str]) -> tuple[int, float, int]:
    """Exit code, CPU seconds, peak memory in MB."""
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (900, 900)),
    )  # fmt: skip
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def score(truth: Path, found: Path, furniture: Path) -> dict[str, Any]:
    """The scorer's figures."""
    extra = ["--furniture", str(furniture)] if furniture.exists() else []
    command = [sys.executable, str(SCORER), str(truth), str(found), "--brief", *extra]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def read_all(
    name: str, command: list[str], suffix: str, books: list[tuple[Path, Path]], work: Path
) -> Sum:
    """Read and score ``(file, truth)`` pairs with one reader, a row for each."""
    total = Sum()
    for file, truth in books:
        out = work / f"{name}.{file.name}{suffix}"
        code, cpu, peak = timed([*command, str(file), str(out)])
        if code or not out.exists():
            print(f"{name:12} {file.name:42} failed with exit code {code}")
            continue
        furniture = truth.with_name(f"{file.stem}.furniture.txt")
        found = score(truth, out, furniture if file.suffix == ".pdf" else Path("none"))
        row(name, file.name, found)
        total.scores.append(found)
        total.pages += pages_of(file)
        total.cpu += cpu
        total.peak = max(total.peak, peak)
    return total


def pages_of(file: Path) -> int:
    """Pages of a PDF; files of a folder; one for anything else."""
    if file.is_dir():
        return len(list(file.iterdir()))
    if file.suffix != ".pdf":
        return 1
    import pymupdf

    with pymupdf.open(file) as document:
        return document.page_count


def books_of(kind: str, truths: list[Path]) -> list[tuple[Path, Path]]:
    """``(file or folder, truth)`` of the books that are there in a format."""
    found: list[tuple[Path, Path]] = []
    for truth in truths:
        name = truth.name.partition(".")[0]
        file, folder = truth.with_name(f"{name}.{kind}"), truth.with_name(name)
        if file.exists():
            found.append((file, truth))
        elif folder.is_dir() and any(folder.glob(f"*.{kind}")):
            found.append((folder, truth))
    return found


def row(reader: str, book: str, found: dict[str, Any]) -> None:
    """One line of figures."""
    cells = " ".join(
        f"{'-' if found.get(key) is None else format(found[key], '.3f'):>{max(6, len(title))}}"
        for key, title in SHOWN.items()
    )
    print(f"{reader:12} {book:42} {cells}", flush=True)


def compare(kind: str, sums: dict[str, Sum]) -> None:
    """Means, speed and the ratios that the README names."""
    print(f"\nmeans over {kind}")
    for name, total in sums.items():
        if not total.scores:
            continue
        keys = [key for key in SHOWN if any(one.get(key) is not None for one in total.scores)]
        mean = {
            key: sum(one.get(key) or 0.0 for one in total.scores) / len(total.scores)
            for key in keys
        }
        row(name, f"{len(total.scores)} books", mean)
    ours = sums["booktune"]
    for name, total in sums.items():
        if total.cpu and kind == "PDF":
            speed = total.pages / total.cpu
            print(
                f"{name:12} {speed:7.1f} pages per CPU second "
                f"(booktune is {ours.pages / ours.cpu / speed:.2f} times that), "
                f"peak {total.peak} MB"
            )
    print()


def stress(books: list[Path], work: Path, layouts: list[str], count: int) -> None:
    """The first records of the books in layouts that nobody tuned for."""
    sums: dict[str, Sum] = {}
    for truth in books:
        records = [json.loads(line) for line in truth.open(encoding="utf-8")][:count]
        kept = [r for r in records if r["kind"] != "image" and (r["kind"] != "code" or r["text"])]
        for name in layouts:
            file = work / f"{truth.name.partition('.')[0]}.{name}.pdf"
            ours, why = laid_out(kept, name, file)
            if why:
                print(f"{name:20} not set: {why}")
                continue
            own = file.with_suffix(".truth.jsonl")
            own.write_text("".join(json.dumps(record) + "\n" for record in ours))
            done = read_all("booktune", [sys.executable, "-c", OURS, "x"], ".jsonl",
                            [(file, own)], work)  # fmt: skip
            sums.setdefault(name, Sum()).scores += done.scores
    for name, total in sums.items():
        exact = [one["code_exact_f1"] for one in total.scores]
        mean = f"{sum(exact) / len(exact):.3f}" if exact else "-"
        print(f"{name:20} code exact F1 {mean} over {len(exact)} texts")


def laid_out(
    kept: list[dict[str, Any]], name: str, file: Path
) -> tuple[list[dict[str, Any]], str | None]:
    """Write a PDF in a layout; what it prints of the records, and why there is none."""
    if name in STYLES:
        return kept, render(kept, STYLES[name], file)
    if name in PREAMBLES:
        ours = [record for record in kept if fits(record)]
        return ours, latex(ours, name, file)
    if name in PRESSES:
        ours = pressed(kept, name)
        return ours, press(ours, name, file)
    if name in HOUSES:
        ours = housed(kept, name)
        return ours, house(ours, name, file)
    if name in SIDEBARS:
        ours = sidebarred(kept, name)
        return ours, sidebar(ours, name, file)
    if name in SHELVES:
        ours = shelved(kept, name)
        return ours, shelf(ours, name, file)
    if name in CUSTOMS:
        ours = customary(kept, name)
        return ours, custom(ours, name, file)
    if name in REPRINTS:
        ours = reprinted(kept, name)
        return ours, reprint(ours, name, file)
    if name in BINDINGS:
        ours = bound(kept, name)
        return ours, binding(ours, name, file)
    if name in QUIRKS:
        ours = quirky(kept, name)
        return ours, quirk(ours, name, file)
    ours = prepared(kept, name)
    return ours, imprint(ours, name, file)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", type=Path, help="environment that holds the peers")
    parser.add_argument("--install", action="store_true", help="make that environment first")
    parser.add_argument("--stress", action="store_true")
    parser.add_argument("--layouts", help="of --stress: some of them, by name")
    parser.add_argument("--records", type=int, default=1200, help="of --stress: of each text")
    parser.add_argument("--precise", action="store_true", help="the precise mode beside the fast")
    parser.add_argument("books", nargs="*")
    asked = parser.parse_args()
    known = (*STYLES, *PREAMBLES, *PRESSES, *IMPRINTS, *HOUSES, *SIDEBARS, *SHELVES, *QUIRKS,
             *CUSTOMS, *REPRINTS, *BINDINGS)  # fmt: skip
    layouts = asked.layouts.split(",") if asked.layouts else list(known)
    if wrong := [name for name in layouts if name not in known]:
        parser.error(f"no layout {', '.join(wrong)}; there are {', '.join(known)}")
    if not SCORER.exists():
        print(f"no books with truths: {BOOKS} is not there; nothing measured")
        return
    truths = [
        path for path in sorted(BOOKS.glob("*.truth.jsonl"))
        if not asked.books or path.name.partition(".")[0] in asked.books
    ]  # fmt: skip
    if unknown := {*asked.books} - {path.name.partition(".")[0] for path in truths}:
        parser.error(f"no truth of {', '.join(sorted(unknown))} in {BOOKS}; name a book, no file")
    print(f"{'reader':12} {'book':42} {' '.join(f'{t:>6}' for t in SHOWN.values())}")
    with tempfile.TemporaryDirectory() as folder:
        if asked.stress:
            stress(truths, Path(folder), layouts, asked.records)
            return
        python = _environment(asked.peers, install=asked.install)
        for kind in ("pdf",) if asked.precise else KINDS:
            books = books_of(kind, truths)
            if not books:
                continue
            readers = {"booktune": ([sys.executable, "-c", OURS, "x"], ".jsonl")}
            if asked.precise:
                readers["precise"] = ([sys.executable, "-c", OURS, "precise"], ".jsonl")
            peers = kind in ("pdf", "epub") and not asked.precise
            for name in _peers(python, kind) if peers else ():
                suffix = ".txt" if name == "pymupdf" else ".md"
                readers[name] = ([python, str(HERE / "_peers.py"), name], suffix)
            sums = {
                name: read_all(name, command, suffix, books, Path(folder))
                for name, (command, suffix) in readers.items()
            }
            compare(KINDS[kind], sums)


def _environment(folder: Path | None, *, install: bool) -> str:
    """The Python that has the peers: this one when none is named."""
    if folder is None:
        return sys.executable
    python = folder / "bin" / "python"
    if install and not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS], check=True)
    return str(python)


def _peers(python: str, kind: str) -> list[str]:
    from _peers import EPUB, PDF

    listed = subprocess.run(
        [python, str(HERE / "_peers.py"), "--list"], capture_output=True, text=True, check=True
    ).stdout.split()
    found = listed + (["kreuzberg"] if kind == "epub" and "kreuzberg" in listed else [])
    return [name for name in dict.fromkeys(found) if name in (PDF if kind == "pdf" else EPUB)]


if __name__ == "__main__":
    main()
