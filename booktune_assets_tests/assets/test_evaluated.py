"""The check of evaluations warns of losses that are shown, and says how sure they are."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import dagster as dg
import pytest

from booktune_assets.assets.checks_evaluation import no_regression, no_step_back
from booktune_assets.assets.evaluated import gains_plot, regression_result
from booktune_assets.assets.metadata import shown
from booktune_assets.chain.house import House, Outcome
from booktune_assets.evaluation.outcomes import FAMILIES
from booktune_assets.evaluation.suite import CARDS, card
from booktune_assets.ids import make_id
from booktune_assets.lake import Lake
from booktune_assets.page.evaluations import write_index
from booktune_assets.schemas import tables_of
from booktune_assets.settings import Settings
from booktune_assets_tests.evaluation.test_outcomes import row
from booktune_assets_tests.page.test_evaluations import publish

GOOD = row("book_sections", -0.3, -0.1, p=0.001, p_holm=0.002)
KEPT = row("general_text", -0.004, 0.006, kept="yes", p_holm=0.6, mdd=0.008)


def test_it_passes_without_a_shown_loss() -> None:
    few = row("general_code", None, None, n=3, diff=0.5, kept="unclear")
    unsure = row("general_code", -0.01, 0.03, kept="unclear", mdd=0.05)
    for rows in ([GOOD, KEPT], [GOOD, KEPT, few], [unsure], []):
        assert regression_result(rows).passed


def test_it_warns_with_interval_n_p_and_margin() -> None:
    lost = row("general_code", 0.02, 0.06, kept="no", p=0.001, p_holm=0.004)
    result = regression_result([GOOD, KEPT, lost])
    assert not result.passed and result.severity is dg.AssetCheckSeverity.WARN
    said = {name: entry.value for name, entry in result.metadata.items()}
    assert said["broken"] == 1 and said["sample"] == "general_code bits_per_byte"
    assert "lost more than the margin of 0.01" in str(said["why"])
    assert (said["low general_code"], said["high general_code"]) == (0.02, 0.06)
    line = next(one for one in str(said["intervals"]).splitlines() if "general_code" in one)
    for wanted in ("+0.04", "+0.02 to +0.06", "| 30 |", "0.004", "0.01"):
        assert wanted in line


def test_a_loss_that_does_not_survive_correction_is_no_warning() -> None:
    assert regression_result([row("problems", -30.0, -2.0, p=0.03, p_holm=0.12)]).passed
    assert not regression_result([row("problems", -30.0, -2.0, p=0.01, p_holm=0.04)]).passed


def test_a_loss_that_is_not_ruled_out_is_told_and_no_warning() -> None:
    result = regression_result([row("general_text", -0.002, 0.012, kept="unclear", mdd=0.009)])
    assert result.passed
    assert "margin of 0.01" in str(result.metadata["not_ruled_out"].value)
    assert regression_result([KEPT]).metadata["not_ruled_out"].value == "nothing"


def test_items_that_the_base_alone_has_a_score_for_are_a_warning() -> None:
    gone = row("general_text", None, None, n=0, kept="unclear", unscored=24, lost=24)
    result = regression_result([GOOD, gone])
    assert not result.passed and "24 of 24 items" in str(result.metadata["why"].value)


def test_the_page_of_the_asset_shows_verdicts_gains_and_links(tmp_path: Path) -> None:
    house = House.open(Settings(home=tmp_path))
    key = publish(house.settings, 1, -0.3)
    write_index(house.settings)
    receipt = Lake(house.settings.lake).receipt("eval_report", key)
    found = shown(Outcome("eval_report", key, "made", receipt), house)
    assert "Something was learned" in str(found["verdicts"].value)
    assert abs(float(found["gain book_sections"].value or 0) - 0.25) < 1e-9
    assert str(found["all adapters"].value).endswith("reports/index.html")
    assert str(found["report"].value).endswith(f"reports/{key}.html")
    checked = no_regression(house)
    assert isinstance(checked, dg.AssetCheckResult) and checked.passed


def drawn(markdown: str) -> list[str]:
    """The words in a picture."""
    code = markdown.partition("base64,")[2].removesuffix(")")
    return re.findall(r">([^<>]+)</text>", base64.b64decode(code).decode())


def test_the_plot_is_small_and_turned_so_that_right_is_better() -> None:
    rows = [GOOD, KEPT, *(row("problems", -30.0 - n, 30.0) for n in range(20))]
    plot = gains_plot(rows)
    assert len(plot) < 1000 and "right is better" in plot
    *shown, rest = drawn(plot)
    assert shown[0] == "▲ book_sections" and rest == f"{21 - len(shown)} more"


def test_every_family_has_its_plot_however_many_suites_were_run() -> None:
    cards = [card(path.parent.name) for path in sorted(CARDS.glob("*/card.toml"))]
    rows = [
        row("problems", 0.2, 0.4)
        | {"suite": one.name, "metric": one.main.name, "better": one.main.better}
        for one in cards
    ]
    for family in FAMILIES:
        plot = gains_plot(rows, family)
        words = [one.lstrip("▲▼ ") for one in drawn(plot)]
        names = {one.name for one in cards if one.family == family}
        shown = names.intersection(words)
        more = [f"{len(names) - len(shown)} more"] if shown < names else []
        assert len(shown) >= 2 and words[len(shown) :] == more and len(plot) < 1000, family
    assert gains_plot([GOOD], "copied") == ""


def publish_items(lake: Lake, number: int, adapter: int, passed: int, *, asked: str = "") -> str:
    """An evaluation of 40 problems; the adapter passes ``passed`` of them, the base none."""
    key, tables = make_id("eval", number), tables_of("eval_report")
    ids = {"eval_id": key, "adapter_id": make_id("ada", adapter)}
    items: list[dict[str, object]] = [
        {"eval_id": key, "suite": "problems", "metric": "pass@1", "item_id": str(n), "arm": arm,
         "score": 100.0 * (arm == "tuned" and n < passed), "weight": 1.0, "prompt": f"{n}",
         "output": "", "reference": "", "status": "ok", "cluster": "", "concepts": [],
         "samples": 1, "passed": 0, "asked": f"{n}{asked}"}
        for n in range(40) for arm in ("base", "tuned")
    ]  # fmt: skip
    frames = {table.name: table.frame([]) for table in tables}
    frames["eval_report"] = tables[0].frame([ids | row("problems", 1.0, 2.0)])
    frames["eval_report__items"] = next(
        one for one in tables if one.name == "eval_report__items"
    ).frame(items)
    lake.publish("eval_report", key, frames, code_version="t")
    lake.set_current("eval_report", key)
    return key


def publish_adapter(lake: Lake, number: int, base: str) -> None:
    tables = tables_of("lora_adapter")
    kinds = {"String": "", "Int32": 1, "Int64": 1, "Float64": 0.0, "Boolean": False}
    made: dict[str, object] = {one.name: kinds[str(one.dtype)] for one in tables[0].columns}
    made |= {"adapter_id": make_id("ada", number), "base": base, "base_revision": "r",
             "dataset_id": make_id("data", 1)}  # fmt: skip
    frames = {table.name: table.frame([]) for table in tables}
    frames["lora_adapter"] = tables[0].frame([made])
    lake.publish("lora_adapter", str(made["adapter_id"]), frames, code_version="t")


@pytest.mark.parametrize(
    ("passed", "fine", "against"), [(4, False, "second"), (30, True, "second")]
)
def test_an_adapter_is_held_against_the_one_before(
    tmp_path: Path, passed: int, fine: bool, against: str
) -> None:
    house = House.open(Settings(home=tmp_path))
    lake = house.lake
    for number, base in ((1, "small"), (2, "small"), (3, "large"), (4, "small")):
        publish_adapter(lake, number, base)
    publish_items(lake, 1, 1, 0)
    alone = no_step_back(house)
    assert isinstance(alone, dg.AssetCheckResult) and alone.passed
    assert "no earlier adapter" in str(alone.metadata["against"].value)
    keys = {"second": publish_items(lake, 2, 2, 28)}
    publish_items(lake, 3, 3, 40)  # another base model
    publish_items(lake, 4, 1, 40, asked="!")  # asked otherwise
    publish_items(lake, 5, 4, passed)
    result = no_step_back(house)
    assert isinstance(result, dg.AssetCheckResult)
    assert result.metadata["against"].value == keys[against]
    assert result.passed is fine
    if not fine:
        assert result.severity is dg.AssetCheckSeverity.WARN
        assert result.metadata["diff problems"].value == -60.0
        assert "tuned − eval_" in str(result.metadata["intervals"].value)
