"""The same questions answered with pandas, written without a look at the compiler.

It reads the definitions of the semantic model (what a metric counts, of which rows) and nothing
else of the product: joins, filters, periods and arithmetic are its own.
"""

import math
import re
from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd

from warehouse.query import (
    And,
    Condition,
    CustomerCondition,
    Filter,
    InSegment,
    Not,
    Or,
    QuerySpec,
    TimeRange,
)
from warehouse.rights import Actor
from warehouse.semantic_model import Measure, Metric, SemanticModel

WAYS = {
    "orders": {"customers": "customer_id", "stores": "store_id"},
    "order_lines": {"orders": "order_id", "products": "product_id", "customers": "customer_id",
                    "stores": "orders.store_id"},
    "sessions": {"customers": "customer_id"},
    "events": {"sessions": "session_id", "products": "product_id", "customers": "customer_id"},
    "tickets": {"customers": "customer_id", "orders": "order_id", "stores": "orders.store_id"},
    "feedback": {"customers": "customer_id", "orders": "order_id", "products": "product_id",
                 "stores": "orders.store_id"},
    "campaign_touches": {"campaigns": "campaign_id", "customers": "customer_id"},
    "customers": {}, "products": {}, "stores": {}, "campaigns": {},
}  # fmt: skip
KEYS = {"customers": "customer_id", "orders": "order_id", "products": "product_id",
        "stores": "store_id", "sessions": "session_id", "campaigns": "campaign_id"}  # fmt: skip
PERIODS = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
COMPARE: dict[str, Callable[[pd.Series, object], pd.Series]] = {
    "=": lambda s, v: s == v, ">": lambda s, v: s > v, ">=": lambda s, v: s >= v,
    "<": lambda s, v: s < v, "<=": lambda s, v: s <= v,
}  # fmt: skip

Key = tuple[object, ...]
Number = float | int | None


