"""Writes what is true beside the data, and the workspace file that describes the data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from warehouse.demo import layout
from warehouse.demo.campaigns import WINDOW_DAYS, Outcome
from warehouse.demo.dirt import DirtCounter
from warehouse.demo.plans import CAMPAIGNS
from warehouse.demo.scenario import Scenario

VERSION = 1
"""Of the generator; a workspace made by another version cannot be continued."""


def write_truth(
    folder: Path,
    scenario: Scenario,
    seed: int,
    customers: int,
    chunk: int,
    outcomes: Sequence[Outcome],
    dirt: DirtCounter,
) -> None:
    """Write effects.json, dirt.json and generator.json."""
    generator = {
        "version": VERSION,
        "seed": seed,
        "customers": customers,
        "as_of": scenario.as_of.isoformat(),
        "chunk": chunk,
        "scenario": asdict(scenario),
    }
    for name, content in (
        ("effects", _effects(scenario, outcomes)),
        ("dirt", dirt.as_dict()),
        ("generator", generator),
    ):
        text = json.dumps(content, ensure_ascii=False, indent=2, default=str)
        (folder / "truth" / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _effects(scenario: Scenario, outcomes: Sequence[Outcome]) -> dict[str, object]:
    return {
        "slow_deliveries": {
            **asdict(scenario.slow),
            "end": None,
            "note": "Travel time is multiplied by factor; a parcel felt slow (handling and travel "
            "above felt_days within China) adds dropout to the chance of never returning and "
            "multiplies the rate of the next order by rate_factor, in every region.",
        },
        "fallen_conversion": {
            **asdict(scenario.conversion),
            "sales_channels": ["app", "mini_program", "web"],
            "note": "People whose favourite category is this one complete only the share kept of "
            "their own online purchases; the rest end at checkout.",
        },
        "drifted_feature": asdict(scenario.drift),
        "price_sensitive_share": scenario.price_sensitive_share,
        "campaigns": [_campaign(scenario, i, outcomes) for i in range(len(CAMPAIGNS))],
    }


def _campaign(scenario: Scenario, number: int, outcomes: Sequence[Outcome]) -> dict[str, object]:
    plan = CAMPAIGNS[number]
    start = scenario.month_start(plan.month, plan.day)
    groups = []
    for name, effect in plan.effects:
        mine = [o for o in outcomes if (o.campaign, o.group) == (number, name)]
        sums = (
            {
                key: sum(getattr(o, key) for o in mine)
                for key in asdict(mine[0])
                if key not in ("campaign", "group")
            }
            if mine
            else {}
        )
        groups.append({"group": name, "effect": effect, **sums, **_realised(sums)})
    return {
        "campaign_id": f"K{number + 1:03d}",
        "name_en": plan.name_en,
        "channel": plan.channel,
        "audience": plan.audience,
        "started_on": start.isoformat(),
        "ended_on": (start + timedelta(days=plan.days - 1)).isoformat(),
        "window_days": WINDOW_DAYS,
        "holdout_share": plan.holdout,
        "groups": groups,
    }


def _realised(sums: dict[str, int]) -> dict[str, float | None]:
    """Conversions caused per person assigned to be sent the message."""
    treated = sums.get("treated", 0)
    if not treated:
        return {"realised_effect": None}
    caused = sums["orders_added"] - sums["orders_removed"]
    return {"realised_effect": round(caused / treated, 6)}


def write_workspace(folder: Path) -> None:
    """Write workspace.yml and the folder for the brand's own semantic model."""
    lines = [
        "# The demo brand: a fictitious retailer, generated. See truth/generator.json.",
        "name: {zh: 拾光优选, en: Everglow}",
        "languages: [zh, en]",
        "time_zone: Asia/Shanghai",
        "currency: CNY",
        "week_start: monday",
        "fiscal_year_start: 1",
        "marts: retail",
        "sources:",
    ]
    for source in layout.FILES:
        encoding = {"utf-8": "", "utf-8-sig": ", encoding: utf-8-sig"}.get(
            source.encoding, f", encoding: {source.encoding}"
        )
        file = source.path.removeprefix("data/")
        lines.append(f"  {source.name}: {{file: {file}, format: {source.format}{encoding}}}")
    lines.append('  events: {file: "events/*.parquet", format: parquet}')
    (folder / "workspace.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    semantic = folder / "semantic"
    semantic.mkdir(exist_ok=True)
    (semantic / "README.md").write_text(
        "# The brand's own words\n\nYAML files here add metrics, dimensions and segments to the "
        "packaged semantic model,\nor override them by name.\n",
        encoding="utf-8",
    )
