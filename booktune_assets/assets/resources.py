"""The one resource: a house (settings, lake, shelf) handed to every asset as a plain object.

Belongs here: how Dagster's configuration becomes :class:`~booktune_assets.chain.House`. Does not:
defaults (``settings.py``).
"""

from typing import Any

import dagster as dg
from pydantic import Field

from booktune_assets.chain import House
from booktune_assets.settings import Settings

__all__ = ["HOUSE", "HouseResource", "house_resource"]

HOUSE = "house"


class HouseResource(dg.ConfigurableResource[House]):
    """Home folder and the settings that differ from the defaults, as the UI shows them."""

    home: str = Field(description="Folder that holds everything booktune makes")
    changed: dict[str, Any] = Field(
        default={}, description="Settings of booktune.toml that differ from the defaults"
    )

    def create_resource(self, context: dg.InitResourceContext) -> House:
        """The house; opening it touches no disk."""
        return House.open(Settings.model_validate({**self.changed, "home": self.home}))


def house_resource(settings: Settings) -> HouseResource:
    """The resource that stands for these settings."""
    changed = settings.model_dump(mode="json", exclude_defaults=True, exclude={"home"})
    return HouseResource(home=str(settings.home), changed=changed)
