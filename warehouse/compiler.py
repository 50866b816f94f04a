"""The one writer of question SQL: QuerySpec + SemanticModel + Actor -> CompiledQuery.

Names come from the model and are quoted; every value is bound. The shape is always the same: one
table expression per table and window that aggregates the simple metrics; a spine of periods and
groups where several of them meet; metrics by arithmetic over the aggregates; then changes, shares,
small groups, conditions on groups, order. A join only ever leads from many rows to one, and every
aggregate is taken before two tables meet, so no row can count twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse import arithmetic
from warehouse.conditions import MINOR_UNITS, ORDERINGS, numbers_of, ranks_of, values_of
from warehouse.fragments import (
    Sql,
    all_of,
    any_of,
    bound,
    compared,
    filled,
    indented,
    joined,
    named,
    quoted,
    select,
    sql,
)
from warehouse.plan import (
    PERIOD,
    Leaf,
    Plan,
    Scan,
    Window,
    customer_place,
    formula,
    is_additive,
    make_plan,
    reach,
    scans_of,
)
from warehouse.query import (
    And,
    CompiledQuery,
    Condition,
    CustomerCondition,
    Filter,
    InSegment,
    Not,
    Or,
    QuerySpec,
    TimeGrain,
)
from warehouse.rights import PEOPLE, SMALLEST_GROUP, Actor
from warehouse.semantic_columns import place_of, validate_against
from warehouse.semantic_records import Dimension, Entity, Measure, Metric, SemanticModel

__all__ = ["compile_listing", "compile_query", "reach", "readable", "validate_against"]

COMPARED = "__compared"
WHOLE = "__whole"
HIDDEN = "__hidden"
COUNTS = "__counts"
PLACE = "__place"
RANK = "__rank"
_CUSTOMER = "customer"
_COMPARED_PERIOD = "compared_period"
_WHOLE_NUMBERS = ("currency", "count", "points")
_AGGREGATES = {
    "sum": "sum({})",
    "count": "count({})",
    "count_distinct": "count(DISTINCT {})",
    "average": "avg({})",
    "median": "median({})",
    "minimum": "min({})",
    "maximum": "max({})",
}
_STEPS: dict[TimeGrain, str] = {
    "day": "1 DAY",
    "week": "7 DAY",
    "month": "1 MONTH",
    "quarter": "3 MONTH",
    "year": "1 YEAR",
}


def compile_query(
    spec: QuerySpec, model: SemanticModel, actor: Actor, as_of: date, first_day: date
) -> CompiledQuery:
    """Write the SQL of a question, with the actor's rights in every table it reads.

    Parameters
    ----------
    spec : QuerySpec
        The question; amounts in major units.
    model : SemanticModel
        A valid model.
    actor : Actor
        Whose row rights apply.
    as_of, first_day : date
        Last and first day that the data covers.

    Raises
    ------
    UnknownName
        When a metric, dimension, segment or ordered value is not in the model.
    UnsupportedQuery
        When what was named cannot be combined; says what could.
    NotPermitted
        When the actor's rights cannot be applied to a metric.

    Notes
    -----
    A ratio is a ratio of sums: ``sum(numerator) / sum(denominator)`` of the group, NULL where the
    denominator is 0. Sums and counts of a group without rows are 0, averages and rates NULL.
    """
    return _compiled(_Writer(make_plan(spec, model, actor, as_of, first_day)))


def compile_listing(
    spec: QuerySpec, model: SemanticModel, actor: Actor, as_of: date, first_day: date
) -> CompiledQuery:
    """Write the SQL that lists single rows of a group, with the actor's rights.

    The smallest group does not apply to one row of many: the caller has counted the whole group
    with ``compile_query``, and lists only what is masked in the marts. Otherwise as there.
    """
    writer = _Writer(make_plan(spec, model, actor, as_of, first_day))
    writer.counts_people = False
    return _compiled(writer)


def _compiled(writer: _Writer) -> CompiledQuery:
    plan, spec = writer.plan, writer.plan.spec
    statement = writer.statement()
    text = sql("{}\n{}", writer.tables(), statement)
    is_cut = bool(plan.keys) and (spec.ranking is None or spec.ranking.keep == "groups")
    return CompiledQuery(
        sql=text.text,
        values=text.values,
        columns=plan.columns,
        time_range=plan.time_range,
        compared_range=plan.compared_range,
        notes=tuple(dict.fromkeys((*plan.notes, *writer.notes))),
        people_column=PEOPLE if writer.counts_people else None,
        people_fields=plan.people_fields,
        limit=spec.limit if is_cut else None,
    )


def readable(compiled: CompiledQuery) -> str:
    """Write the SQL with its values filled in: run on the marts, it returns the rows shown."""
    text = filled(compiled.sql, compiled.values)
    if compiled.people_column is None:
        return text
    tables, _, statement = text.rpartition("\nSELECT ")
    _, answer, _ = statement.split("\n")
    names = ", ".join(quoted(column.name) for column in compiled.columns)
    people = quoted(compiled.people_column)
    return f"{tables}\nSELECT {names}\n{answer}\nWHERE {people} >= 0\nORDER BY {quoted(PLACE)}"


@dataclass(frozen=True, slots=True)
class _Keys:
    """What rows are gathered by."""

    dimensions: tuple[Dimension, ...] = ()
    grain: TimeGrain | None = None
    by_customer: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that tell the groups apart."""
        period = (PERIOD,) if self.grain else ()
        customer = (_CUSTOMER,) if self.by_customer else ()
        return (*period, *customer, *(dimension.name for dimension in self.dimensions))


