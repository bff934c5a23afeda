"""A house with toy stages, its definitions and an instance, all in a temporary folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from booktune_assets.assets.execute import run_parts
from booktune_assets.assets.instance import open_instance
from booktune_assets.assets.partitions import BOOKS_NAME
from booktune_assets.assets.resources import HOUSE
from booktune_assets.chain.house import BOOK_STAGES, SET_STAGES, House
from booktune_assets.definitions import build_defs
from booktune_assets.settings import Settings
from booktune_assets_tests.assets import lab


@dataclass
class Bench:
    """What a test works with."""

    settings: Settings
    instance: dg.DagsterInstance

    @property
    def house(self) -> House:
        return House.open(self.settings)

    def write(self, name: str, text: str, changed: int | None = None) -> Path:
        return lab.write_book(self.settings.books, name, text, changed)

    def run(self, *assets: str, books: list[str] | None = None):
        return run_parts(self.settings, self.instance, assets or BOOK_STAGES + SET_STAGES, books)

    def materialised(self, asset: str) -> set[str]:
        return set(self.instance.get_materialized_partitions(dg.AssetKey(asset)))

    def versions(self, asset: str) -> dict[str, str]:
        """Data version of the newest event of each book."""
        found: dict[str, str] = {}
        for record in self.events(asset):
            tags = record.asset_materialization.tags
            found.setdefault(record.partition_key, tags["dagster/data_version"])
        return found

    def events(self, asset: str):
        return self.instance.fetch_materializations(dg.AssetKey(asset), limit=200).records

    def sensor(self, name: str, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
        """One tick; the answer's partition requests are carried out as the daemon does."""
        defs = build_defs(self.settings)
        sensor = defs.resolve_sensor_def(name)
        context = dg.build_sensor_context(
            instance=self.instance, cursor=cursor, resources={HOUSE: self.house}
        )
        answer = sensor(context)
        assert isinstance(answer, dg.SensorResult | dg.SkipReason)
        if isinstance(answer, dg.SensorResult):
            for request in answer.dynamic_partitions_requests or []:
                self.instance.add_dynamic_partitions(BOOKS_NAME, list(request.partition_keys))
        return answer


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    lab.install(monkeypatch)
    settings = Settings(home=tmp_path / "home")
    with open_instance(settings) as instance:
        yield Bench(settings, instance)
