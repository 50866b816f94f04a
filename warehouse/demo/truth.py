"""Writes what is true beside the data, and the workspace file that describes the data."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import timedelta
from pathlib import Path

from warehouse.demo import layout
from warehouse.demo.campaigns import WINDOW_DAYS, Outcome
from warehouse.demo.catalogue import missing_rate
from warehouse.demo.plans import CAMPAIGNS
from warehouse.demo.scenario import CHANNELS, OWN_ONLINE, Scenario
from warehouse.demo.tally import Tally

VERSION = 1
"""Of the generator; a workspace made by another version cannot be continued."""

COUNTED = tuple(f.name for f in fields(Outcome) if f.name not in ("campaign", "group"))


def write_truth(
    folder: Path, scenario: Scenario, seed: int, customers: int, chunk: int, tally: Tally
) -> None:
    """Write effects.json, dirt.json and generator.json."""
    generator = {
        "version": VERSION,
        "seed": seed,
        "customers": customers,
        "as_of": scenario.as_of,
        "chunk": chunk,
        "scenario": asdict(scenario),
    }
    for name, content in (
        ("effects", _effects(scenario, tally)),
        ("dirt", tally.dirt_by_file()),
        ("generator", generator),
    ):
        text = json.dumps(content, ensure_ascii=False, indent=2, default=str)
        (folder / "truth" / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _effects(scenario: Scenario, tally: Tally) -> dict[str, object]:
    facts = tally.facts
    return {
        "slow_deliveries": {
            **asdict(scenario.slow),
            "end": None,
            "note": "Travel time is multiplied by factor. A parcel felt slow (handling and travel "
            "above felt_days within China) adds dropout to the chance of never returning and "
            "multiplies the rate of the next order by rate_factor, in every region.",
        },
        "fallen_conversion": {
            **asdict(scenario.conversion),
            "sales_channels": CHANNELS[:OWN_ONLINE],
            "purchases_lost": facts["lost"],
            "purchases_kept": facts["kept"],
            "note": "People whose favourite category is this one complete only the share kept of "
            "their own online purchases; the rest end at checkout.",
        },
        "drifted_feature": {
            **asdict(scenario.drift),
            "note": "Added to everybody's chance that an order carries a discount.",
        },
        "price_sensitive": {
            "share": round(facts["price_sensitive"] / facts["people"], 6),
            "people": facts["price_sensitive"],
            "note": "They wait for promotions, buy with discounts more often and then buy more.",
        },
        "missing_rate": dict(zip(("month", "currency"), missing_rate(scenario), strict=True)),
        "campaigns": [_campaign(scenario, i, tally) for i in range(len(CAMPAIGNS))],
    }


def _campaign(scenario: Scenario, number: int, tally: Tally) -> dict[str, object]:
    plan = CAMPAIGNS[number]
    start = scenario.month_start(plan.month, plan.day)
    groups = []
    for name, effect in plan.effects:
        counts = {key: tally.outcomes[str(number), name, key] for key in COUNTED}
        groups.append({"group": name, "effect": effect, **counts, **_realised(counts)})
    return {
        "campaign_id": f"K{number + 1:03d}",
        "name_en": plan.name_en,
        "channel": plan.channel,
        "audience": plan.audience,
        "started_on": start,
        "ended_on": start + timedelta(days=plan.days - 1),
        "window_days": WINDOW_DAYS,
        "holdout_share": plan.holdout,
        "groups": groups,
    }


def _realised(counts: dict[str, int]) -> dict[str, float | None]:
    """Conversions caused per person assigned to be sent the message."""
    if not counts["treated"]:
        return {"realised_effect": None}
    caused = counts["orders_added"] - counts["buyers_kept_away"]
    return {"realised_effect": round(caused / counts["treated"], 6)}


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