@dataclass(frozen=True, slots=True)
class _Reading:
    """Which rows are read, and what is counted of them besides the metrics."""

    where: Filter | None
    part: Filter | None = None
    people: bool = False
    rights: bool = True


class _Source:
    """The FROM clause of one table and those it joins; it grows as columns are named."""

    def __init__(self, writer: _Writer, entity: Entity) -> None:
        self.entity = entity
        self._writer = writer
        self._model = writer.plan.model
        self._joins: dict[str, str] = {}

    def clause(self) -> str:
        """Write the FROM clause."""
        return "\n".join([f"FROM {_table(self.entity)}", *self._joins.values()])

    def column(self, entity: str, column: str) -> str:
        """Name a column of the table or of one that it reaches."""
        for step in self._model.joins.way(self.entity.name, entity) or ():
            target = self._model.entity(step.target)
            key = quoted(target.name, target.key)
            self._joins[target.name] = (
                f"LEFT JOIN {_table(target)} ON {key} = {quoted(step.source, step.on)}"
            )
        return quoted(entity, column)

    def place(self, name: str) -> str:
        """Name a column as a measure does: bare, or as ``entity.column``."""
        return self.column(*place_of(name, self.entity.name))

    def dimension(self, dimension: Dimension) -> str:
        """Write the expression of a dimension."""
        column = self.column(dimension.entity, dimension.column)
        return f"CAST({column} AS DATE)" if dimension.type == "date" else column

    def customer(self) -> str | None:
        """Name the column with the customer of a row, if rows have one."""
        place = customer_place(self._model, self.entity.name)
        return self.column(*place) if place else None

    def predicate(self, where: Filter, rights: bool) -> Sql:
        """Write a filter over dimensions, segments and customers' own metrics.

        ``rights`` tells whether the actor's rights apply to the rows that a customer's own metric
        looks at.
        """
        if isinstance(where, Condition):
            return self._condition(where)
        if isinstance(where, CustomerCondition):
            return self._customer_condition(where, rights)
        if isinstance(where, InSegment):
            return self.predicate(self._model.segment(where.segment).where, rights)
        if isinstance(where, Not):
            return sql("NOT coalesce({}, FALSE)", self.predicate(where.negated, rights))
        if isinstance(where, And):
            return all_of(self.predicate(part, rights) for part in where.all)
        return any_of(self.predicate(part, rights) for part in where.any)

    def column_predicate(self, where: Filter) -> Sql:
        """Write the filter of a measure, which names columns instead of dimensions."""
        if isinstance(where, Not):
            return sql("NOT coalesce({}, FALSE)", self.column_predicate(where.negated))
        if isinstance(where, And):
            return all_of(map(self.column_predicate, where.all))
        if isinstance(where, Or):
            return any_of(map(self.column_predicate, where.any))
        assert isinstance(where, Condition)  # the model was checked
        return compared(self.place(where.field), where.op, where.values)

    def _condition(self, where: Condition) -> Sql:
        dimension = self._model.dimension(where.field)
        values = values_of(where, dimension, self._writer.plan.as_of)
        column = self.dimension(dimension)
        if where.op in ORDERINGS and dimension.type in ("text", "boolean"):
            ranks = ranks_of(where, dimension)
            return compared(column, "in", ranks) if ranks else any_of([])
        return compared(column, where.op, values)

    def _customer_condition(self, where: CustomerCondition, rights: bool) -> Sql:
        metric, customer = self._model.metric(where.customer_metric), self.customer()
        numbers = numbers_of(metric.name, where.op, where.values, metric.unit == "currency")
        table = self._writer.customer_table(where, rights)
        key = quoted(table, _CUSTOMER)
        self._joins[table] = f"LEFT JOIN {quoted(table)} ON {key} = {customer}"
        value = quoted(table, "value")
        if is_additive(self._model, metric):
            value = f"coalesce({value}, 0)"
        return all_of([Sql(f"{customer} IS NOT NULL"), compared(value, where.op, numbers)])


