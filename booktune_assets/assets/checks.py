"""Asset checks: what a reader of the data may rely on, read back from the lake.

Belongs here: rules over finished tables, at most four per asset. Does not: schema, keys and ranges
(the write check of ``contracts.py`` refuses those before anything is published).

The checks of the book assets run inside the chain's step, once per book; those of the sets stand
alone, and the two that read a training file stop a run before it pays for training.
"""

import warnings
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import dagster as dg
import polars as pl

from booktune_assets.assets.partitions import BOOKS
from booktune_assets.assets.stages import failure_metadata
from booktune_assets.chain.house import BOOK_STAGES, House, Outcome
from booktune_assets.chain.remembered import forgotten, remembered
from booktune_assets.pairs.apart import repeated_sections, told_in_training
from booktune_assets.training.served import vllm_problems

__all__ = [
    "BOOK_CHECKS",
    "alpaca_apart",
    "evaluate_book_checks",
    "served_by_vllm",
    "sharegpt_apart",
    "stages_remembered",
    "valid_alpaca",
    "valid_sharegpt",
]

SAMPLE = 5
FAILED_PAGES_MAX = 0.05


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule looked at and which keys broke it."""

    looked_at: int
    broken: list[str]
    allowed: float = 0.0

    @property
    def passed(self) -> bool:
        """No more than the allowed share is broken."""
        return len(self.broken) <= self.allowed * self.looked_at

    @property
    def metadata(self) -> dict[str, int | str]:
        """Counts and a few of the keys."""
        return {
            "looked_at": self.looked_at,
            "broken": len(self.broken),
            "sample": ", ".join(self.broken[:SAMPLE]),
        }


def _pages_read(house: House, book: str) -> Finding:
    pages = house.lake.read("raw_books__pages", book)
    failed = pages.filter(pl.col("status") == "failed")["page"].cast(pl.String).to_list()
    return Finding(pages.height, failed, FAILED_PAGES_MAX)


def _characters_conserved(house: House, book: str) -> Finding:
    """What the reader counted, and whether the blocks still hold what it says it kept."""
    pages = house.lake.read("raw_books__pages", book)
    wrong = pages.filter((pl.col("lost") > 0) | (pl.col("doubled") > 0))["page"].to_list()
    blocks = house.lake.read("raw_books__blocks", book).filter(pl.col("kind") != "running_head")
    spans = house.lake.read("raw_books__spans", book)
    if pages.height == 1:
        spans = spans.with_columns(page=pl.lit(pages["page"][0], spans.schema["page"]))
    stands = spans.drop_nulls("page").join(blocks.select("block_id", "text"), on="block_id")
    if stands.height:  # the parts of an EPUB have no numbers
        text = pl.col("text").str.slice(
            pl.col("char_start"), pl.col("char_end") - pl.col("char_start")
        )
        held = stands.group_by("page").agg(
            held=text.str.replace_all(r"\s", "").str.len_chars().sum()
        )
        short = pages.join(held, on="page", how="left")
        wrong += short.filter(pl.col("held").fill_null(0) < pl.col("kept"))["page"].to_list()
    return Finding(pages.height, [str(page) for page in sorted(set(wrong))])


def _blocks_conserved(house: House, book: str) -> Finding:
    """Each block that was read stands once in a section, and once in the units."""
    read = house.lake.read("raw_books__blocks", book).filter(pl.col("kind") != "running_head")
    stand = house.lake.read("sections__blocks", book).select("block_id", there="text")
    pieces = house.lake.read("sections__pieces", book)
    taken = pieces.group_by("block_id").agg(
        (pl.col("char_end") - pl.col("char_start")).sum().alias("taken")
    )
    joined = read.select("block_id", "text").join(
        stand.group_by("block_id").agg(pl.col("there").first(), times=pl.len()),
        on="block_id", how="left",
    ).join(taken, on="block_id", how="left")  # fmt: skip
    wrong = joined.filter(
        pl.col("there").ne_missing(pl.col("text"))
        | (pl.col("times") != 1)
        | (pl.col("taken").fill_null(0) != pl.col("text").str.len_chars())
    )
    return Finding(read.height, wrong["block_id"].to_list())


def _blocks_stand_in_text(house: House, book: str) -> Finding:
    blocks = house.lake.read("sections__blocks", book)
    return _verbatim(house, book, blocks, "text", "block_id")


def _quotes_are_verbatim(house: House, book: str) -> Finding:
    evidence = house.lake.read("instruction_pairs__evidence", book)
    return _verbatim(house, book, evidence, "quote", "pair_id")


def _evidence_has_a_place(house: House, book: str) -> Finding:
    """Each quote's block stands somewhere: evidence → sections → pages."""
    evidence = house.lake.read("instruction_pairs__evidence", book)
    spans = house.lake.read("sections__spans", book)
    placed = spans.filter(pl.col("page").is_not_null() | pl.col("href").is_not_null())
    lost = evidence.join(placed, on=["section_id", "block_id"], how="anti")
    return Finding(evidence.height, lost["pair_id"].unique().sort().to_list())


