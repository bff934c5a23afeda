"""The one resource: a house (settings, lake, shelf) handed to every asset as a plain object.

Belongs here: how Dagster's configuration becomes :class:`~booktune_assets.chain.House`. Does not:
defaults (``settings.py``).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import BaseModel, Field

from booktune_assets.chain.house import House
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
    changed = _changed(settings)
    changed.pop("home", None)
    return HouseResource(home=str(settings.home), changed=changed)


def _changed(section: BaseModel) -> dict[str, Any]:
    """What differs from the defaults, section by section.

    Not ``model_dump``: it leaves out what digests leave out, and the kind of a way of not
    forgetting, which is the default of its own section.
    """
    found: dict[str, Any] = {}
    for name, field in type(section).model_fields.items():
        value, default = getattr(section, name), field.get_default(call_default_factory=True)
        if value != default:
            parts = isinstance(value, BaseModel) and isinstance(default, type(value))
            found[name] = _changed(value) if parts else _plain(value)
    return found


def _plain(value: Any) -> Any:
    """As it would stand in a settings file; what is not set is left out."""
    if isinstance(value, BaseModel):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        return {name: _plain(one) for name, one in fields.items() if one is not None}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path) else value
