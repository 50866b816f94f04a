"""Charts from a declared spec and the answer's table; no code from outside is ever run.

Periods are categories, so that every month stands under its mark; ticks are written by us, so that
they read 12万 in Chinese and 120K in English.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import TYPE_CHECKING, Literal

from ui.cells import cell_text, unit_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from tools.evidence import Cell, Chart, Table, TableColumn

Language = Literal["zh", "en"]
ChartType = Literal["line", "bar", "stacked_bar", "number", "table"]

PALETTE = ("#0f766e", "#f59e0b", "#6366f1", "#e11d48", "#0ea5e9", "#84cc16", "#a855f7", "#64748b")
COMPARED = "#a8b5c4"
FONT = "IBM Plex Sans, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
_MOST_BARS = 40
_LONG_LABEL = 9
_LONGEST_LABEL = 24
_LINE = 62  # characters that fit under a chart in the panel
_SCALES: dict[Language, tuple[tuple[float, str], ...]] = {
    "zh": ((1e8, "亿"), (1e4, "万")),
    "en": ((1e9, "B"), (1e6, "M"), (1e3, "K")),
}


def fitting(chart: Chart | None, table: Table | None) -> tuple[ChartType, ...]:
    """List the forms in which a table can be drawn honestly, the declared one first.

    A line joins periods only; parts are stacked only where they are amounts or counts.
    """
    if chart is None or table is None or chart.type in ("number", "table") or len(table.rows) < 2:
        return ()
    columns = {column.name: column for column in table.columns}
    if not chart.y or chart.x not in columns or any(name not in columns for name in chart.y):
        return ()
    forms: list[ChartType] = [chart.type]
    if columns[chart.x].role == "period":
        forms.append("line")
    if len({unit_of(columns[name]) for name in chart.y}) == 1:
        forms.append("bar")
    if chart.series and columns[chart.y[0]].unit in ("currency", "count"):
        forms.append("stacked_bar")
    return tuple(dict.fromkeys(forms))


def figure_of(chart: Chart, table: Table, language: Language, currency: str) -> Figure | None:
    """Draw a chart; None for a single number, a plain table, or columns that are not there."""
    columns = {column.name: column for column in table.columns}
    names = [chart.x, *chart.y, *([chart.series] if chart.series else [])]
    if chart.type in ("number", "table") or not chart.y or not table.rows:
        return None
    if any(name not in columns for name in names):
        return None
    return _Drawing(chart, table, language, currency).figure()


class _Drawing:
    """One figure in the making."""

    def __init__(self, chart: Chart, table: Table, language: Language, currency: str) -> None:
        # Several figures for every series would be a tangle: the first stands for all.
        y = chart.y[:1] if chart.series else chart.y
        self._chart = chart.model_copy(update={"y": y})
        self._table = table
        self._language: Language = language
        self._currency = currency
        self._position = {column.name: i for i, column in enumerate(table.columns)}
        self._columns = {column.name: column for column in table.columns}
        self._units = list(dict.fromkeys(unit_of(self._columns[name]) for name in y))[:2]
        x = self._columns[chart.x or ""]
        rows = self._chosen_rows()
        if x.role == "period":
            rows = tuple(sorted(rows, key=lambda row: str(row[self._position[x.name]])))
        self._rows = rows
        keys = {self._x_key(row) for row in self._rows}
        is_wide = len(keys) > 8 or max(map(len, keys), default=0) > _LONG_LABEL
        self._is_sideways = chart.type == "bar" and x.role != "period" and is_wide

    def figure(self) -> Figure:
        """Put the traces and the layout together."""
        import plotly.graph_objects as go

        traces = [trace for name in self._chart.y for trace in self._traces(name)]
        return go.Figure({"data": traces, "layout": self._layout()})

    def _traces(self, name: str) -> list[dict[str, object]]:
        column = self._columns[name]
        if self._chart.series is None:
            return [self._trace(column, column.label, self._rows)]
        of_key: dict[str, list[tuple[Cell, ...]]] = {}
        for row in self._rows:
            of_key.setdefault(self._series_key(row), []).append(row)
        return [
            self._trace(column, key, rows, position)
            for position, (key, rows) in enumerate(of_key.items())
        ]

    def _trace(
        self,
        column: TableColumn,
        name: str,
        rows: Sequence[tuple[Cell, ...]],
        position: int | None = None,
    ) -> dict[str, object]:
        if position is None:
            position = self._chart.y.index(column.name)
        keys = [self._x_key(row) for row in rows]
        values = [_number(row[self._position[column.name]]) for row in rows]
        texts = [
            _plain(cell_text(self._table, column, row[self._position[column.name]], *self._people))
            for row in rows
        ]
        color = COMPARED if column.role == "compared" else PALETTE[position % len(PALETTE)]
        common: dict[str, object] = {
            "name": _shortened(_plain(name)),
            "customdata": texts,
            "hovertemplate": f"%{{{'y' if self._is_sideways else 'x'}}}<br>{_plain(name)}: "
            "%{customdata}<extra></extra>",
        }
        is_second = unit_of(column) != self._units[0]
        if self._chart.type == "line" or is_second:
            dash = "dot" if column.role == "compared" else "solid"
            return common | {
                "type": "scatter",
                "mode": "lines+markers" if len(rows) <= 62 else "lines",
                "x": keys,
                "y": values,
                "yaxis": "y2" if is_second else "y",
                "line": {"color": color, "width": 2.5, "dash": dash},
                "marker": {"color": color, "size": 7},
            }
        bar: dict[str, object] = common | {"type": "bar", "marker": {"color": color}}
        if len(rows) <= 12 and self._chart.type == "bar" and len(self._chart.y) == 1:
            unit = unit_of(column)
            bar |= {
                "text": [
                    "" if value is None else self._short(value, unit, text)
                    for value, text in zip(values, texts, strict=True)
                ],
                "textposition": "outside",
                "textfont": {"size": 11},
                "constraintext": "none",
                "cliponaxis": False,
            }
        if self._is_sideways:
            return bar | {"orientation": "h", "x": values, "y": keys}
        return bar | {"x": keys, "y": values}

    def _short(self, value: float, unit: str, text: str) -> str:
        if unit not in ("currency", "count"):
            return text
        if abs(value) < 10_000:
            return f"{float(f'{value:.4g}'):,.10g}"
        return tick_text(float(f"{value:.3g}"), unit, self._language, self._currency)

    def _layout(self) -> dict[str, object]:
        values, categories = ("xaxis", "yaxis") if self._is_sideways else ("yaxis", "xaxis")
        keys = list(dict.fromkeys(map(self._x_key, self._rows)))
        layout: dict[str, object] = {
            "template": "plotly_white",
            "font": {"family": FONT, "size": 12, "color": "#334155"},
            "margin": {"l": 8, "r": 16, "t": 40, "b": 8},
            "height": max(320, 26 * len(keys) + 60) if self._is_sideways else 360,
            "barmode": "stack" if self._chart.type == "stacked_bar" else "group",
            "barcornerradius": 4,
            "bargap": 0.3,
            "hoverlabel": {"bgcolor": "#0f172a", "font": {"color": "#ffffff", "family": FONT}},
            "showlegend": True,
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "modebar": {"remove": list(_MODEBAR)},
            "dragmode": False,
            values: self._value_axis(self._units[0]),
            categories: _CATEGORY_AXIS | _labels(keys, self._is_sideways),
        }
        if len(self._units) > 1:
            side = {"overlaying": "y", "side": "right", "showgrid": False}
            layout["yaxis2"] = self._value_axis(self._units[1]) | side
        return layout

    def _value_axis(self, unit: str) -> dict[str, object]:
        ticks = nice_ticks(self._extent(unit))
        texts = [tick_text(tick, unit, self._language, self._currency) for tick in ticks]
        room = 0.12 if self._chart.type == "bar" else 0.04  # for what is written over a bar
        return {
            "tickvals": ticks,
            "ticktext": texts,
            "range": [ticks[0], ticks[-1] + room * (ticks[-1] - ticks[0])],
            "automargin": True,
            "gridcolor": "#eef2f6",
            "zerolinecolor": "#cbd5e1",
            "fixedrange": True,
        }

    def _extent(self, unit: str) -> tuple[float, float]:
        names = [n for n in self._chart.y if unit_of(self._columns[n]) == unit]
        rows = self._rows
        found = [_number(row[self._position[n]]) or 0.0 for row in rows for n in names]
        if self._chart.type == "stacked_bar":
            sums: dict[str, float] = {}
            for row, value in zip(rows, found, strict=True):
                key = self._x_key(row)
                sums[key] = sums.get(key, 0.0) + value
            found = list(sums.values())
        least = min(found, default=0.0)
        most = max(found, default=0.0)
        # A line may begin above zero when its values lie close together; a bar may not.
        is_narrow = 0.02 * most < most - least < 0.4 * most
        if self._chart.type == "line" and least > 0 and is_narrow:
            return least, most
        return min(0.0, least), max(0.0, most)

    def _chosen_rows(self) -> tuple[tuple[Cell, ...], ...]:
        """Leave out the bars and series that nobody could tell apart; the table has them all."""
        rows = self._table.rows
        if self._chart.type == "bar" and self._chart.series is None:
            return rows[:_MOST_BARS]
        if self._chart.series is None:
            return rows
        position = self._position[self._chart.y[0]]
        sums: dict[str, float] = {}
        for row in rows:
            key = self._series_key(row)
            sums[key] = sums.get(key, 0.0) + abs(_number(row[position]) or 0.0)
        kept = set(sorted(sums, key=lambda key: -sums[key])[: len(PALETTE)])
        return tuple(row for row in rows if self._series_key(row) in kept)

    def _series_key(self, row: tuple[Cell, ...]) -> str:
        return self._key(self._columns[self._chart.series or ""], row)

    def _key(self, column: TableColumn, row: tuple[Cell, ...]) -> str:
        return cell_text(self._table, column, row[self._position[column.name]], *self._people)

    def _x_key(self, row: tuple[Cell, ...]) -> str:
        return _plain(self._key(self._columns[self._chart.x or ""], row))

    @property
    def _people(self) -> tuple[Language, str]:
        return self._language, self._currency


def nice_ticks(extent: tuple[float, float], count: int = 5) -> list[float]:
    """Choose round values that cover a range.

    Examples
    --------
    >>> nice_ticks((0, 1234))
    [0.0, 250.0, 500.0, 750.0, 1000.0, 1250.0]
    """
    least, most = extent
    if most <= least:
        most = least + 1.0
    raw = (most - least) / count
    power = 10.0 ** floor(log10(raw))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= raw * 0.999)
    first = floor(least / step)
    ticks = [round((first + i) * step, 10) for i in range(count + 3)]
    last = next((i for i, tick in enumerate(ticks) if tick >= most), len(ticks) - 1)
    return ticks[: last + 1]


def tick_text(value: float, unit: str, language: Language, currency: str) -> str:
    """Write an axis mark shortly.

    Examples
    --------
    >>> tick_text(120_000, "count", "zh", "CNY"), tick_text(120_000, "count", "en", "CNY")
    ('12万', '120K')
    """
    if unit in ("percent", "points"):
        return f"{value * 100:.10g}%"
    for size, sign in _SCALES[language]:
        if abs(value) >= size:
            return f"{value / size:.10g}{sign}"
    return f"{value:,.10g}"


def _labels(keys: Sequence[str], is_sideways: bool) -> dict[str, object]:
    """Shorten long labels; side by side, leave some out where all would run into each other."""
    texts = [_shortened(key) for key in keys]
    step = 1
    if not is_sideways:
        widest = max(map(_width, texts), default=1.0)
        step = max(1, int(-(-len(texts) * (widest + 1.5) // _LINE)))
    shown: dict[str, object] = {"categoryorder": "array", "categoryarray": list(keys)}
    shown |= {"tickmode": "array", "tickvals": list(keys)[::step], "ticktext": texts[::step]}
    return shown | ({"autorange": "reversed"} if is_sideways else {"tickangle": 0})


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else f"{text[:_LONGEST_LABEL]}…"


def _width(text: str) -> float:
    return sum(2.0 if ord(character) > 0x2E7F else 1.1 for character in text)


def _number(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


def _plain(text: str) -> str:
    # Plotly reads a few tags in its texts; without brackets there is none to read.
    return text.replace("<", "‹").replace(">", "›").replace("%{", "% {")


_CATEGORY_AXIS: dict[str, object] = {
    "type": "category",
    "automargin": True,
    "showgrid": False,
    "linecolor": "#cbd5e1",
    "fixedrange": True,
}
_MODEBAR = (
    "zoom", "pan", "select", "lasso", "zoomin", "zoomout", "autoscale", "resetscale", "toimage",
)  # fmt: skip