def _verbatim(house: House, book: str, quotes: pl.DataFrame, column: str, key: str) -> Finding:
    """Rows of ``quotes`` whose text is not what stands between their offsets."""
    texts = house.lake.read("sections", book).select("section_id", source="text")
    there = pl.col("source").str.slice(
        pl.col("char_start"), pl.col("char_end") - pl.col("char_start")
    )
    joined = quotes.join(texts, on="section_id", how="left")
    wrong = joined.filter(there.ne_missing(pl.col(column)))
    return Finding(quotes.height, wrong[key].to_list())


@dataclass(frozen=True, slots=True)
class _BookRule:
    asset: str
    says: str
    find: Callable[[House, str], Finding]
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR


_RULES: dict[str, _BookRule] = {
    "pages_read": _BookRule(
        "raw_books",
        f"At most {FAILED_PAGES_MAX:.0%} of the pages could not be read",
        _pages_read,
        dg.AssetCheckSeverity.WARN,
    ),
    "characters_conserved": _BookRule(
        "raw_books",
        "Every character of a page is kept, moved, repaired or dropped for a reason: "
        "none is lost or doubled",
        _characters_conserved,
    ),
    "blocks_conserved": _BookRule(
        "sections",
        "Every block that was read stands once in a section and once in the units",
        _blocks_conserved,
    ),
    "blocks_stand_in_text": _BookRule(
        "sections", "Every block's text is found at its offsets", _blocks_stand_in_text
    ),
    "quotes_are_verbatim": _BookRule(
        "instruction_pairs", "Every quote is found at its offsets", _quotes_are_verbatim
    ),
    "evidence_has_a_place": _BookRule(
        "instruction_pairs",
        "Every quote leads to a page or a part of the book",
        _evidence_has_a_place,
    ),
}

with warnings.catch_warnings():
    warnings.simplefilter("ignore", dg.PreviewWarning)  # partitioned checks, said in the docs
    BOOK_CHECKS = [
        dg.AssetCheckSpec(name, asset=rule.asset, description=rule.says, partitions_def=BOOKS)
        for name, rule in _RULES.items()
    ]


def evaluate_book_checks(
    book: str,
    wanted: Collection[dg.AssetCheckKey],
    house: House,
    failed: Outcome | None = None,
) -> Iterator[dg.AssetCheckEvaluation]:
    """The wanted checks of one book, for the assets of it that are built.

    From the stage that ``failed`` on nothing can be checked: those are answered with its code and
    remedy. Left unanswered, they would turn the page of the check red for all books of the run.
    """
    lost = BOOK_STAGES[BOOK_STAGES.index(failed.asset) :] if failed else ()
    for name, rule in _RULES.items():
        if dg.AssetCheckKey(dg.AssetKey(rule.asset), name) not in wanted:
            continue
        if failed and failed.error and rule.asset in lost:
            error = failed.error
            says = f"not checked, {failed.asset} failed: {error.code.value}"
            passed, values = False, failure_metadata(error)
        elif house.lake.receipt(rule.asset, book) is None:
            continue
        else:
            finding = rule.find(house, book)
            says, passed, values = rule.says, finding.passed, _values(finding)
        yield dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(rule.asset),
            check_name=name,
            passed=passed,
            severity=rule.severity,
            metadata={"book": dg.MetadataValue.text(book), **values},
            target_materialization_data=None,
            description=f"{book}: {says}",
            blocking=False,
            partition=book,
        )


