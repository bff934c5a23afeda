"""The page is one file, the same bytes each time, harmless, and reads in order."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from booktune_assets.evaluation.answered import Answered
from booktune_assets.evaluation.report import ReportData, failing, render_report
from booktune_assets.evaluation.report_failures import SHOWN
from booktune_assets.evaluation.report_items import named
from booktune_assets.evaluation.report_retrieval import four_cells
from booktune_assets.evaluation.seen import Example, Seen
from booktune_assets.evaluation.suite import card
from booktune_assets.evaluation.svg import Line, bars, curve, spark
from booktune_assets_tests.evaluation.echo import spec_of

GOLDEN = Path(__file__).parent / "golden" / "report.html"
VOID = {"meta", "line", "circle", "rect", "polygon", "polyline", "input", "br"}
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
         "status": "ok" if name == "heldout_answers" or n % 2 else "compile_error",
         "concepts": ["GenServer", text] if n else []}
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
            suite("general_text", "not shown", base=1.0, tuned=1.004, diff=0.004, low=-0.006,
                  high=0.014, kept="unclear", mdd=0.02, p=0.4, p_holm=0.4),
        ],
        items=items, steps=spec.training_steps, composition=spec.composition,
        strengths=[{"alpha": alpha, "kind": kind, "loss": 3 - alpha} for alpha in (0.0, 1.0)
                   for kind in ("new", "old")],
        stages=[
            {"stage": stage, "place": place, "suite": task, "taught_by": by, "n": 24,
             "metric": "bits_per_byte", "score": score, "verdict": told}
            for task, by, scores in (("general_text", "general", (1.2, 1.0, 1.1)),
                                     ("book_sections", "books", (1.9, 1.8, 1.5)))
            for place, stage, score, told in zip(
                (-1, 0, 1), ("base", "general", "books"), scores,
                (None, None, "not kept within 0.01" if by == "general" else None), strict=True,
            )
        ],
        figures=[
            {"figure": name, "value": value, "low": low, "high": high, "unit": "bits per byte",
             "n": 24, "clusters": 24, "verdict": "in words"}
            for name, value, low, high in (
                ("average", 1.3, 1.2, 1.4), ("backward", -0.1, -0.15, -0.04),
                ("forgotten", 0.1, None, None), ("gain", 0.3, 0.2, 0.41))
        ],
        spent=[{"suite": "heldout_answers", "arm": arm, "calls": 5, "untimed": 0,
                "tokens_read": 1200, "tokens_written": 300, "seconds": 2.5}
               for arm in ("base", "tuned")],
        seen=[
            Seen("GenServer", "gen server", 9, 1, 3, (
                Example("ex_1", "pair_1", "explain_code", f"What does {text} do?", f"Book {text}",
                        "Servers", "page 3", "crops/0.png"),
                Example("ex_2", "pair_2", "define", "What is it?", "Book", "Servers", "page 4",
                        no_crop="STALE_INPUT"),
            )),
            Seen(text, "", 0, 0),
        ],
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
        if tag not in VOID:
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
    assert seen.loads == ["crops/0.png"], "pictures of pages beside it, and nothing else"
    assert not {"link", "iframe", "img"} & set(seen.tags)
    assert seen.tags.count("script") == 1 and "<script>\n" in page
    script = page.split("<script>")[1]
    assert not re.search(r"fetch|XMLHttp|import|https?:|innerHTML|eval", script)
    assert "url(" not in page and "@import" not in page
    assert seen.open == []
    assert page.count("<table") == page.count("<caption")
    assert "prefers-color-scheme" in page
    for wanted in (data().eval_id, data().adapter_id, data().dataset_id, "booktune trace"):
        assert wanted in page


def test_everything_from_books_and_models_is_escaped() -> None:
    page = render_report(data(EVIL))
    assert page.count("<script") == 1 and "alert(" not in page.split("<script>")[1]
    assert "&lt;script&gt;" in page
    assert "\x00" not in page
    assert Outline(page).open == []


def test_without_its_style_sheet_the_verdicts_come_first() -> None:
    bare = re.sub(r"<style>.*?</style>", "", render_report(data()), flags=re.S)
    text = " ".join(re.sub(r"<[^>]+>", " ", bare).split())
    at = [text.index(words) for words in (
        "Something was learned: better on held-out sections",
        "Not shown to be kept: general prose (package READMEs)", "Differences, and how",
        "What got worse", "How answers ended", "What failing concepts were taught by",
        "What each stage kept", "The training behind it", "What it cost",
    )]  # fmt: skip
    assert at == sorted(at)


def test_the_margin_is_drawn_for_what_was_to_be_kept_and_few_items_are_said() -> None:
    page = render_report(data())
    kept = page.split("<h3>Kept</h3>")[1].split("</section>")[0]
    learned = page.split("<h3>Learned</h3>")[1].split("</section>")[0]
    assert "stroke-dasharray" in kept and "stroke-dasharray" not in learned
    assert "not shown within 0.01" in kept and "could be seen: 0.02" in kept
    assert "not run: NO_SANDBOX" in learned
    few = suite("problems", "too few items to tell (n=3)", n=3, base=0.0, tuned=50.0, diff=50.0)
    told = render_report(replace(data(), suites=[few]))
    assert "too few items" in told and "to tell; their mean is +50.0 points" in told


def test_marks_say_what_was_corrected_and_figures_which_way_they_are_turned() -> None:
    main = suite("problems", "better", base=0.0, tuned=9.0, diff=9.0, low=2.0, high=16.0, p=0.01,
                 p_holm=0.02)  # fmt: skip
    page = render_report(replace(data(), suites=[main, main | {"metric": "idiom", "p_holm": None},
                                                 data().suites[0]]))  # fmt: skip
    first, further, lower = page.split('<div class="line ')[1:4]
    assert "p 0.02<" in first and 'class="hollow"' not in first and "<polygon" in first
    assert "p 0.01, not corrected" in further and 'class="hollow"' in further
    assert "plus is better" in lower and "plus is better" not in first
    told = page.split("All suites. Both arms")[1]
    assert "not turned" in told and "−0.300 to −0.100" in told


def test_cards_say_how_far_they_see_and_what_blindness_gets() -> None:
    rows = [suite("problems", "x"), suite("problems", "x") | {"suite": "otp"}]
    page = render_report(replace(data(), suites=rows))
    for name in ("problems", "otp"):
        assert card(name).size in page and card(name).mdd in page
    assert "Without looking at the question: F1 over patterns 38.3 points, choose 25" in page


def test_passages_and_adapter_are_a_table_of_four() -> None:
    figures = {"chrf_bare": (20.0, 25.0), "chrf_shown": (30.0, 45.0), "chrf_gain": (10.0, 20.0)}
    rows = [
        suite("heldout_answers", "x") | {"suite": "retrieval", "metric": name, "base": base,
                                         "tuned": tuned, "diff": tuned - base}
        for name, (base, tuned) in figures.items()
    ]  # fmt: skip
    cells = [re.sub("<.*?>", "|", line) for line in four_cells(rows).split("\n") if "<td" in line]
    told = [[cell for cell in line.split("|") if cell] for line in cells]
    assert told == [
        ["without passages", "20.0", "25.0", "+5.0 (+25 %)"],
        ["with passages", "30.0", "45.0", "+15.0 (+50 %)"],
        ["passages bring", "+10.0 (+50 %)", "+20.0 (+80 %)", "both together +25.0 (+125 %)"],
    ]
    assert "Taught or shown" in render_report(replace(data(), suites=rows))
    assert four_cells(data().suites) == "" and four_cells([rows[0] | {"tuned": None}]) == ""
    nothing = four_cells([row | {"base": 0.0} for row in rows])
    assert "+25.0</td>" in nothing, "of nothing there is no share"


def test_failures_are_grouped_and_carry_what_the_filter_asks_for() -> None:
    page = render_report(data())
    cases = page.split('<div id="cases">')[1].split("<h2")[0]
    assert cases.count('class="case"') == 3
    assert cases.count('data-verdict="compile_error"') == 3
    assert cases.count('data-concept="GenServer|plain"') == 2
    assert cases.count('data-failed="both"') == 3
    assert '<form id="filter" hidden>' in page, "no controls without the script that serves them"
    none = [{**row, "status": "ok"} for row in data().items]
    assert "<script" not in render_report(replace(data(), items=none))


def test_many_failures_stay_few_and_are_counted() -> None:
    items = [
        {"suite": name, "metric": metric, "item_id": f"{name}-{n}", "arm": arm, "score": 0.0,
         "weight": 1.0, "prompt": "p" * 5000, "output": "o" * 5000, "reference": "r" * 5000,
         "status": "wrong", "concepts": [f"concept {n}"]}
        for name, metric, count in (("problems", "pass@1", 3000), ("heldout_answers", "chrf", 40))
        for n in range(count) for arm in ("base", "tuned")
    ]  # fmt: skip
    page = render_report(replace(data(), items=items))
    assert page.count('class="case"') == SHOWN
    assert f"3,040 answers ended in a failure class or without a score; {SHOWN} are shown" in page
    assert page.count('data-suite="heldout_answers"') == 40, "every suite has its turn"
    assert len(page.encode()) < 1_500_000
    assert len(failing(items)) == 40


def test_concepts_lead_to_examples_and_pages() -> None:
    page = render_report(data())
    part = page.split('<h2 id="concepts">')[1].split("<h2")[0]
    assert '<a href="crops/0.png">picture of the page</a>' in part
    assert "9 training examples" in part and "The first 2 of 9" in part
    assert "no picture: STALE_INPUT" in part and "In the books: gen server." in part
    assert "not trained on" in part and "No book of the shelf has a concept of this name." in part
    assert "1 of them was not trained on" in part


@pytest.mark.parametrize(
    ("prompt", "output", "words"),
    [
        ("[1] Lists\n\nA list.\n\nWhat is it?\nSay it in a word.", "x", "<q>What is it?</q>"),
        ("```elixir\nwhat?\n```\nWhat comes out & why?", "x", "<q>What comes out &amp; why?</q>"),
        ("Write a server.\nIt counts.", "x", "<q>Write a server.</q>"),
        ("```elixir\n1 + 1\n```", "x", "<q>```elixir"),
        ("Why " * 40, "x", f"<q>{('Why ' * 40)[:90]}…</q>"),
        ("text", None, "<code>pair_&lt;1&gt;</code>"), (None, "x", "<code>pair_&lt;1&gt;</code>"),
    ],
)  # fmt: skip
def test_an_item_is_named_by_its_question(
    prompt: str | None, output: str | None, words: str
) -> None:
    row = {"prompt": prompt, "output": output}
    one = Answered("heldout_answers", "pair_<1>", "chrf", "points", {"tuned": row}, ())
    assert named(one).startswith(words)


def test_a_model_alone_is_not_called_an_adapter() -> None:
    items = [row for row in data().items if row["arm"] == "base"]
    rows = [suite("problems", "one model, nothing to compare with", base=0.0)]
    page = render_report(replace(data(), items=items, suites=rows))
    assert "What the model can do" in page and "Differences" not in page
    assert 'data-failed="alone"' in page


def test_giant_outputs_do_not_make_a_giant_page() -> None:
    assert len(render_report(data("x" * 1_000_000)).encode()) < 2_000_000


@pytest.mark.parametrize("values", [[], [(1.0, 2.0)]])
def test_no_curve_without_points(values: list[tuple[float, float]]) -> None:
    assert curve(values, "t", "x", "y") == ""


def test_flat_curves_and_empty_bars() -> None:
    assert "<polyline" in curve([(1.0, 2.0), (2.0, 2.0)], "t", "x", "y")
    assert "<polyline" in curve([(1.0, 0.0), (2.0, 0.0)], "t", "x", "y")
    assert bars({}, "t") == ""
    assert bars({"a": 0}, "t") == ""


def test_long_curves_are_thinned_and_others_stand_beside_them() -> None:
    values = [(float(n), 1.0 + n % 7) for n in range(50_000)]
    drawn = curve(values, "t", "x", "y", [Line("held", [(0.0, 3.0), (9.0, 2.0)], "#123", True)])
    assert len(drawn) < 20_000 and drawn.count("<circle") == 2 and ">held</text>" in drawn
    assert spark([1.0], "t") == "" and spark([2.0, 2.0], "t").count("<circle") == 1