class Oracle:
    """Answers specs over frames; slow, and simple enough to be read."""

    def __init__(
        self, frames: dict[str, pd.DataFrame], model: SemanticModel, as_of: date, first_day: date
    ) -> None:
        self.model = model
        self.as_of, self.first_day = as_of, first_day
        self.wide = {name: self._joined(name, frames) for name in WAYS}

    def rows(self, spec: QuerySpec, actor: Actor) -> dict[Key, dict[str, Number]]:
        """Answer a spec without ranking, comparison or share: values of each group.

        A group without a name (no city) in which there is nothing is no group.
        """
        groups: dict[Key, dict[str, Number]] = {}
        window = spec.time_range
        if spec.time_grain and window is None:
            window = TimeRange(start=self.first_day, end=self.as_of + timedelta(days=1))
        periods: list[date | None] = [None]
        if spec.time_grain:
            periods = list(self.periods(window, spec.time_grain))
        parts = [self._leaves(self.model.metric(name)) for name in spec.metrics]
        leaves = {metric.name: metric for found in parts for metric in found}
        found = {
            name: self._simple(metric, spec, actor, window, periods)
            for name, metric in leaves.items()
        }
        keys = {key[1:] for values in found.values() for key in values}
        if not spec.dimensions:
            keys = {()}
        for period in periods:
            for key in keys:
                values = {
                    name: found[name].get((period, *key), self._nothing(metric))
                    for name, metric in leaves.items()
                }
                place = (period, *key) if spec.time_grain else key
                groups[place] = {
                    name: self._money(name, self._value(self.model.metric(name), values))
                    for name in spec.metrics
                }
        has_any = {
            key[-len(spec.dimensions) :] for key, values in groups.items() if any(values.values())
        }
        return {
            key: values
            for key, values in groups.items()
            if not spec.dimensions
            or None not in key[-len(spec.dimensions) :]
            or key[-len(spec.dimensions) :] in has_any
        }

    def periods(self, window: TimeRange, grain: str) -> list[date]:
        """List the first days of all periods that a window touches, up to the end of the data."""
        last = min(window.end - timedelta(days=1), max(self.as_of, window.start))
        if window.start > self.as_of:
            last = window.end - timedelta(days=1)
        days = pd.period_range(window.start, last, freq="D").to_timestamp()
        return sorted(set(days.to_period(PERIODS[grain]).start_time.date))

    def mask(self, where: Filter | None, entity: str, actor: Actor) -> pd.Series:
        """Tell which rows a filter keeps."""
        frame = self.wide[entity]
        everything = pd.Series(True, index=frame.index)
        if where is None:
            return everything
        if isinstance(where, And):
            for part in where.all:
                everything &= self.mask(part, entity, actor)
            return everything
        if isinstance(where, Or):
            kept = ~everything
            for part in where.any:
                kept |= self.mask(part, entity, actor)
            return kept
        if isinstance(where, Not):
            return ~self.mask(where.negated, entity, actor)
        if isinstance(where, InSegment):
            return self.mask(self.model.segment(where.segment).where, entity, actor)
        if isinstance(where, CustomerCondition):
            return self._customers(where, entity, actor)
        return self._condition(where, entity)

    def _condition(self, where: Condition, entity: str) -> pd.Series:
        dimension = self.model.dimension(where.field)
        column = self.column(entity, dimension.entity, dimension.column)
        values: list[object] = list(where.values)
        if dimension.type == "date":
            column = column.dt.normalize()
            values = [pd.Timestamp(self._day(str(value))) for value in values]
        if dimension.unit == "currency":
            values = [round(float(value) * 100, 6) for value in values]
        ranked = [named.value for named in dimension.values if named.ranked]
        if dimension.ordered and where.op in (">", ">=", "<", "<=", "between"):
            column = column.map({value: n for n, value in enumerate(ranked)})
            values = [ranked.index(value) for value in values]
        return compare(column, where.op, values)

    def _customers(self, where: CustomerCondition, entity: str, actor: Actor) -> pd.Series:
        metric = self.model.metric(where.customer_metric)
        spec = QuerySpec(metrics=(metric.name,), time_range=where.time_range, where=where.where)
        leaves = {leaf.name: leaf for leaf in self._leaves(metric)}
        found = {
            name: self._simple(leaf, spec, actor, where.time_range, [None], by_customer=True)
            for name, leaf in leaves.items()
        }
        people = {key[1] for values in found.values() for key in values}
        values = {
            person: self._value(
                metric,
                {n: found[n].get((None, person), self._nothing(m)) for n, m in leaves.items()},
            )
            for person in people
        }
        empty = self._value(metric, {n: self._nothing(m) for n, m in leaves.items()})
        who = self.column(entity, entity, "customer_id")
        own = who.map(lambda person: values.get(person, empty)).astype("Float64")
        numbers = [v * 100 if metric.unit == "currency" else v for v in where.values]
        return compare(own, where.op, numbers) & who.notna()

    def _simple(
        self,
        metric: Metric,
        spec: QuerySpec,
        actor: Actor,
        window: TimeRange | None,
        periods: list[date | None],
        by_customer: bool = False,
    ) -> dict[Key, Number]:
        measure = self._measure(metric, spec, actor)
        entity = measure.entity
        frame = self.wide[entity]
        time = self.place(entity, measure.time or str(self.model.entity(entity).time))
        end = pd.Timestamp(min(window.end if window else date.max, self.as_of + timedelta(days=1)))
        kept = self.mask(spec.where, entity, actor) & self.mask(actor.rows, entity, actor)
        kept &= self._of_measure(measure.where, entity) & (time < end)
        if measure.mature_days:
            kept &= time.dt.normalize() <= pd.Timestamp(self.as_of) - pd.Timedelta(
                days=measure.mature_days
            )
        if by_customer:
            kept &= frame[f"{entity}.customer_id"].notna()
        if window and not measure.cumulative:
            kept &= time >= pd.Timestamp(window.start)
        found: dict[Key, Number] = {}
        for period in periods:
            inside = kept
            if period is not None:
                starts = time.dt.to_period(PERIODS[str(spec.time_grain)]).dt.start_time
                first = pd.Timestamp(period)
                inside = kept & ((starts <= first) if measure.cumulative else (starts == first))
            rows = frame[inside.fillna(False)]
            columns = [f"{entity}.customer_id"] if by_customer else []
            keys = rows[columns].rename(columns=lambda _: "customer") if by_customer else (
                pd.DataFrame({name: self._key(name, entity).loc[rows.index]
                              for name in spec.dimensions}))  # fmt: skip
            for key, value in _grouped(rows, keys, measure).items():
                found[(period, *key)] = value
        return found

    def _measure(self, metric: Metric, spec: QuerySpec, actor: Actor) -> Measure:
        wanted = [
            *spec.dimensions,
            *_fields(spec.where, self.model),
            *_fields(actor.rows, self.model),
        ]
        entities = {self.model.dimension(name).entity for name in wanted}
        for measure in metric.measures:
            if entities <= {measure.entity, *WAYS[measure.entity]}:
                return measure
        raise LookupError(metric.name)

    def _of_measure(self, where: Filter | None, entity: str) -> pd.Series:
        if where is None:
            return pd.Series(True, index=self.wide[entity].index)
        if isinstance(where, And):
            kept = pd.Series(True, index=self.wide[entity].index)
            for part in where.all:
                kept &= self._of_measure(part, entity)
            return kept
        assert isinstance(where, Condition)
        return compare(self.place(entity, where.field), where.op, list(where.values))

    def place(self, entity: str, name: str) -> pd.Series:
        holder, _, column = name.rpartition(".")
        return self.column(entity, holder or entity, column)

    def column(self, entity: str, holder: str, column: str) -> pd.Series:
        return self.wide[entity][f"{holder}.{column}"]

    def _key(self, name: str, entity: str) -> pd.Series:
        dimension = self.model.dimension(name)
        column = self.column(entity, dimension.entity, dimension.column)
        if dimension.type == "date":
            return column.dt.date
        if dimension.unit == "currency":
            return column / 100
        return column

    def _leaves(self, metric: Metric) -> list[Metric]:
        if metric.kind == "simple":
            return [metric]
        names = [metric.numerator, metric.denominator]
        if metric.kind == "derived":
            names = re.findall(r"[a-z]\w*", str(metric.expression))
        return [leaf for name in names for leaf in self._leaves(self.model.metric(str(name)))]

    def _value(self, metric: Metric, values: dict[str, Number]) -> Number:
        if metric.kind == "simple":
            return values[metric.name]
        if metric.kind == "ratio":
            top = self._value(self.model.metric(str(metric.numerator)), values)
            bottom = self._value(self.model.metric(str(metric.denominator)), values)
            return None if top is None or not bottom else top / bottom
        names = re.findall(r"[a-z]\w*", str(metric.expression))
        parts = {name: self._value(self.model.metric(name), values) for name in names}
        if any(part is None for part in parts.values()):
            return None
        return eval(str(metric.expression), {}, parts)

    def _money(self, name: str, value: Number) -> Number:
        return (
            value / 100
            if value is not None and self.model.metric(name).unit == "currency"
            else value
        )

    def _nothing(self, metric: Metric) -> Number:
        return 0 if metric.measures[0].aggregate in ("sum", "count", "count_distinct") else None

    def _day(self, text: str) -> date:
        quarter = self.as_of.replace(month=(self.as_of.month - 1) // 3 * 3 + 1, day=1)
        relative = {"start of month": self.as_of.replace(day=1), "start of quarter": quarter}
        return relative.get(text) or date.fromisoformat(text)

    def _joined(self, entity: str, frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
        wide = frames[entity].add_prefix(f"{entity}.").reset_index(drop=True)
        for other, on in WAYS[entity].items():
            right = frames[other].add_prefix(f"{other}.")
            column = on if "." in on else f"{entity}.{on}"
            wide = wide.merge(
                right, how="left", left_on=column, right_on=f"{other}.{KEYS[other]}",
                validate="many_to_one",
            )  # fmt: skip
        return wide


def compare(column: pd.Series, op: str, values: list[object]) -> pd.Series:
    """Compare as a person means it: what is missing is not equal to anything."""
    missing = column.isna()
    if op in ("is_null", "is_not_null"):
        return missing if op == "is_null" else ~missing
    if op in ("!=", "not_in"):
        return missing | ~column.isin(values)
    if op == "in":
        return column.isin(values) & ~missing
    if op == "between":
        return (column.ge(values[0]) & column.le(values[1])).fillna(False).astype(bool)
    if op == "contains":
        wanted = [str(value).lower() for value in values]
        return column.map(lambda text: any(part in str(text).lower() for part in wanted)) & ~missing
    return COMPARE[op](column, values[0]).fillna(False).astype(bool) & ~missing


def same(left: Number, right: Number) -> bool:
    """Tell whether two numbers agree to about twelve digits; nothing equals nothing."""
    if left is None or right is None:
        return left is None and right is None
    return math.isclose(float(left), float(right), rel_tol=1e-9, abs_tol=1e-7)


def plain(value: object) -> object:
    """Make a key that is the same whether it came from pandas or from DuckDB."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if value is pd.NA:
        return None
    if hasattr(value, "item"):
        value = value.item()
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _grouped(rows: pd.DataFrame, keys: pd.DataFrame, measure: Measure) -> dict[Key, Number]:
    if keys.shape[1] == 0:
        return {(): _whole(rows, measure)}
    if rows.empty:
        return {}
    by = [keys[name] for name in keys.columns]
    grouped = rows.groupby(by, dropna=False, sort=False)
    if measure.per is not None:
        known = rows[f"{measure.entity}.{measure.per.key}"].notna()
        values = _per_key(rows[known], [key[known] for key in by], measure)
    elif measure.column is None:
        values = grouped.size()
    else:
        values = _aggregated(grouped[f"{measure.entity}.{measure.column}"], measure.aggregate)
    found = {}
    for key, value in values.items():
        names = key if isinstance(key, tuple) else (key,)
        found[tuple(map(plain, names))] = None if pd.isna(value) else value
    return found


def _whole(rows: pd.DataFrame, measure: Measure) -> Number:
    if measure.per is None and measure.column is None:
        return len(rows)
    everything = pd.Series(0, index=rows.index)
    if measure.per is not None:
        values = _per_key(rows, [everything], measure)
    else:
        grouped = rows[f"{measure.entity}.{measure.column}"].groupby(everything)
        values = _aggregated(grouped, measure.aggregate)
    if values.empty or pd.isna(values.iloc[0]):
        return None if measure.aggregate == "average" else 0
    return values.iloc[0]


def _per_key(rows: pd.DataFrame, by: list[pd.Series], measure: Measure) -> pd.Series:
    per = measure.per
    key = rows[f"{measure.entity}.{per.key}"]
    inner = rows.groupby([*by, key], dropna=False, sort=False)
    sizes = (
        inner.size() if per.column is None else inner[f"{measure.entity}.{per.column}"].nunique()
    )
    known = sizes.index.get_level_values(-1).notna()
    passed = ((sizes >= per.value) & known).astype("int64")
    return passed.groupby(level=list(range(len(by))), dropna=False, sort=False).sum()


def _aggregated(grouped: object, aggregate: str) -> pd.Series:
    if aggregate == "count_distinct":
        return grouped.nunique()
    return grouped.sum() if aggregate == "sum" else grouped.mean()


def _fields(where: Filter | None, model: SemanticModel) -> list[str]:
    if where is None or isinstance(where, CustomerCondition):
        return []
    if isinstance(where, Condition):
        return [where.field]
    if isinstance(where, InSegment):
        return _fields(model.segment(where.segment).where, model)
    inner = (where.negated,) if isinstance(where, Not) else (
        where.all if isinstance(where, And) else where.any)  # fmt: skip
    return [name for part in inner for name in _fields(part, model)]
