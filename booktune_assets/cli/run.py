"""``run``: build assets in this process, show how far it is, say what came out.

Belongs here: choosing assets by words, the live line, the summary. Does not: how a run is executed
(``assets/execute.py``), what is current (``chain/build.py``).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.figures import counted
from booktune_assets.cli.plan import say_plan
from booktune_assets.cli.status import other_language, read_warnings
from booktune_assets.cli.words import DOWN, PROBLEMS, STOPPED, clean, console, exit_code, say_table

if TYPE_CHECKING:
    from booktune_assets.assets.execute import RunSummary
    from booktune_assets.chain.house import House, Outcome
    from booktune_assets.lake import Receipt
    from booktune_assets.progress import Tick
    from booktune_assets.settings import Settings

__all__ = ["Ticker", "chosen_assets", "code_of", "cut_words", "run", "say_results", "say_summary"]

PLAIN_SECONDS = 5.0  # between two lines of one activity when the output is not a terminal
WAIT_SECONDS = 60.0  # the same for an activity without a measure, such as waiting for another run


@click.command()
@click.argument("assets", nargs=-1)
@click.option("--book", "books", multiple=True, help="Key of a book; may be given several times.")
@click.option("--all", "everything", is_flag=True, help="Everything, models included.")
@click.option("--dry-run", is_flag=True, help="Say what the teacher would be asked, and its cost.")
@pass_asked
def run(
    asked: Asked, assets: tuple[str, ...], books: tuple[str, ...], everything: bool, dry_run: bool
) -> None:
    """Build assets; what is current already is reused.

    Without words: books, sets and marts, but nothing that loads a model. With --book alone: the
    book assets of that book. ASSET is the name of an asset, or books, sets, models, marts. What it
    needs and was never built, or is stale, is built first.
    """
    from booktune_assets.chain.house import PER_BOOK, House

    if assets and everything:
        raise click.UsageError("Name assets, or say --all, not both.")
    house = House.open(asked.settings)
    names = chosen_assets(assets, everything=everything, only_books=bool(books))
    keys = _chosen_books(house, books)
    names, keys = _with_needed(
        house, names, keys, "would build first" if dry_run else "also builds"
    )
    per_book = [name for name in names if name in PER_BOOK]
    if dry_run:
        say_plan(house, _chosen_books(house, books))
        return
    if per_book and not keys:
        raise click.UsageError("The shelf is empty: booktune add FILE, or booktune init --sample.")
    try:
        summary = _execute(asked.settings, names, keys if per_book else None)
    except KeyboardInterrupt:
        click.echo("\nstopped; run again to go on: what is built is kept", err=True)
        raise click.exceptions.Exit(STOPPED) from None
    say_summary(asked.settings, summary)
    say_results(house, names, summary)
    if not summary.ok:
        raise click.exceptions.Exit(code_of(summary))


def _with_needed(
    house: House, names: list[str], keys: list[str], verb: str
) -> tuple[list[str], list[str]]:
    """Assets and books with all that has to be built before, which is said."""
    from booktune_assets.chain.house import PER_BOOK
    from booktune_assets.chain.needs import left_out, never_built, stale_above

    if needed := never_built(house, names, keys):
        names = _in_order({*names, *needed})
        told = ", ".join(name for name in names if name in needed)
        click.echo(f"{verb} what was never built and is needed: {told}", err=True)
    if out := left_out(house, names, keys):
        told = f"not in the sets, for it was never built: {', '.join(out)}: booktune run"
        click.echo(clean(f"warning: {told}"), err=True)
    stale = {
        name: own for name, own in stale_above(house, names, keys).items() if name not in names
    }
    if stale:
        late = {key for own in stale.values() for key in own}
        of_books = f" (changed: {', '.join(key for key in keys if key in late)})" if late else ""
        told = ", ".join(_in_order(set(stale)))
        click.echo(clean(f"{verb} what is stale and is needed: {told}{of_books}"), err=True)
        if not set(names) & set(PER_BOOK):  # other books stand: what failed is not tried again
            keys = [key for key in keys if key in late]
        names = _in_order({*names, *stale})
    return names, keys


def code_of(summary: RunSummary) -> int:
    """3 when only services failed: the same command again may do; else 1."""
    codes = {exit_code(outcome.error) for outcome in summary.failed if outcome.error}
    return DOWN if codes == {DOWN} and not summary.broken else PROBLEMS


def chosen_assets(
    words: Sequence[str], *, everything: bool = False, only_books: bool = False
) -> list[str]:
    """Asset names for the words of the command line, in the order of the chain."""
    from booktune_assets.chain.house import BOOK_STAGES, MODEL_STAGES, SET_STAGES, SIDE_STAGES
    from booktune_assets.errors import BookError, Code

    groups = {
        "books": BOOK_STAGES,
        "sets": SET_STAGES,
        "models": MODEL_STAGES,
        "marts": _mart_names(),
    }
    every = [name for group in groups.values() for name in group]
    if everything:
        return every
    every += SIDE_STAGES  # only by name: nothing is made from them
    if not words:
        words = ("books",) if only_books else ("books", "sets", "marts")
    wanted: set[str] = set()
    for word in words:
        if word not in groups and word not in every:
            known = ", ".join([*every, *groups])
            raise BookError(Code.UNKNOWN_ASSET, f"Choose from: {known}", asset=word)
        wanted |= set(groups.get(word, (word,)))
    if wanted & set(groups["marts"]):
        wanted |= set(groups["marts"])  # one file: they are built together
    return [name for name in every if name in wanted]


def _in_order(names: set[str]) -> list[str]:
    """In the order of the chain; marts last."""
    from booktune_assets.chain.house import BOOK_STAGES, MODEL_STAGES, SET_STAGES, SIDE_STAGES

    every = (*BOOK_STAGES, *SET_STAGES, *MODEL_STAGES, *_mart_names(), *SIDE_STAGES)
    return [name for name in every if name in names]


def say_results(house: House, names: Sequence[str], summary: RunSummary | None = None) -> None:
    """Where what was built is: sets, adapter, report with its main numbers, marts.

    What this run (``summary``) was to build and did not is of an earlier one, and said to be.
    """
    outcomes = summary.outcomes if summary else ()
    built = {outcome.asset for outcome in outcomes if outcome.status != "failed"}
    for asset in names:
        receipt = _newest(house, asset) if asset in _RESULTS else None
        if receipt is not None:
            say, what = _RESULTS[asset]
            old = summary is not None and asset not in built
            say(house, receipt, f"  (earlier {what}, not rebuilt)" if old else "")
    if any(name in names for name in _mart_names()):
        from booktune_assets.warehouse.build import marts_state

        now, rows = marts_state(house.settings)
        if now == "current":
            click.echo(f"marts     {clean(house.settings.warehouse)}  ({rows} rows)")


def _say_set(house: House, receipt: Receipt, note: str) -> None:
    from booktune_assets.chain.exports import exported
    from booktune_assets.page.write import page_of

    files = exported(house, receipt)
    rows = receipt.tables[receipt.asset].rows
    click.echo(
        f"data set  {receipt.key}  {rows} {receipt.asset.removesuffix('_set')} examples{note}"
    )
    for folder in dict.fromkeys(file.parent for file, there in files.items() if there):
        here = ", ".join(
            file.name for file, there in files.items() if there and file.parent == folder
        )
        click.echo(f"          {clean(folder)}  ({clean(here)})")
    if page := page_of(house.settings, receipt):
        click.echo(f"page      {clean(page)}")
    if not all(files.values()):
        click.echo(f"          export files are missing: booktune run {receipt.asset}")


def _say_adapter(house: House, receipt: Receipt, note: str) -> None:
    folder = house.lake.folder("lora_adapter", receipt.key) / "adapter"
    gone = "" if folder.is_dir() else "  (its files are gone: booktune run lora_adapter)"
    click.echo(f"adapter   {clean(folder)}{gone}{note}")


def _say_report(house: House, receipt: Receipt, note: str) -> None:
    from booktune_assets.page.evaluations import fresh_reports, write_index

    for found in fresh_reports(house.settings)[:1]:
        click.echo(f"report    {clean(found.path)}{note}")
        click.echo(f"adapters  {clean(write_index(house.settings))}")
    summary = receipt.notes.get("summary")
    for line in summary if isinstance(summary, list) else []:
        click.echo(f"          {clean(line)}")


_RESULTS: dict[str, tuple[Callable[[House, Receipt, str], None], str]] = {
    "sharegpt_set": (_say_set, "set"),
    "alpaca_set": (_say_set, "set"),
    "lora_adapter": (_say_adapter, "adapter"),
    "eval_report": (_say_report, "report"),
}


def _mart_names() -> tuple[str, ...]:
    from booktune_assets.warehouse import marts

    return tuple(mart.name for mart in marts())


def _newest(house: House, asset: str) -> Receipt | None:
    key = house.lake.current_key(asset)
    return house.lake.receipt(asset, key) if key else None


def _chosen_books(house: House, wanted: Sequence[str]) -> list[str]:
    """Keys of the shelf, or those asked for; a key that nobody knows is an error."""
    return [house.shelf.book(key).key for key in wanted] or [
        book.key for book in house.shelf.books()
    ]


def _execute(settings: Settings, names: list[str], keys: list[str] | None) -> RunSummary:
    from booktune_assets import progress
    from booktune_assets.assets.execute import run_assets
    from booktune_assets.chain.house import PER_BOOK

    staged = [name for name in names if name in PER_BOOK]
    single = set(names) - set(staged) - set(_mart_names())
    marts = bool(set(names) & set(_mart_names()))  # one build, whatever part is asked for
    builds = len(staged) * len(keys or ()) + len(single) + marts
    with Ticker(builds) as ticker, progress.sink(ticker.tick):
        return run_assets(settings, names, keys, on_outcome=ticker.outcome, on_tick=ticker.tick)


@dataclass
class Ticker:
    """The live line: one that is rewritten on a terminal, plain lines elsewhere."""

    builds: int
    done: int = 0
    _said: dict[str, float] = field(default_factory=dict)
    _over: set[str] = field(default_factory=set)
    _ended: set[tuple[str, str]] = field(default_factory=set)
    _status: Any = None

    def __enter__(self) -> Ticker:
        if sys.stderr.isatty():
            self._status = console(errors=True).status("starting", spinner="line")
            self._status.start()
        elif self.builds:
            click.echo(f"starting: {counted(self.builds, 'build')}", err=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def tick(self, tick: Tick) -> None:
        """What is being done, how far, how long to go."""
        place = f"[{self.done}/{self.builds}] " if self.builds else ""
        words = clean(f"{place}{tick.words()}")
        if self._status:
            from rich.text import Text

            self._status.update(Text(words))
            return
        now = time.monotonic()
        last = self._said.get(tick.what)
        over = tick.done >= tick.total > 0
        pause = PLAIN_SECONDS if tick.total else WAIT_SECONDS
        # the end of a first round at once; later rounds (of a stage after another) by the clock
        if last is None or now - last >= pause or (over and tick.what not in self._over):
            self._said[tick.what] = now
            click.echo(words, err=True)
        if over:
            self._over.add(tick.what)

    def outcome(self, outcome: Outcome) -> None:
        """A build has ended; what was reused is only counted."""
        self._ended.add((outcome.asset, outcome.key))
        self.done = len(self._ended)  # a step that is tried again counts once
        told = "held" if is_held(outcome) else outcome.status
        words = f"[{self.done}/{self.builds}] {outcome.asset} {outcome.key}: {told}"
        if outcome.status == "made":
            words += f" in {outcome.seconds:.1f} s"
        elif outcome.error is not None:
            words += f" ({outcome.error.code.value})"
        if self._status:
            self._status.update(clean(words))
        if outcome.status != "reused" and not (self._status and outcome.status == "made"):
            click.echo(clean(words), err=True)


def cut_words(counts: Mapping[str, int]) -> list[str]:
    """How many examples training.seq_len cut, if any."""
    cut, out = counts.get("cut", 0), counts.get("left_out", 0)
    of = counts.get("examples_all", counts.get("examples", 0) + out)
    if not cut and not out:
        return []
    return [f"training.seq_len cut {cut} of {of} examples at their end; {out} were left out"]


def say_summary(settings: Settings, summary: RunSummary) -> None:
    """How many builds were made, reused and failed, and each failure with its remedy."""
    from booktune_assets.chain.house import House

    held = sum(is_held(outcome) for outcome in summary.outcomes)
    columns = ("made", "reused", "failed", *(("held",) if held else ()))
    counts: dict[str, dict[str, int]] = {}
    for outcome in summary.outcomes:
        row = counts.setdefault(outcome.asset, dict.fromkeys(columns, 0))
        row["held" if is_held(outcome) else outcome.status] += 1
    rows = [[asset, *row.values()] for asset, row in counts.items()]
    if rows:
        say_table(("asset", *columns), rows, right=columns)
    for outcome in summary.failed:
        word = "held" if is_held(outcome) else "failed"
        click.echo(f"{word}: {clean(outcome.asset)} {clean(outcome.key)}: {clean(outcome.error)}")
    house = House.open(settings)
    for outcome in summary.outcomes:
        for words in _told(house, outcome):
            click.echo(clean(words))
    if words := _spent(house, summary):
        click.echo(clean(words))
    for run_id in summary.broken:
        click.echo(f"failed: {clean(_why_broken(settings, run_id))} [run {run_id}]")
    if summary.skipped:
        click.echo(f"not run, for what they need failed: {', '.join(summary.skipped)}")
    ended = "done" if summary.ok else "done, with failures"
    if held and held == len(summary.failed) and not summary.broken:
        ended = f"done, {held} book{'s' if held > 1 else ''} held"
    click.echo(f"{ended} in {summary.seconds:.1f} s")


def _spent(house: House, summary: RunSummary) -> str:
    """What the teacher took so far, where a build may have asked one, however it ended."""
    from booktune_assets.chain.plan import ledger

    settings = house.settings
    asking = [
        *(["concept_graph"] if settings.concepts.refine else []),
        *(["instruction_pairs"] if settings.pairs.recipes else []),
    ]
    asked = any(one.asset in asking and one.status != "reused" for one in summary.outcomes)
    return ledger(house) if asked else ""


def _told(house: House, outcome: Outcome) -> list[str]:
    """What a reader should know about one build, in lines."""
    from booktune_assets.chain.followed import waiting_words
    from booktune_assets.chain.remembered import forgotten
    from booktune_assets.chain.teacher import teacher_warnings, teacher_words
    from booktune_assets.chain.turned import strengths
    from booktune_assets.lineage_rehearsal import rehearsal_missing

    receipt = outcome.receipt
    if outcome.asset == "concept_graph" and receipt:
        return [f"{outcome.key}: {words}" for words in teacher_warnings(receipt)]
    if outcome.status != "made":
        return []
    if outcome.asset == "instruction_pairs":
        pairs = other_language(receipt) + teacher_words(receipt)
        return [f"{outcome.key}: {words}" for words in pairs]
    said: list[str] = []
    if outcome.asset == "raw_books" and receipt:
        said = read_warnings(house, receipt)
    elif outcome.asset == "sharegpt_set" and receipt:
        idle = waiting_words(receipt.counts.get("review_idle", 0))
        return [f"warning: {idle}"] if idle else []
    elif outcome.asset == "rehearsal_set" and receipt:
        said = rehearsal_missing(receipt)
    elif outcome.asset == "lora_adapter" and receipt:
        template = receipt.notes.get("template")
        said = [*cut_words(receipt.counts), *([str(template)] if template else [])]
        known = strengths(house.lake, receipt.key)
        said += [known.words()] if known.found != known.applied else []
        said += forgotten(receipt)
    return [f"warning: {outcome.key}: {words}" for words in said]


def is_held(outcome: Outcome) -> bool:
    """Is it a book that may not be trained on, rather than one that does not work?"""
    from booktune_assets.errors import Code

    return outcome.error is not None and outcome.error.code is Code.LICENCE_HELD


def _why_broken(settings: Settings, run_id: str) -> str:
    """What a run said that failed outside of a build (the marts, a broken instance)."""
    from dagster import DagsterEventType

    from booktune_assets.assets.instance import open_instance

    with open_instance(settings) as instance:
        for entry in instance.all_logs(run_id, of_type=DagsterEventType.STEP_FAILURE):
            data = entry.get_dagster_event().step_failure_data
            told = data.user_failure_data
            if told and told.description:
                return told.description
            if data.error:
                return (data.error.cause or data.error).message.strip()
    return "the run ended before any build; its log is in the Dagster UI"