class _Facts:
    """One table expression: the simple metrics of one table in one window, one row a group."""

    def __init__(
        self, writer: _Writer, scan: Scan, keys: _Keys, window: Window, reading: _Reading
    ) -> None:
        self._plan = writer.plan
        self._scan = scan
        self._keys = keys
        self._reading = reading
        self._source = _Source(writer, scan.entity)
        own = [self._measure_condition(leaf.measure) for leaf in scan.leaves]
        shared = _shared(own)
        self._filters = [None if found == shared else found for found in own]
        self._conditions = self._row_conditions(window) + ([shared] if shared else [])
        self._part: Sql | None = None
        if reading.part is not None:
            self._part = self._source.predicate(reading.part, reading.rights)
        self._picked = self._key_expressions(window)

    def aggregated(self) -> Sql:
        """Write the table."""
        picked, source = self._picked, self._source
        for leaf, found in zip(self._scan.leaves, self._filters, strict=True):
            measure = leaf.measure
            column = source.place(measure.column) if measure.column else "*"
            for name, inside in self._variants(leaf):
                value = _filtered(measure.aggregate, column, [found, inside])
                picked.append(named(_finished(leaf, value), name))
        if self._reading.people:
            picked.append(named(self._people(), PEOPLE))
        return select(picked, source.clause(), self._conditions, len(self._keys.names))

    def by_key(self) -> Sql:
        """Write the table that a count of keys is taken from: one row a group and key."""
        (leaf,), (found,) = self._scan.leaves, self._filters
        per, source, picked = leaf.measure.per, self._source, self._picked
        assert per is not None  # such a measure has a scan of its own
        key = source.place(per.key)
        picked.append(Sql(f'{key} AS "key"'))
        column = source.place(per.column) if per.column else "*"
        for name, inside in self._variants(leaf):
            value = _filtered(per.aggregate, column, [found, inside])
            if per.aggregate.startswith("count"):
                value = sql("nullif({}, 0)", value)
            picked.append(named(value, name))
        if self._reading.people:
            part = self._part or Sql("TRUE")
            rest = sql("NOT coalesce({}, FALSE)", self._part) if self._part else Sql("TRUE")
            picked.append(f'min({source.customer() or "NULL"}) AS "person"')
            picked.append(sql('bool_or({}) AS "in_part"', part))
            picked.append(sql('bool_or({}) AS "in_rest"', rest))
        conditions = [*self._conditions, Sql(f"{key} IS NOT NULL")]
        return select(picked, source.clause(), conditions, len(self._keys.names) + 1)

    def keys_counted(self, table: str) -> Sql:
        """Write the table that counts the keys whose own aggregate is as asked."""
        (leaf,), keys = self._scan.leaves, self._keys.names
        per = leaf.measure.per
        assert per is not None
        counted: list[Sql | str] = [quoted(name) for name in keys]
        for name, _ in self._variants(leaf):
            passed = compared(quoted(name), per.op, [per.value])
            counted.append(named(_filtered("count", "*", [passed]), name))
        if self._reading.people:
            sides = [f'count(DISTINCT "person") FILTER (WHERE "{side}")'
                     for side in ("in_part", "in_rest")]  # fmt: skip
            counted.append(named(_least(sides), PEOPLE))
        return select(counted, f"FROM {quoted(table)}", (), len(keys))

    def _key_expressions(self, window: Window) -> list[Sql | str]:
        source, found = self._source, list[Sql | str]()
        if self._keys.grain:
            time = source.place(str(self._scan.time))
            bucket = Sql(f"CAST(date_trunc('{self._keys.grain}', {time}) AS DATE)")
            if self._scan.cumulative:
                bucket = sql("greatest({}, CAST({} AS DATE))", bucket, bound(window.first_period))
            found.append(named(bucket, PERIOD))
        if self._keys.by_customer:
            found.append(named(str(source.customer()), _CUSTOMER))
        found += [named(source.dimension(d), d.name) for d in self._keys.dimensions]
        return found

    def _row_conditions(self, window: Window) -> list[Sql]:
        """Write what every row must satisfy: window, filter, the actor's rights."""
        found: list[Sql] = []
        source, reading, rows = self._source, self._reading, self._plan.actor.rows
        if self._scan.time is not None:
            time = source.place(self._scan.time)
            if window.start is not None and not self._scan.cumulative:
                found.append(sql("{} >= {}", time, bound(window.start)))
            found.append(sql("{} < {}", time, bound(window.end)))
        if self._keys.by_customer:
            found.append(Sql(f"{source.customer()} IS NOT NULL"))
        if reading.where is not None:
            found.append(source.predicate(reading.where, reading.rights))
        if reading.rights and rows is not None:
            # Rights that ask for a customer's metric look at all of the customer's rows.
            found.append(source.predicate(rows, rights=False))
        return found

    def _measure_condition(self, measure: Measure) -> Sql | None:
        found = []
        if measure.where is not None:
            found.append(self._source.column_predicate(measure.where))
        if measure.mature_days is not None:
            day = self._plan.as_of + timedelta(days=1 - measure.mature_days)
            time = self._source.place(str(self._scan.time))
            found.append(sql("{} < {}", time, bound(day)))
        return all_of(found) if found else None

    def _variants(self, leaf: Leaf) -> list[tuple[str, Sql | None]]:
        """List the columns of a metric: of the part and of the whole, if a part is asked for."""
        name = leaf.metric.name
        if self._part is None:
            return [(name, None)]
        return [(name, self._part), (name + WHOLE, None)]

    def _people(self) -> Sql:
        """Count the people behind a group: with a part, of part or rest, whichever is fewer."""
        customer = self._source.customer()
        if customer is None:
            return Sql("0")
        count = f"count(DISTINCT {customer})"
        if self._part is None:
            return Sql(count)
        rest = sql("NOT coalesce({}, FALSE)", self._part)
        sides = [
            sql("nullif({}, 0)", sql("{} FILTER (WHERE {})", count, side))
            for side in (self._part, rest)
        ]
        return sql("coalesce(least({}), 0)", joined(", ", sides))