@dg.asset_check(asset="sharegpt_set", blocking=True, description="A trainer can read every row")
def valid_sharegpt(house: dg.ResourceParam[House]) -> dg.AssetCheckResult:
    """People and model take turns, the person first, and nobody says nothing."""
    frame = _current(house, "sharegpt_set")
    broken = [
        str(row["example_id"])
        for row in frame.iter_rows(named=True)
        if not _taking_turns(row["conversations"])
    ]
    return _checked(Finding(frame.height, broken))


@dg.asset_check(asset="alpaca_set", blocking=True, description="A trainer can read every row")
def valid_alpaca(house: dg.ResourceParam[House]) -> dg.AssetCheckResult:
    """Instruction and output hold more than white space."""
    frame = _current(house, "alpaca_set")
    blank = pl.any_horizontal(
        pl.col(name).str.strip_chars().str.len_chars() == 0 for name in ("instruction", "output")
    )
    return _checked(Finding(frame.height, frame.filter(blank)["example_id"].to_list()))


def _apart(asset: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset, name=f"{asset}_heldout_apart", blocking=True,
        description="No held-out answer or section stands in what is trained on",
    )  # fmt: skip
    def check(house: dg.ResourceParam[House]) -> dg.AssetCheckResult:
        """Letters and digits of answers against examples, and of whole sections against sections.

        Blocking, so that no adapter is trained on what its evaluation asks.
        """
        frame = _current(house, asset)
        return _checked(Finding(frame.height, told_in_training(frame) + _both(house, frame)))

    return check


def _both(house: House, examples: pl.DataFrame) -> list[str]:
    """Held-out sections that are trained on, or whose whole text stands in one that is."""
    books = examples["book_id"].unique().sort().to_list()
    sides = examples.select("section_id", "split").unique().rows()
    train = {section for section, split in sides if split == "train"}
    held = {section for section, split in sides if split == "heldout"}
    texts = dict(house.lake.read_all("sections", books).select("section_id", "text").rows())
    return sorted((held & train) | repeated_sections(texts, held, train))


sharegpt_apart, alpaca_apart = _apart("sharegpt_set"), _apart("alpaca_set")


@dg.asset_check(asset="lora_adapter", description="vLLM serves the adapter as it was trained")
def served_by_vllm(house: dg.ResourceParam[House]) -> dg.AssetCheckResult:
    """Rank, keys and options of the adapter's files; a warning, because peft loads it anyway."""
    key = house.lake.current_key("lora_adapter") or "lora_adapter"
    broken = vllm_problems(house.lake.folder("lora_adapter", key) / "adapter")
    return _checked(Finding(1, broken), severity=dg.AssetCheckSeverity.WARN)


@dg.asset_check(
    asset="lora_adapter", description="Texts of earlier stages are known as when those ended"
)
def stages_remembered(house: dg.ResourceParam[House]) -> dg.AssetCheckResult:
    """By the losses that each stage wrote down of its pool; a warning: training did its work."""
    key = house.lake.current_key("lora_adapter")
    receipt = house.lake.receipt("lora_adapter", key) if key else None
    rows = [row for row in remembered(receipt) if row["after"] == "books"] if receipt else []
    found = Finding(len(rows), forgotten(receipt) if receipt else [])
    return _checked(found, severity=dg.AssetCheckSeverity.WARN)


def _taking_turns(turns: list[dict[str, str]]) -> bool:
    speakers = [turn["from"] for turn in turns]
    wanted = ["human", "gpt"] * (len(turns) // 2)
    return bool(turns) and speakers == wanted and all(turn["value"].strip() for turn in turns)


def _current(house: House, asset: str) -> pl.DataFrame:
    key = house.lake.current_key(asset)
    return house.lake.read(asset, key or asset)


def _checked(
    finding: Finding,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
    **extra: dg.MetadataValue,
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=finding.passed, severity=severity, metadata={**_values(finding), **extra}
    )


def _values(finding: Finding) -> dict[str, dg.MetadataValue]:
    return {
        name: dg.MetadataValue.int(value)
        if isinstance(value, int)
        else dg.MetadataValue.text(value)
        for name, value in finding.metadata.items()
    }
