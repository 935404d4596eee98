"""The plans that come with the product: one for each role of the starter bank."""

from __future__ import annotations

from functools import cache

from interviews.design import Plan
from interviews.starter_dimensions import starter_entries


def starter_plans() -> dict[str, Plan]:
    """By role: sales, engineer, customer-service, nurse; a plan's id is its role's name."""
    return dict(_plans())


@cache
def _plans() -> dict[str, Plan]:
    found = [Plan(**one) for file in starter_entries("plans") for one in file["plan"]]
    return {one.id: one for one in found}
