"""The page is one file, the same bytes each time, harmless, and reads in order."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from booktune_assets.evaluation.report import ReportData, headline, render_report
from booktune_assets.evaluation.svg import bars, curve
from booktune_assets_tests.evaluation.echo import spec_of

GOLDEN = Path(__file__).parent / "golden" / "report.html"
EVIL = "<script>alert('x')</script> & \"quotes\" \x00 \udcff </pre>"


def suite(name: str, verdict: str, **more: object) -> dict[str, object]:
    kinds = {
        "book_sections": ("bits_per_byte", "bits per byte", "lower"),
        "general_text": ("bits_per_byte", "bits per byte", "lower"),
        "heldout_answers": ("chrf", "points", "higher"),
        "problems": ("pass@1", "points", "higher"),
    }
    metric, unit, better = kinds[name]
    return {"suite": name, "metric": metric, "unit": unit, "better": better, "n": 24,
            "verdict": verdict, **more}  # fmt: skip


def data(text: str = "plain") -> ReportData:
    figures = {"base": 1.92, "tuned": 1.71, "diff": -0.21, "low": -0.3, "high": -0.1}
    items = [
        {"suite": name, "metric": suite(name, "")["metric"], "item_id": f"{name}-{n}",
         "arm": arm, "score": score + n * shift,
         "weight": 1.0, "prompt": text, "output": f"{text} {arm}", "reference": text,
         "status": "ok"}
        for name, score in (("heldout_answers", 40.0), ("problems", 0.0))
        for n in range(5)
        for arm, shift in (("base", 1.0), ("tuned", 1.5 - n / 2))
    ]  # fmt: skip
    spec = spec_of(Path("/nowhere"))
    return ReportData(
        eval_id=spec.eval_id, adapter_id=spec.adapter_id, base="echo", revision="r1",
        dataset_id=spec.dataset_id,
        suites=[
            suite("book_sections", "better by 0.21 bits per byte (95 % 0.10 to 0.30, n=24)",
                  **figures),
            suite("heldout_answers", "no clear difference (95 % −1 to 2 points, n=24)",
                  base=40.0, tuned=40.5, diff=0.5, low=-1.0, high=2.0),
            suite("problems", "skipped: NO_SANDBOX", n=0),
        ],
        items=items, steps=spec.training_steps, composition=spec.composition,
        settings={"seed": 0}, date="2026-01-02",
    )  # fmt: skip


class Outline(HTMLParser):
    """Tags, links and loads of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "data")]
        if tag not in ("meta", "line", "circle", "rect", "polygon", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()


def test_golden() -> None:
    page = render_report(data())
    if not GOLDEN.exists():
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(page, encoding="utf-8")
        pytest.fail("the golden page was missing and has been written: look at it, then commit it")
    assert page == GOLDEN.read_text(encoding="utf-8"), (
        "the page changed: bump evaluation.run.VERSION, look at the page, then delete the golden "
        "file and run this test again"
    )


def test_self_contained_and_well_formed() -> None:
    page = render_report(data())
    seen = Outline(page)
    assert seen.loads == []
    assert not {"script", "link", "iframe", "img"} & set(seen.tags)
    assert "url(" not in page and "@import" not in page
    assert seen.open == []
    assert page.count("<table") == page.count("<caption")
    assert "prefers-color-scheme" in page
    for wanted in (data().eval_id, data().adapter_id, data().dataset_id, "booktune trace"):
        assert wanted in page


def test_everything_from_books_and_models_is_escaped() -> None:
    page = render_report(data(EVIL))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x00" not in page
    assert Outline(page).open == []


def test_without_its_style_sheet_the_verdict_comes_first() -> None:
    bare = re.sub(r"<style>.*?</style>", "", render_report(data()), flags=re.S)
    text = " ".join(re.sub(r"<[^>]+>", " ", bare).split())
    assert text.index("The adapter makes the model better") < text.index("bits per byte")


def test_giant_outputs_do_not_make_a_giant_page() -> None:
    assert len(render_report(data("x" * 1_000_000)).encode()) < 2_000_000


def test_headline_is_honest() -> None:
    assert headline(data().suites) == (
        "The adapter makes the model better on held-out sections; there is no clear difference on "
        "held-out questions; programming problems had too few items to tell, or were not run."
    )
    assert headline([suite("general_text", "worse by 0.1")]).startswith(
        "The adapter makes the model worse on general prose (package READMEs)"
    )
    assert headline([]) == "Nothing was run."


@pytest.mark.parametrize("values", [[], [(1.0, 2.0)]])
def test_no_curve_without_points(values: list[tuple[float, float]]) -> None:
    assert curve(values, "t", "x", "y") == ""


def test_flat_curves_and_empty_bars() -> None:
    assert "<polyline" in curve([(1.0, 2.0), (2.0, 2.0)], "t", "x", "y")
    assert "<polyline" in curve([(1.0, 0.0), (2.0, 0.0)], "t", "x", "y")
    assert bars({}, "t") == ""
    assert bars({"a": 0}, "t") == ""
