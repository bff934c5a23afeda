"""The check of evaluations warns of losses that are shown, and says how sure they are."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from booktune_assets.assets.checks import no_regression
from booktune_assets.assets.evaluated import gains_plot, regression_result
from booktune_assets.assets.metadata import shown
from booktune_assets.chain.house import House, Outcome
from booktune_assets.lake import Lake
from booktune_assets.page.evaluations import write_index
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


def test_the_plot_is_small_and_turned_so_that_right_is_better() -> None:
    rows = [GOOD, KEPT, *(row("problems", -30.0 - n, 30.0) for n in range(20))]
    plot = gains_plot(rows)
    assert len(plot) < 1000 and "right is better" in plot