class _Writer:
    """Writes the tables of one question, each before those that read it."""

    def __init__(self, plan: Plan, parent: _Writer | None = None) -> None:
        self.plan = plan
        self.model = plan.model
        self.notes: list[str] = []
        self.counts_people = bool(plan.people_fields) and parent is None
        self._tables: dict[str, Sql] = parent._tables if parent else {}
        self._of_customers: dict[tuple[CustomerCondition, bool], str] = (
            parent._of_customers if parent else {}
        )

    def tables(self) -> Sql:
        """Write the WITH clause."""
        parts = [
            sql("{} AS (\n{}\n)", quoted(name), Sql(indented(body.text), body.values))
            for name, body in self._tables.items()
        ]
        return sql("WITH {}", joined(", ", parts))

    def statement(self) -> Sql:
        """Write the tables of the question and return the statement that reads the last."""
        plan, spec = self.plan, self.plan.spec
        scans = scans_of(plan, plan.needed, plan.dimensions, (spec.where, plan.part))
        windows = {"": plan.window}
        if plan.compared is not None:
            windows[COMPARED] = plan.compared
        self.counts_people &= any(customer_place(self.model, s.entity.name) for s in scans)
        keys = _Keys(plan.dimensions, spec.time_grain)
        reading = _Reading(spec.where, plan.part, self.counts_people)
        table = self._groups(scans, keys, windows, reading)
        table = self._metrics(table, keys, tuple(windows))
        table = self._changes_and_shares(table)
        if plan.dimensions and spec.time_grain and spec.ranking is None:
            table = self._counting(table)
        return self._without_small_groups(table) if self.counts_people else self._rows(table)

    def customer_table(self, condition: CustomerCondition, rights: bool) -> str:
        """Write the table with each customer's value of a metric, once."""
        found = self._of_customers.get((condition, rights))
        if found is None:
            found = self._customer_table(condition, rights)
            self._of_customers[condition, rights] = found
        return found

    def _customer_table(self, condition: CustomerCondition, rights: bool) -> str:
        metric = self.model.metric(condition.customer_metric)
        scans = scans_of(self.plan, [metric], (), (condition.where,), by_customer=True)
        start, end = None, self.plan.as_of + timedelta(days=1)
        if condition.time_range is not None:
            start, end = condition.time_range.start, min(condition.time_range.end, end)
        reading = _Reading(condition.where, rights=rights)
        windows = {"": Window(start, end)}
        table = self._groups(scans, _Keys(by_customer=True), windows, reading, "of_customers")
        picked: list[Sql | str] = [quoted(_CUSTOMER), named(self._expression(metric, ""), "value")]
        return self._add("customer_values", select(picked, f"FROM {quoted(table)}"))

    # From facts to metrics

    def _groups(
        self,
        scans: Sequence[Scan],
        keys: _Keys,
        windows: Mapping[str, Window],
        reading: _Reading,
        label: str = "now",
    ) -> str:
        """Write the table with every simple metric of every group, one row a group."""
        self._note_mature(scans, windows.values())
        facts = [
            (scan, suffix, self._facts(scan, keys, window, reading, "then" if suffix else label))
            for suffix, window in windows.items()
            for scan in scans
        ]
        if len(facts) == 1 and keys.grain is None:
            return facts[0][2]
        spine = self._spine([table for _, _, table in facts], keys, windows)
        picked = [named(quoted(spine, key), key) for key in keys.names]
        for scan, suffix, table in facts:
            for leaf in scan.leaves:
                for end in ("", WHOLE) if reading.part and not suffix else ("",):
                    name = leaf.metric.name + end
                    value = self._meeting(leaf, quoted(table, name), suffix, spine, keys)
                    picked.append(named(value, name + suffix))
        if reading.people:
            picked.append(named(_least([quoted(table, PEOPLE) for _, _, table in facts]), PEOPLE))
        if spine:
            source = [f"FROM {quoted(spine)}"] + [
                f"LEFT JOIN {quoted(table)} ON {_matches(table, spine, keys, suffix)}"
                for _, suffix, table in facts
            ]
        else:
            first, *others = [quoted(table) for _, _, table in facts]
            source = [f"FROM {first}", *(f"CROSS JOIN {other}" for other in others)]
        return self._add("groups", select(picked, "\n".join(source)))

    def _facts(self, scan: Scan, keys: _Keys, window: Window, reading: _Reading, label: str) -> str:
        facts = _Facts(self, scan, keys, window, reading)
        if scan.leaves[0].measure.per is None:
            return self._add(f"{scan.entity.name}_{label}", facts.aggregated())
        table = self._add(f"{scan.entity.name}_by_key", facts.by_key())
        return self._add(f"{scan.entity.name}_{label}", facts.keys_counted(table))

    def _spine(self, tables: Sequence[str], keys: _Keys, windows: Mapping[str, Window]) -> str:
        """Write the table with all groups, in every period; none where there is but one row."""
        others = [quoted(name) for name in keys.names if name != PERIOD]
        groups = ""
        if others:
            # One table holds a group once for each of its periods; UNION makes several distinct.
            start = "SELECT DISTINCT" if len(tables) == 1 else "SELECT"
            parts = [f"{start} {', '.join(others)} FROM {quoted(table)}" for table in tables]
            groups = self._add("keys", Sql("\nUNION\n".join(parts)))
        if keys.grain is None:
            return groups
        periods = self._add("periods", _periods(keys.grain, windows))
        if not groups:
            return periods
        source = f"FROM {quoted(periods)}\nCROSS JOIN {quoted(groups)}"
        return self._add("spine", select(["*"], source))

    def _meeting(self, leaf: Leaf, value: str, suffix: str, spine: str, keys: _Keys) -> str:
        """Write a simple metric as it joins the spine, where a group may have no row."""
        if not spine:
            return value
        if is_additive(self.model, leaf.metric):
            value = f"coalesce({value}, 0)"
        if leaf.measure.cumulative and keys.grain:
            others = [quoted(spine, dimension.name) for dimension in keys.dimensions]
            within = f"PARTITION BY {', '.join(others)} " if others else ""
            value = f"sum({value}) OVER ({within}ORDER BY {quoted(spine, PERIOD)})"
        if suffix and keys.grain:
            place = quoted(spine, _COMPARED_PERIOD)
            value = f"CASE WHEN {place} IS NOT NULL THEN {value} END"
        return value

    def _metrics(self, table: str, keys: _Keys, suffixes: Sequence[str]) -> str:
        """Write the table with the metrics, where they are more than what was aggregated."""
        plan = self.plan
        if all(metric.kind == "simple" for metric in plan.needed):
            return table
        picked: list[Sql | str] = [quoted(key) for key in keys.names]
        for suffix in (*suffixes, *([WHOLE] if plan.part else [])):
            for metric in plan.metrics if suffix else plan.needed:
                picked.append(named(self._expression(metric, suffix), metric.name + suffix))
        if self.counts_people:
            picked.append(quoted(PEOPLE))
        return self._add("metrics", select(picked, f"FROM {quoted(table)}"))

    def _expression(self, metric: Metric, suffix: str) -> str:
        """Write a metric over the columns of its simple metrics."""
        if metric.kind == "simple":
            return quoted(metric.name + suffix)
        return self._arithmetic(formula(metric), suffix)

    def _arithmetic(self, part: arithmetic.Expression, suffix: str) -> str:
        if isinstance(part, arithmetic.Name):
            return self._expression(self.model.metric(part.name), suffix)
        if isinstance(part, arithmetic.Number):
            return repr(part.value)
        left, right = self._arithmetic(part.left, suffix), self._arithmetic(part.right, suffix)
        if part.sign == "/":
            return f"(CAST({left} AS DOUBLE) / nullif({right}, 0))"
        return f"({left} {part.sign} {right})"

    def _changes_and_shares(self, table: str) -> str:
        plan = self.plan
        picked: list[Sql | str] = [f"{quoted(table)}.*"]
        for metric in plan.metrics if plan.compared else ():
            now, then = quoted(table, metric.name), quoted(table, metric.name + COMPARED)
            rate = f"CAST({now} - {then} AS DOUBLE) / nullif(abs({then}), 0)"
            picked.append(named(f"{now} - {then}", f"{metric.name}__change"))
            picked.append(named(rate, f"{metric.name}__change_rate"))
        totals, source = "", f"FROM {quoted(table)}"
        if plan.overlapping:
            totals = self._totals()
            same = [d for d in plan.dimensions if d.name in plan.share_keys]
            match = _same(totals, table, same, PERIOD in plan.share_keys)
            source += f"\nLEFT JOIN {quoted(totals)} ON {match}"
        for metric in plan.metrics if plan.spec.share else ():
            now, whole = quoted(table, metric.name), self._whole(table, totals, metric)
            share = f"CAST({now} AS DOUBLE) / nullif({whole}, 0)"
            picked.append(named(share, f"{metric.name}__share"))
        return table if len(picked) == 1 else self._add("changes", select(picked, source))

    def _whole(self, table: str, totals: str, metric: Metric) -> str:
        """Write the whole of which a group is a part."""
        if self.plan.part is not None:
            return quoted(table, metric.name + WHOLE)
        if metric.name in self.plan.overlapping:
            return quoted(totals, metric.name)
        return f"sum({quoted(table, metric.name)}) OVER ({_circle(self.plan.share_keys, table)})"

    def _totals(self) -> str:
        """Write the table with the distinct whole of metrics whose groups can overlap."""
        plan, where = self.plan, self.plan.spec.where
        metrics = [metric for metric in plan.metrics if metric.name in plan.overlapping]
        grain = plan.spec.time_grain if PERIOD in plan.share_keys else None
        keys = _Keys(tuple(d for d in plan.dimensions if d.name in plan.share_keys), grain)
        scans = scans_of(plan, metrics, plan.dimensions, (where,))
        table = self._groups(scans, keys, {"": plan.window}, _Reading(where), "in_all")
        picked: list[Sql | str] = [quoted(key) for key in keys.names]
        picked += [named(self._expression(metric, ""), metric.name) for metric in metrics]
        return self._add("totals", select(picked, f"FROM {quoted(table)}"))

    # From metrics to rows

    def _rows(self, table: str) -> Sql:
        """Write the statement that reads the rows in their order."""
        spec = self.plan.spec
        if spec.ranking is not None and spec.ranking.within and spec.ranking.keep == "rows":
            ranked = self._ranked(table, self._conditions(table), [])
            rows = select(self._visible(), f"FROM {quoted(ranked)}", [self._cut()])
            return sql("{}\nORDER BY {}\nLIMIT {}", rows, quoted(PLACE), bound(spec.limit))
        rows = select(self._outputs(table), self._kept_groups(table), self._conditions(table))
        if not self.plan.keys:
            return rows
        return sql("{}\nORDER BY {}{}", rows, joined(", ", self._order(table)), self._limit())

    def _without_small_groups(self, table: str) -> Sql:
        """Leave out groups of too few people before anything is ranked or cut.

        Where one group alone would be missing, or all that are missing are together too few, the
        next smallest goes with them: in the whole, in each group of the dimensions that are not
        personal, and wherever shares add up. One more row, the last, tells how many are missing.
        """
        plan = self.plan
        personal = {dimension.name for dimension in plan.dimensions if dimension.personal}
        plain = tuple(key for key in plan.keys if key not in personal)
        hidden = f"{HIDDEN}_0"
        few = f"{quoted(PEOPLE)} > 0 AND {quoted(PEOPLE)} < {SMALLEST_GROUP}"
        table = self._add("small", select(["*", named(few, hidden)], f"FROM {quoted(table)}"))
        circles = dict.fromkeys((plain, plan.share_keys, ())) if plan.keys else {}
        for nth, circle in enumerate(circles, 1):
            more = f"{HIDDEN}_{nth}"
            next_smallest = named(self._next_smallest(hidden, circle), more)
            source = f"FROM {quoted(table)}\nWINDOW circle AS ({_circle(circle)})"
            table = self._add("small", select(["*", next_smallest], source))
            hidden = more
        shown = [Sql(f"NOT {quoted(table, hidden)}"), *self._conditions(table)]
        ranked = self._ranked(table, shown, [quoted(table, PEOPLE)])
        rows: list[Sql | str] = [*self._visible(), quoted(PEOPLE), quoted(PLACE)]
        last: list[Sql | str] = [*["NULL"] * len(plan.columns), "-count(*)", "NULL"]
        answer = sql(
            "{}\nUNION ALL\n{}\nHAVING count(*) > 0",
            select(rows, f"FROM {quoted(ranked)}", [self._cut()]),
            select(last, f"FROM {quoted(table)}", [Sql(quoted(hidden))]),
        )
        listed = ", ".join([*self._visible(), quoted(PEOPLE)])
        source = f"FROM {quoted(self._add('answer', answer))}"
        return Sql(f"SELECT {listed}\n{source}\nORDER BY {quoted(PLACE)} NULLS LAST")

    def _next_smallest(self, hidden: str, circle: Sequence[str]) -> str:
        """Write whether a group is hidden, or must go so that no hidden one can be worked out."""
        was, people = quoted(hidden), quoted(PEOPLE)
        count = f"count(*) FILTER (WHERE {was}) OVER circle"
        total = f"coalesce(sum({people}) FILTER (WHERE {was}) OVER circle, 0)"
        order = ", ".join([f"{was} DESC", f"{people} = 0", people, *map(quoted, self.plan.keys)])
        place = f"row_number() OVER ({_circle(circle)} ORDER BY {order})"
        return (
            f"{was} OR ({people} > 0 AND {count} > 0\n"
            f"    AND ({count} = 1 OR {total} < {SMALLEST_GROUP}) AND {place} = 1 + {count})"
        )

    def _ranked(self, table: str, kept: Sequence[Sql], more: Sequence[str]) -> str:
        """Write the table of rows with their place in the whole, and in their group if asked."""
        ranking = self.plan.spec.ranking
        order = joined(", ", self._order(table)) if self.plan.keys else Sql("TRUE")
        outputs: list[Sql | str] = [*self._outputs(table), *more]
        outputs.append(named(sql("row_number() OVER (ORDER BY {})", order), PLACE))
        if ranking is not None and ranking.within and ranking.keep == "rows":
            circle = _circle([f"{key}" for key in ranking.within], table)
            outputs.append(named(sql("row_number() OVER ({} ORDER BY {})", circle, order), RANK))
        return self._add("ranked", select(outputs, self._kept_groups(table), kept))

    def _kept_groups(self, table: str) -> str:
        """Write the FROM clause of the rows: with a ranking of groups, only of those kept."""
        plan, spec = self.plan, self.plan.spec
        if spec.ranking is None or spec.ranking.keep == "rows":
            return f"FROM {quoted(table)}"
        within = tuple(key for key in spec.ranking.within if key != PERIOD)
        ranking = spec.ranking.model_copy(update={"keep": "rows", "within": within})
        whole = spec.model_copy(update={"time_grain": None, "having": (), "ranking": ranking})
        inner = make_plan(whole, plan.model, plan.actor, plan.as_of, plan.first_day)
        top = self._add("top", _Writer(inner, self).statement())
        return f"FROM {quoted(table)}\nJOIN {quoted(top)} ON {_same(top, table, plan.dimensions)}"

    def _visible(self) -> list[str]:
        return [quoted(column.name) for column in self.plan.columns]

    def _outputs(self, table: str) -> list[Sql | str]:
        """Write the columns that people see, amounts of money in major units."""
        return [
            named(f"{quoted(table, column.name)} / {MINOR_UNITS}.0", column.name)
            if column.unit == "currency"
            else quoted(table, column.name)
            for column in self.plan.columns
        ]

    def _conditions(self, table: str) -> list[Sql]:
        """Write which groups are kept: as asked, and of those without a name only what counts.

        What has no value of a dimension is no place in a ranking; and a join that finds nobody
        leaves a group in which there is nothing.
        """
        found = [self._named(table, dimension) for dimension in self.plan.dimensions]
        for having in self.plan.spec.having:
            money = self.model.metric(having.metric).unit == "currency"
            numbers = numbers_of(having.metric, having.op, having.values, money)
            found.append(compared(quoted(table, having.metric), having.op, numbers))
        return found

    def _named(self, table: str, dimension: Dimension) -> Sql:
        has_name = f"{quoted(table, dimension.name)} IS NOT NULL"
        if self.plan.spec.ranking is not None:
            return Sql(has_name)
        counts = self._counts(table) if self.plan.spec.time_grain is None else quoted(table, COUNTS)
        return Sql(f"({has_name} OR {counts})")

    def _counting(self, table: str) -> str:
        """Write whether there is anything in a group in any period: a trend has no holes."""
        circle = _circle([dimension.name for dimension in self.plan.dimensions], table)
        counts = named(f"bool_or({self._counts(table)}) OVER ({circle})", COUNTS)
        return self._add("counting", select(["*", counts], f"FROM {quoted(table)}"))

    def _counts(self, table: str) -> str:
        values = [f"coalesce({quoted(table, m.name)}, 0) <> 0" for m in self.plan.metrics]
        return f"({' OR '.join(values)})"

    def _order(self, table: str) -> list[Sql]:
        """Write an order in which no two rows are equal: the keys decide what the metric cannot."""
        plan, ranking = self.plan, self.plan.spec.ranking
        keys = self._key_order(table)
        if ranking is not None and ranking.keep == "rows":
            inside = [Sql(f"{quoted(table, key)} NULLS LAST") for key in ranking.within]
            by = f"{quoted(table, ranking.by)} {ranking.direction.upper()} NULLS LAST"
            return [*inside, Sql(by), *keys]
        first = plan.dimensions[0] if plan.dimensions else None
        if PERIOD in plan.keys or first is None or first.ordered or first.type != "text":
            return keys
        return [Sql(f"{quoted(table, plan.metrics[0].name)} DESC NULLS LAST"), *keys]

    def _key_order(self, table: str) -> list[Sql]:
        found = [Sql(quoted(table, PERIOD))] if PERIOD in self.plan.keys else []
        for dimension in self.plan.dimensions:
            column = quoted(table, dimension.name)
            if dimension.ordered:
                cases = [
                    sql("WHEN {} THEN {}", bound(value.value), str(place))
                    for place, value in enumerate(dimension.values)
                ]
                found.append(sql("CASE {} {} END NULLS LAST", column, joined(" ", cases)))
            found.append(Sql(f"{column} NULLS LAST"))
        return found

    def _limit(self) -> Sql:
        spec, ranking = self.plan.spec, self.plan.spec.ranking
        if ranking is None or ranking.keep == "groups":
            return sql("\nLIMIT {}", bound(spec.limit))
        rows = sql("\nLIMIT {}", bound(min(ranking.limit, spec.limit)))
        return sql("{} OFFSET {}", rows, bound(ranking.offset)) if ranking.offset else rows

    def _cut(self) -> Sql:
        """Write the condition on the place that keeps as many rows as were asked for."""
        spec, ranking = self.plan.spec, self.plan.spec.ranking
        if ranking is None or ranking.keep == "groups":
            return compared(quoted(PLACE), "<=", [spec.limit])
        first, last = ranking.offset + 1, ranking.offset + min(ranking.limit, spec.limit)
        return compared(quoted(RANK if ranking.within else PLACE), "between", [first, last])

    def _note_mature(self, scans: Iterable[Scan], windows: Iterable[Window]) -> None:
        """Note where rows of a window are too recent to be counted yet."""
        days = [leaf.measure.mature_days or 0 for scan in scans for leaf in scan.leaves]
        mature = self.plan.as_of - timedelta(days=max(days) - 1)
        if any(days) and any(window.end > mature for window in windows):
            self.notes.append("recent_left_out")

    def _add(self, name: str, body: Sql) -> str:
        """Give a table a name that hides no other, and return it."""
        free, nth = name, 1
        while free in self._tables or free in self.model.tables:
            nth += 1
            free = f"{name}_{nth}"
        self._tables[free] = body
        return free


