"""How a question was read, part by part, and what an edit of a part makes of it.

A chip names a part of a turn's tool call. Its menu is made by :mod:`agent.chip_menus`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from agent.answer import Answer, Record, Step
from agent.editing import EDITABLE, Edit, EditRefused, Part, Value, edited_arguments
from agent.writer import filter_text, window_text
from knowledge.languages import Clock, find_times, normalise, say
from tools.presenting import described_filters
from tools.workspace import Toolbox

WINDOWS = (
    "this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year",
    "7_days", "30_days", "90_days",
)  # fmt: skip


class Chip(Record):
    """One part of how a question was read. ``title`` says what the part is; add has no label."""

    step: int
    part: Part | Literal["add"]
    at: int | None = None
    title: str
    label: str
    is_editable: bool = True


class Option(Record):
    """One alternative: what it says, the edit that it stands for, and whether it holds now."""

    label: str
    edit: Edit
    hint: str = ""
    group: str = ""
    is_current: bool = False


class Form(Record):
    """What a person may fill in: two days, one or two numbers, or a choice of several values.

    The filled-in values complete ``edit``: ``start`` and ``last``, or ``values``.
    """

    kind: Literal["days", "numbers", "values"]
    edit: Edit
    values: tuple[Value, ...] = ()
    lowest: str = ""
    highest: str = ""


class Menu(Record):
    """What one chip can be changed to; ``remove`` takes the part away."""

    title: str
    options: tuple[Option, ...] = ()
    form: Form | None = None
    remove: Edit | None = None


class Chips:
    """The chips of turns, as one person sees them in one language.

    Parameters
    ----------
    toolbox : Toolbox
        The workspace's words, in the language of the answer.
    clock : Clock
        The last day of data, which "this month" counts from.
    """

    def __init__(self, toolbox: Toolbox, clock: Clock) -> None:
        self._toolbox = toolbox
        self._language = toolbox.language
        self._clock = clock

    def of(self, answer: Answer) -> tuple[Chip, ...]:
        """List the chips of an answer, those of each of its steps in turn."""
        steps = [(i, step) for i, step in enumerate(answer.steps) if step.tool in EDITABLE]
        if answer.kind not in ("answer", "refusal"):
            return ()
        return tuple(chip for i, step in steps for chip in self._chips(i, step))

    def part(self, steps: Sequence[Step], step: int, part: str, at: int | None) -> Chip:
        """Find one chip of a turn.

        Raises
        ------
        EditRefused
            When the turn has no such part, or it cannot be edited.
        """
        chips = self._chips(step, _step(steps, step))
        found = next((c for c in chips if (c.part, c.at) == (part, at)), None)
        if found is None or not found.is_editable:
            raise EditRefused(f"The turn has no part {part!r} to edit. Open it again.")
        return found

    def edited(self, steps: Sequence[Step], edit: Edit) -> tuple[Step, str]:
        """Apply an edit; return the new call, and what was edited in words.

        Raises
        ------
        EditRefused
            When the edit does not fit the call.
        """
        call = _step(steps, edit.step)
        changed = Step(tool=call.tool, arguments=edited_arguments(call.arguments, edit))
        title = self._said(f"edit_{edit.part}")
        return changed, self._said("edited", part=title, to=self._outcome(call, changed, edit))

    # Chips

    def _chips(self, step: int, call: Step) -> Iterator[Chip]:
        arguments: dict[str, Any] = dict(call.arguments)

        def chip(part: Part, label: str, at: int | None = None, editable: bool = True) -> Chip:
            title = self._said(f"edit_{part}")
            return Chip(step=step, part=part, at=at, title=title, label=label, is_editable=editable)

        if call.tool == "search_feedback" and arguments.get("text"):
            yield chip("words", self._said("edit_quoted", text=arguments["text"]), editable=False)
        for i, name in enumerate(arguments.get("metrics") or ()):
            yield chip("metric", self.label("metric", name), i)
        for i, name in enumerate(arguments.get("dimensions") or ()):
            label = self._said("reading_by", dimensions=self.label("dimension", name))
            yield chip("dimension", label, i)
        if grain := arguments.get("time_grain"):
            yield chip("grain", self._said(f"edit_by_{grain}"))
        if where := arguments.get("where"):
            read = described_filters(where, self._toolbox.names, self._language)
            for i, item in enumerate(read):
                yield chip("filter", filter_text(item, self._language), i)
        for i, condition in enumerate(arguments.get("having") or ()):
            yield chip("having", self._condition(condition), i)
        yield chip("window", self._window_label(call.tool, arguments.get("time_range")))
        if comparison := arguments.get("comparison"):
            yield chip("comparison", self._comparison_label(comparison))
        if ranking := arguments.get("ranking"):
            yield chip("ranking", self._ranking_label(ranking))
        share = arguments.get("share")
        if share is not None:
            yield chip("share", self._share_label(share))
        if call.tool == "query_metrics":
            yield Chip(step=step, part="add", title=self._said("edit_add"), label="")

    def _window_label(self, tool: str, window: Mapping[str, str] | None) -> str:
        if window is not None:
            return window_text(days_of(window), self._language)
        if tool == "size_segment":
            return self._said("window_so_far", end=self._clock.as_of.isoformat())
        return self._said("edit_all_time")

    def _comparison_label(self, comparison: Mapping[str, Any]) -> str:
        if window := comparison.get("range"):
            text = window_text(days_of(window), self._language)
            return self._said("reading_compared", window=text)
        return self._said(f"edit_{comparison['kind']}")

    def _ranking_label(self, ranking: Mapping[str, Any]) -> str:
        direction, by = ranking.get("direction", "desc"), self.label("metric", ranking["by"])
        limit = ranking.get("limit", 10)
        return self._said(f"edit_ranked_{direction}", limit=limit, by=by)

    def _share_label(self, share: Mapping[str, Any]) -> str:
        if not share.get("part"):
            return self._said("edit_shares")
        read = described_filters(share["part"], self._toolbox.names, self._language)
        parts = self._said("list_comma").join(filter_text(item, self._language) for item in read)
        return self._said("edit_share_of", part=parts)

    def _condition(self, condition: Mapping[str, Any]) -> str:
        op = str(condition.get("op", ">"))
        op = self._said(f"op_{op}") if op.isidentifier() else op
        values = "–".join(map(str, condition.get("values") or ()))
        return f"{self.label('metric', condition['metric'])} {op} {values}"

    def label(self, kind: Literal["metric", "dimension"], name: str) -> str:
        """Give the label of a metric or a dimension."""
        names = self._toolbox.names
        look_up = names.metric if kind == "metric" else names.dimension
        return look_up(name, self._language)

    def presets(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Read each label as the words that a person would ask with: one convention for both."""
        for name in WINDOWS:
            label = self._said(f"edit_window_{name}")
            for span in find_times(normalise(label).text, self._clock):
                if span.kind == "range" and span.start and span.stop:
                    yield label, {"start": span.start.isoformat(), "end": span.stop.isoformat()}

    def _outcome(self, before: Step, after: Step, edit: Edit) -> str:
        """Say what a part is now, by the name under which it was chosen where it has one."""
        if edit.part == "window" and isinstance(edit.to, dict):
            now: Any = after.arguments.get("time_range")
            for label, window in self.presets():
                if window == now:
                    return label
        at = edit.at
        if at is None and edit.part in ("metric", "dimension", "filter"):
            at = sum(c.part == edit.part for c in self._chips(edit.step, after)) - 1
        places = (c for c in self._chips(edit.step, after) if (c.part, c.at) == (edit.part, at))
        if (now_chip := next(places, None)) and (edit.to is not None or edit.part == "window"):
            return now_chip.label
        were = (c for c in self._chips(edit.step, before) if (c.part, c.at) == (edit.part, edit.at))
        gone = next(were, None)
        return self._said("edit_removed", label=gone.label if gone else "")

    def _label(self, kind: Literal["metric", "dimension"], name: str) -> str:
        names = self._toolbox.names
        look_up = names.metric if kind == "metric" else names.dimension
        return look_up(name, self._language)

    def _said(self, code: str, **params: str | int | float) -> str:
        return say(code, self._language, **params)


def _step(steps: Sequence[Step], at: int) -> Step:
    if not 0 <= at < len(steps) or steps[at].tool not in EDITABLE:
        raise EditRefused(f"The turn has no step {at} that can be edited. Open it again.")
    return steps[at]


def days_of(window: Mapping[str, str]) -> tuple[date, date]:
    """Read a half-open window of a call's arguments."""
    return date.fromisoformat(str(window["start"])), date.fromisoformat(str(window["end"]))
