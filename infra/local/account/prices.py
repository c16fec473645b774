"""Reads the price file; who asks for a figure says the unit that it expects."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any

from settings import ROOT

FILE = ROOT / "infra" / "prices" / "prices.toml"


@dataclass(frozen=True)
class Prices:
    """The file's tables."""

    region: str
    tables: dict[str, dict[str, dict[str, Any]]]

    def price(self, name: str, unit: str) -> float:
        """A list price in dollars."""
        return self._figure("prices", name, f"USD per {unit}")

    def limit(self, name: str, unit: str) -> float:
        """A limit, or a figure of AWS's own behaviour."""
        return self._figure("limits", name, unit)

    def free(self, name: str, unit: str) -> float:
        """What an account gets each month without paying."""
        return self._figure("free", name, unit)

    def second_hand(self, name: str) -> bool:
        """Whether a price is known from a report only."""
        return bool(self.tables["prices"][name].get("second_hand", False))

    def _figure(self, table: str, name: str, unit: str) -> float:
        entry = self.tables[table][name]
        if entry["unit"] != unit:
            raise ValueError(f"{table}.{name} is in {entry['unit']}, not in {unit}")
        return float(entry["value"])


def load() -> Prices:
    """The file as it is."""
    content = tomllib.loads(FILE.read_text())
    region = content.pop("region")
    content.pop("currency")
    return Prices(region, content)