def _table(entity: Entity) -> str:
    name = quoted(entity.table)
    return name if entity.table == entity.name else f"{name} AS {quoted(entity.name)}"


def _shared(own: Sequence[Sql | None]) -> Sql | None:
    """Write the condition that a row counts for any of the measures; none if every row does."""
    found = [condition for condition in own if condition is not None]
    return any_of(dict.fromkeys(found)) if len(found) == len(own) else None


def _filtered(aggregate: str, column: str, conditions: Iterable[Sql | None]) -> Sql:
    value = _AGGREGATES[aggregate].format(column)
    found = [condition for condition in conditions if condition is not None]
    return sql("{} FILTER (WHERE {})", value, all_of(found)) if found else Sql(value)


def _finished(leaf: Leaf, value: Sql) -> Sql:
    """Make a sum over no rows 0, and keep whole numbers whole."""
    if leaf.measure.aggregate != "sum":
        return value
    if leaf.metric.unit in _WHOLE_NUMBERS:
        value = sql("CAST({} AS BIGINT)", value)
    return sql("coalesce({}, 0)", value)


def _least(counts: Sequence[str]) -> str:
    """Write the smallest of several counts that is not zero."""
    return f"coalesce(least({', '.join(f'nullif({count}, 0)' for count in counts)}), 0)"


