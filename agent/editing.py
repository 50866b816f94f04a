"""Edits of how a question was read: one part of a turn's tool call is changed, the rest kept.

No planner and no free text take part. What comes out are arguments of the same tool, which the
tool itself validates; an edit can ask nothing that a question could not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date, timedelta
from typing import Any, Literal

from agent.answer import Record

Part = Literal[
    "metric", "dimension", "filter", "window", "grain", "comparison", "ranking", "share", "having",
    "words",
]  # fmt: skip
Value = str | int | float | bool | None
EDITABLE = ("query_metrics", "size_segment", "search_feedback")
"""Tools whose calls can be edited."""


class EditRefused(ValueError):
    """The part that an edit names is not in the call, or cannot take what the edit gives."""


class Edit(Record):
    """One change to the call of a turn.

    Parameters
    ----------
    step : int
        Which of the turn's calls, counted from zero.
    part : str
        What is changed.
    at : int, optional
        Which one, where there may be several (metrics, dimensions, filters, conditions on groups);
        None adds one.
    to : object, optional
        The new value; None takes the part away. Names are text; a window is ``{start, end}``; of
        filters, rankings and comparisons the given fields are changed and the others kept.
    """

    step: int = 0
    part: Part
    at: int | None = None
    to: str | dict[str, Value | list[Value]] | None = None


def edited_arguments(arguments: Mapping[str, object], edit: Edit) -> dict[str, object]:
    """Change one part of a call's arguments.

    Examples
    --------
    >>> call = {"metrics": ["revenue"], "dimensions": ["city"]}
    >>> edited_arguments(call, Edit(part="dimension", at=0, to="region"))
    {'metrics': ['revenue'], 'dimensions': ['region']}

    Raises
    ------
    EditRefused
        When the call has no such part, or the part cannot take the value.
    """
    changed: dict[str, Any] = deepcopy(dict(arguments))
    _CHANGES[edit.part](changed, edit)
    _keep_consistent(changed)
    return {name: value for name, value in changed.items() if value not in (None, [])}


def filter_parts(where: object) -> list[dict[str, Any]]:
    """List the filters that must all hold, in the order in which they are shown."""
    if not isinstance(where, dict):
        return []
    inner = where.get("all")
    if isinstance(inner, list | tuple):
        return [leaf for part in inner for leaf in filter_parts(part)]
    return [where]


def _change_name(key: str) -> Callable[[dict[str, Any], Edit], None]:
    """Change one of a list of names; what was ordered by the old one is ordered by the new."""

    def change(arguments: dict[str, Any], edit: Edit) -> None:
        names = list(arguments.get(key) or ())
        if edit.to is not None and not isinstance(edit.to, str):
            raise EditRefused(f"A {edit.part} is changed to a name. Got {edit.to!r}.")
        before = None if edit.at is None else _at(names, edit)
        if edit.at is None:
            names.append(edit.to)
        elif edit.to is None:
            del names[edit.at]
        else:
            names[edit.at] = edit.to
        arguments[key] = list(dict.fromkeys(names))
        ranking = arguments.get("ranking")
        if key == "metrics" and ranking and ranking.get("by") == before and arguments[key]:
            arguments["ranking"] = {**ranking, "by": edit.to or arguments[key][0]}

    return change


def _change_filter(arguments: dict[str, Any], edit: Edit) -> None:
    parts = filter_parts(arguments.get("where"))
    if edit.at is None:
        parts.append(_fields(edit))
    elif edit.to is None:
        _at(parts, edit)
        del parts[edit.at]
    else:
        part, fields = _at(parts, edit), _fields(edit)
        is_same = "field" in part or "customer_metric" in part
        parts[edit.at] = _plain({**part, **fields}) if is_same else fields
    arguments["where"] = {"all": parts} if len(parts) > 1 else parts[0] if parts else None


def _plain(part: dict[str, Any]) -> dict[str, Any]:
    """Write a list of one value as a comparison with it."""
    single = {"in": "=", "not_in": "!="}.get(part.get("op", "="))
    return {**part, "op": single} if single and len(part.get("values") or ()) == 1 else part


def _change_having(arguments: dict[str, Any], edit: Edit) -> None:
    conditions = list(arguments.get("having") or ())
    condition = _at(conditions, edit)
    if edit.to is None:
        del conditions[edit.at or 0]
    else:
        conditions[edit.at or 0] = {**condition, **_fields(edit)}
    arguments["having"] = conditions


def _change_window(arguments: dict[str, Any], edit: Edit) -> None:
    """Take ``{start, end}``, or ``{start, last}`` with the last day included, as people choose."""
    if edit.to is None:
        arguments["time_range"] = None
        return
    window = _fields(edit)
    try:
        if "last" in window:
            last = date.fromisoformat(str(window.pop("last")))
            window["end"] = (last + timedelta(days=1)).isoformat()
        days = [date.fromisoformat(str(window[name])) for name in ("start", "end")]
    except (KeyError, ValueError) as error:
        raise EditRefused(f"A window needs two days as YYYY-MM-DD. Got {edit.to!r}.") from error
    arguments["time_range"] = {"start": days[0].isoformat(), "end": days[1].isoformat()}


def _change_ranking(arguments: dict[str, Any], edit: Edit) -> None:
    if edit.to is None:
        arguments["ranking"] = None
        return
    by = {"by": next(iter(arguments.get("metrics") or ("",)))}
    kept = {k: v for k, v in (arguments.get("ranking") or by).items() if k != "offset"}
    arguments["ranking"] = {**kept, **_fields(edit)}


def _change_field(key: str) -> Callable[[dict[str, Any], Edit], None]:
    def change(arguments: dict[str, Any], edit: Edit) -> None:
        arguments[key] = deepcopy(edit.to)

    return change


def _refuse(arguments: dict[str, Any], edit: Edit) -> None:
    raise EditRefused(f"The {edit.part} of a question cannot be edited. Ask a new question.")


_CHANGES: dict[Part, Callable[[dict[str, Any], Edit], None]] = {
    "metric": _change_name("metrics"),
    "dimension": _change_name("dimensions"),
    "filter": _change_filter,
    "window": _change_window,
    "grain": _change_field("time_grain"),
    "comparison": _change_field("comparison"),
    "ranking": _change_ranking,
    "share": _change_field("share"),
    "having": _change_having,
    "words": _refuse,
}


def _keep_consistent(arguments: dict[str, Any]) -> None:
    """Take away what has lost what it was about."""
    groups = set(arguments.get("dimensions") or ())
    grain = arguments.get("time_grain")
    places = groups | ({"period"} if grain else set())
    if not places:
        arguments.pop("ranking", None)
        arguments.pop("having", None)
    for key in ("ranking", "share"):
        if (found := arguments.get(key)) and found.get("within"):
            within = [name for name in found["within"] if name in places]
            arguments[key] = {**found, "within": within}
    share = arguments.get("share")
    if share is not None and not share.get("part") and not places:
        arguments.pop("share")
    if (ranking := arguments.get("ranking")) and not grain:
        arguments["ranking"] = {k: v for k, v in ranking.items() if k != "keep"}
    comparison = arguments.get("comparison")
    if comparison and not arguments.get("time_range") and not grain:
        arguments.pop("comparison")


def _at(items: list[Any], edit: Edit) -> Any:
    if edit.at is None or not 0 <= edit.at < len(items):
        raise EditRefused(f"The question has no {edit.part} number {edit.at}. Open it again.")
    return items[edit.at]


def _fields(edit: Edit) -> dict[str, Any]:
    if not isinstance(edit.to, dict):
        raise EditRefused(f"A {edit.part} is changed by named fields. Got {edit.to!r}.")
    return dict(edit.to)
