"""What a chip can be changed to: governed alternatives only.

Metrics that reach what the question splits and filters by, dimensions that the metrics reach,
known values, and windows counted from the last day of data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from agent.answer import Step
from agent.chips import Chip, Chips, Form, Menu, Option, days_of
from agent.editing import Edit, Part, filter_parts
from agent.embedded.index import VocabularyIndex, index_of
from agent.writer import window_text
from knowledge.languages import Clock, say
from tools.vocabulary import Term
from tools.workspace import Toolbox

MOST_NEAR = 8
MOST_ADDED = 12
GRAINS = ("day", "week", "month", "quarter", "year")
COMPARISONS = ("previous_period", "previous_year")
RANKINGS = (("desc", 3), ("desc", 5), ("desc", 10), ("desc", 20), ("asc", 5), ("asc", 10))
_ONLY, _OTHER_THAN = ("=", "in"), ("!=", "not_in")


class Menus:
    """The menus of a turn's chips, as one person sees them in one language."""

    def __init__(self, toolbox: Toolbox, clock: Clock) -> None:
        self._chips = Chips(toolbox, clock)
        self._toolbox = toolbox
        self._language = toolbox.language
        self._clock = clock
        self._index: VocabularyIndex = index_of(toolbox.vocabulary)

    def menu(self, steps: Sequence[Step], step: int, part: str, at: int | None) -> Menu:
        """List what a chip can be changed to.

        Raises
        ------
        EditRefused
            When the turn has no such part, or it cannot be edited.
        """
        chip = self._chips.part(steps, step, part, at)
        return _MENUS[chip.part](self, chip, dict(steps[step].arguments))

    def _metrics(self, chip: Chip, arguments: dict[str, Any]) -> Menu:
        used: list[str] = arguments["metrics"]
        now = used[chip.at or 0]
        near, others = self._near_metrics(now, arguments)
        options = [self._option(chip, self._chips.label("metric", now), now, is_current=True)]
        for group, terms in (("edit_near", near), ("edit_others", others)):
            options += [
                self._option(chip, self._of(t), t.name, group=group)
                for t in terms
                if t.name not in used
            ]
        return self._menu(chip, options, removable=len(used) > 1)

    def _near_metrics(
        self, name: str, arguments: Mapping[str, Any]
    ) -> tuple[list[Term], list[Term]]:
        """Split the metrics that reach what is split and filtered by into near ones and others."""
        fields = [*(arguments.get("dimensions") or ()), *_fields(arguments.get("where"))]
        fit = [
            term
            for term in self._index.of_kind("metric")
            if term.name != name and all(self._index.reaches(term.name, f) for f in fields)
        ]
        if arguments.get("share") is not None:
            fit = [term for term in fit if self._toolbox.adds_up(term.name)]
        asked = self._index.term("metric", name)
        words = set(name.split("_"))

        def distance(term: Term) -> tuple[bool, bool, bool]:
            same_group = asked is not None and asked.group == term.group is not None
            return not same_group, not words & set(term.name.split("_")), not term.featured

        near = sorted((t for t in fit if distance(t) != (True, True, True)), key=distance)
        near = near[:MOST_NEAR]
        return near, [term for term in fit if term not in near]

    def _dimensions(self, chip: Chip, arguments: dict[str, Any]) -> Menu:
        used: list[str] = arguments["dimensions"]
        now = used[chip.at or 0]
        options = [self._option(chip, self._chips.label("dimension", now), now, is_current=True)]
        options += [
            self._option(chip, self._of(t), t.name)
            for t in self._splits(arguments)
            if t.name != now
        ]
        return self._menu(chip, options, removable=True)

    def _splits(self, arguments: Mapping[str, Any]) -> list[Term]:
        """List the dimensions with named values that all the metrics reach, handy ones first."""
        used = set(arguments.get("dimensions") or ())
        fit = [
            term
            for term in self._index.of_kind("dimension")
            if term.name not in used
            and (term.type in ("text", "boolean") or self._index.values[term.name])
            and all(self._index.reaches(m, term.name) for m in arguments.get("metrics") or ())
        ]
        return sorted(fit, key=lambda t: (not t.featured, len(self._index.values[t.name]) > 12))

    def _filters(self, chip: Chip, arguments: dict[str, Any]) -> Menu:
        parts = filter_parts(arguments.get("where"))
        part = parts[chip.at or 0]
        removable = len(parts) > 1 or "metrics" in arguments or "text" in arguments
        if "segment" in part:
            return self._menu(chip, self._segments(chip, part["segment"]), removable)
        field, op = part.get("field"), part.get("op", "=")
        if field and self._index.values[field] and op in (*_ONLY, *_OTHER_THAN):
            return self._value_menu(chip, part, removable)
        return self._menu(chip, [], removable, form=_numbers(chip, part))

    def _value_menu(self, chip: Chip, part: Mapping[str, Any], removable: bool) -> Menu:
        chosen = list(part.get("values") or ())
        is_only = part.get("op", "=") in _ONLY
        options = [
            self._option(
                chip, self._of(t), {"op": "in", "values": [t.value]}, is_current=t.value in chosen
            )
            for t in self._index.values[part["field"]]
        ]
        options.sort(key=lambda option: not option.is_current)
        op = "in" if is_only else "not_in"
        other = "not_in" if is_only else "in"
        turned = self._option(
            chip, self._said(f"edit_{other}"), {"op": other, "values": chosen}, group="edit_turn"
        )
        form = Form(kind="values", edit=_edit(chip, {"op": op}), values=tuple(chosen))
        title = self._chips.label("dimension", part["field"])
        menu = self._menu(chip, [*options, turned], removable, form=form)
        return menu.model_copy(update={"title": title})

    def _segments(self, chip: Chip, now: str | None) -> list[Option]:
        return [
            self._option(chip, self._of(t), {"segment": t.name}, is_current=t.name == now)
            for t in self._index.of_kind("segment")
        ]

    def _windows(self, chip: Chip, arguments: dict[str, Any]) -> Menu:
        now = arguments.get("time_range")
        vocabulary = self._toolbox.vocabulary
        options = [
            self._option(chip, label, window, hint=self._dates(window), is_current=window == now)
            for label, window in self._chips.presets()
        ]
        everything = self._said("edit_all_time")
        options.append(self._option(chip, everything, None, is_current=now is None))
        shown = now or {
            "start": vocabulary.first_day,
            "end": (self._clock.as_of + timedelta(days=1)).isoformat(),
        }
        start, end = days_of(shown)
        form = Form(
            kind="days",
            edit=_edit(chip, None),
            values=(start.isoformat(), (end - timedelta(days=1)).isoformat()),
            lowest=vocabulary.first_day,
            highest=vocabulary.as_of,
        )
        return self._menu(chip, options, removable=False, form=form)

    def _grains(self, chip: Chip, arguments: dict[str, Any]) -> Menu:
        now = arguments.get("time_grain")
        options = [
            self._option(chip, self._said(f"edit_by_{grain}"), grain, is_current=grain == now)
            for grain in GRAINS
        ]
        return self._menu(chip, options, removable=True)

    def _comparisons(self, chip: Chip, arguments: dict[str, Any]) -> Menu:
        now = (arguments.get("comparison") or {}).get("kind")
        options = [
            self._option(chip, self._said(f"edit_{k}"), {"kind": k}, is_current=k == now)
            for k in COMPARISONS
        ]
        return self._menu(chip, options, removable=True)

    def _rankings(self, chip: Chip, arguments: dict[str, Any]) -> Menu:
        now = arguments.get("ranking") or {}
        by = self._chips.label("metric", now.get("by") or arguments["metrics"][0])
        options = []
        for direction, limit in RANKINGS:
            to = {"direction": direction, "limit": limit}
            same = (now.get("direction", "desc"), now.get("limit", 10)) == (direction, limit)
            label = self._said(f"edit_ranked_{direction}", limit=limit, by=by)
            options.append(self._option(chip, label, to, is_current=bool(now) and same))
        return self._menu(chip, options, removable=True)

    def _shares(self, chip: Chip, arguments: dict[str, Any]) -> Menu:
        return self._menu(chip, [], removable=True)

    def _havings(self, chip: Chip, arguments: dict[str, Any]) -> Menu:
        condition = arguments["having"][chip.at or 0]
        return self._menu(chip, [], removable=True, form=_numbers(chip, condition))

    def _additions(self, chip: Chip, arguments: dict[str, Any]) -> Menu:
        """Offer what the question does not have yet: a split, a grain, a comparison and so on."""

        def under(part: Part, menu: Menu, most: int = MOST_ADDED) -> list[Option]:
            group = self._said(f"edit_{part}")
            found = [o for o in menu.options if not o.is_current][:most]
            return [
                o.model_copy(
                    update={
                        "group": group,
                        "edit": o.edit.model_copy(update={"part": part, "at": None}),
                    }
                )
                for o in found
            ]

        options: list[Option] = []
        splits = [self._option(chip, self._of(t), t.name) for t in self._splits(arguments)]
        options += under("dimension", Menu(title="", options=tuple(splits)))
        if not arguments.get("time_grain"):
            options += under("grain", self._grains(chip, arguments))
        if arguments.get("time_range") and not arguments.get("comparison"):
            options += under("comparison", self._comparisons(chip, arguments))
        if arguments.get("dimensions") and not arguments.get("ranking"):
            options += under("ranking", self._rankings(chip, arguments))
        options += under("filter", Menu(title="", options=tuple(self._segments(chip, None))))
        first = chip.model_copy(update={"at": 0})
        metrics = self._metrics(first, {**arguments, "metrics": arguments["metrics"][:1]})
        options += under("metric", metrics, MOST_NEAR)
        return self._menu(chip, options, removable=False)

    def _menu(
        self, chip: Chip, options: Sequence[Option], removable: bool, form: Form | None = None
    ) -> Menu:
        remove = _edit(chip, None) if removable and chip.part != "add" else None
        return Menu(title=chip.title, options=tuple(options), form=form, remove=remove)

    def _option(
        self,
        chip: Chip,
        label: str,
        to: str | dict[str, Any] | None,
        hint: str = "",
        group: str = "",
        is_current: bool = False,
    ) -> Option:
        return Option(
            label=label,
            edit=_edit(chip, to),
            hint=hint,
            group=self._said(group) if group else "",
            is_current=is_current,
        )

    def _of(self, term: Term) -> str:
        return term.label_zh if self._language == "zh" else term.label_en

    def _dates(self, window: Mapping[str, str]) -> str:
        return window_text(days_of(window), self._language)

    def _said(self, code: str, **params: str | int | float) -> str:
        return say(code, self._language, **params)


def _edit(chip: Chip, to: str | dict[str, Any] | None) -> Edit:
    part: Any = chip.part if chip.part != "add" else "dimension"
    return Edit(step=chip.step, part=part, at=chip.at, to=to)


def _numbers(chip: Chip, condition: Mapping[str, Any]) -> Form | None:
    values = tuple(condition.get("values") or ())
    if not values or not all(isinstance(v, int | float) for v in values):
        return None
    return Form(kind="numbers", edit=_edit(chip, {}), values=values)


def _fields(where: object) -> Iterator[str]:
    """List the dimensions that a filter names, at any depth."""
    if isinstance(where, dict):
        if isinstance(where.get("field"), str):
            yield where["field"]
        for inner in where.values():
            yield from _fields(inner)
    elif isinstance(where, list | tuple):
        for inner in where:
            yield from _fields(inner)


_MENUS = {
    "metric": Menus._metrics,
    "dimension": Menus._dimensions,
    "filter": Menus._filters,
    "window": Menus._windows,
    "grain": Menus._grains,
    "comparison": Menus._comparisons,
    "ranking": Menus._rankings,
    "share": Menus._shares,
    "having": Menus._havings,
    "add": Menus._additions,
}