def _periods(grain: TimeGrain, windows: Mapping[str, Window]) -> Sql:
    """Write all periods of the window, each with the one it is compared with: first with first."""
    now = _calendar(windows[""], grain)
    if COMPARED not in windows:
        return sql('SELECT "day" AS {}\nFROM ({}) AS "now"', quoted(PERIOD), now)
    return sql(
        'SELECT "now"."day" AS {}, "then"."day" AS {}\nFROM ({}) AS "now"\n'
        'LEFT JOIN ({}) AS "then" ON "then"."nth" = "now"."nth"',
        quoted(PERIOD),
        quoted(_COMPARED_PERIOD),
        now,
        _calendar(windows[COMPARED], grain),
    )


def _calendar(window: Window, grain: TimeGrain) -> Sql:
    """Write the periods of a window, whether they have rows or not, numbered from the first."""
    return sql(
        '\n  SELECT CAST("day" AS DATE) AS "day", row_number() OVER (ORDER BY "day") AS "nth"\n'
        "  FROM generate_series(CAST({} AS TIMESTAMP), CAST({} AS TIMESTAMP), INTERVAL {}) "
        'AS series("day")\n',
        bound(window.first_period),
        bound(window.last_period),
        _STEPS[grain],
    )


def _circle(keys: Sequence[str], table: str = "") -> str:
    """Write within which rows a window function looks; nothing for all."""
    names = [quoted(table, key) if table else quoted(key) for key in keys]
    return f"PARTITION BY {', '.join(names)}" if names else ""


def _matches(table: str, spine: str, keys: _Keys, suffix: str) -> str:
    """Write the condition on which a table of facts joins the spine."""
    found = []
    if keys.grain:
        period = _COMPARED_PERIOD if suffix else PERIOD
        found.append(f"{quoted(table, PERIOD)} = {quoted(spine, period)}")
    if keys.by_customer:
        found.append(f"{quoted(table, _CUSTOMER)} = {quoted(spine, _CUSTOMER)}")
    if keys.dimensions:
        found.append(_same(table, spine, keys.dimensions))
    return " AND ".join(found)


def _same(table: str, other: str, dimensions: Sequence[Dimension], period: bool = False) -> str:
    """Write the condition that two tables are about the same group; missing equals missing."""
    names = [*([PERIOD] if period else []), *(dimension.name for dimension in dimensions)]
    found = [f"{quoted(table, n)} IS NOT DISTINCT FROM {quoted(other, n)}" for n in names]
    return " AND ".join(found) or "TRUE"
