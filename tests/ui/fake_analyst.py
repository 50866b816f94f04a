"""An analyst with fixed answers and people in memory, behind the signatures of the real one."""

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from agent.analyst import Edited, Event, Session, StepFinished, StepStarted, TextReleased
from agent.answer import Answer, Choice, Record, Step
from agent.catalogue import Catalogue, Entry, Subject
from agent.chips import Chip, Menu, Option
from agent.conversations import ThreadSummary, Turn
from agent.editing import Edit, EditRefused
from tools import Actor
from tools.evidence import (
    Chart,
    Definition,
    Evidence,
    Quote,
    Table,
    TableColumn,
    ToolResult,
    Understood,
    UnderstoodFilter,
)
from warehouse.errors import StoreUnavailable, UnknownName

AS_OF = date(2026, 10, 31)
BUILD = "20261101-080000-ab12cd"
PASSWORD = "correct horse"
WINDOW = "2026-09-01 至 2026-09-30"
REVENUE = Definition(
    name="revenue",
    label="销售额",
    text="有效订单明细的实付金额之和，不含运费。",
    unit="currency",
)


class User(Record):
    """A user as the analyst lists them."""

    id: str
    name: str
    roles: tuple[str, ...] = ("marketer",)
    disabled: bool = False


@dataclass
class FakeAnalyst:
    """Answers by the words of the question; remembers who asked what."""

    people: dict[str, tuple[User, str]] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    kept: dict[str, list[tuple[str, Turn]]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    asked_by: list[Actor | None] = field(default_factory=list)
    is_broken: bool = False

    def __post_init__(self) -> None:
        for name in ("lin", "wang"):
            self.people[name] = (User(id=name, name=name.title()), PASSWORD)

    def __enter__(self) -> "FakeAnalyst":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is open."""

    def ask(self, text: str, thread: str | None = None, actor: Actor | None = None) -> Answer:
        answer = list(self.stream(text, thread, actor))[-1]
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self, text: str, thread: str | None = None, actor: Actor | None = None
    ) -> Iterator[Event]:
        self.asked_by.append(actor)
        thread = thread or secrets.token_hex(8)
        answer = answer_to(text).model_copy(
            update={"thread": thread, "turn_id": secrets.token_hex(4)}
        )
        for step in answer.steps:
            yield StepStarted(tool=step.tool, arguments=step.arguments)
            if "慢慢" in text:
                time.sleep(8)
            if "崩溃" in text:
                raise RuntimeError("a programming mistake")
            yield StepFinished(tool=step.tool, milliseconds=step.milliseconds)
        for line in answer.text.splitlines(keepends=True):
            yield TextReleased(text=line)
        asker = actor.id if actor else "local"
        self.owners.setdefault(thread, asker)
        self.titles.setdefault(thread, text)
        turn = Turn(question=text, answer=answer, asked_at=datetime.now(UTC))
        self.kept.setdefault(thread, []).append((asker, turn))
        yield answer

    def sign_in(self, user: str, password: str) -> Session | None:
        person, right = self.people.get(user, (None, ""))
        if person is None or password != right:
            return None
        session = Session(
            token=secrets.token_urlsafe(16),
            user_id=user,
            name=person.name,
            roles=person.roles,
            language="zh",
            expires_at=datetime.now(UTC) + timedelta(hours=8),
        )
        self.sessions[session.token] = session
        return session

    def session(self, token: str) -> Session | None:
        return self.sessions.get(token)

    def sign_out(self, token: str) -> None:
        self.sessions.pop(token, None)

    def actor_of(self, session: Session) -> Actor:
        return Actor(id=session.user_id, roles=session.roles)

    def threads(self, session: Session, text: str = "") -> tuple[ThreadSummary, ...]:
        return tuple(
            ThreadSummary(id=t, title=self.titles[t], updated_at=self.kept[t][-1][1].asked_at)
            for t, owner in reversed(self.owners.items())
            if owner == session.user_id and text.lower() in self.titles[t].lower()
        )

    def turns(self, session: Session, thread: str) -> tuple[Turn, ...]:
        if self.owners.get(thread) != session.user_id:
            raise UnknownName(kind="thread", name=thread, nearest=())
        return tuple(turn for _, turn in self.kept[thread])

    def turn(self, session: Session, thread: str, turn: str) -> Turn:
        for kept in self.turns(session, thread):
            if kept.answer.turn_id == turn:
                return kept
        raise UnknownName(kind="turn", name=turn, nearest=())

    def rename_thread(self, session: Session, thread: str, title: str) -> None:
        self.turns(session, thread)
        self.titles[thread] = title

    def delete_thread(self, session: Session, thread: str) -> int:
        count = len(self.turns(session, thread))
        for kept in (self.owners, self.titles, self.kept):
            del kept[thread]
        return count

    def chips(self, answer: Answer) -> tuple[Chip, ...]:
        labels = [("metric", 0, d.label) for e in answer.evidence for d in e.definition]
        labels += [("window", None, WINDOW)] if labels else []
        return tuple(
            Chip(step=0, part=part, at=at, title=part, label=label) for part, at, label in labels
        )

    def chip_menu(self, answer: Answer, step: int, part: str, at: int | None) -> Menu:
        if part not in ("metric", "window"):
            raise EditRefused("The turn has no such part.")
        options = tuple(
            Option(label=label, edit=Edit(part=part, at=at, to=to), is_current=not i)
            for i, (label, to) in enumerate((("A", "a"), (HOSTILE, "b")))
        )
        return Menu(title=HOSTILE, options=options)

    def edit(self, session: Session, thread: str, turn_id: str, edit: Edit) -> Edited:
        self.turn(session, thread, turn_id)
        question = f"Edited: {edit.part} → {edit.to}"
        return Edited(question, self.stream(question, thread, self.actor_of(session)))

    def catalogue(self, language: str) -> Catalogue:
        self._read_store()
        entry = Entry(name="x", label=HOSTILE, text=HOSTILE, question=HOSTILE, values=(HOSTILE,))
        subject = Subject(label=HOSTILE, entries=(entry,))
        return Catalogue(
            metrics=(subject,),
            dimensions=(subject,),
            segments=(entry,),
            questions=self.suggestions(language),
            first_day="2024-11-01",
            as_of=AS_OF.isoformat(),
            build_id=BUILD,
        )

    def suggestions(self, language: str) -> tuple[str, ...]:
        self._read_store()
        if language == "zh":
            return (
                "上个月的销售额是多少？",
                "各品类的销售额",
                "每月销售额趋势",
                "客户在抱怨什么？",
            )
        return ("What was revenue last month?", "Revenue by category", "Monthly revenue")

    def overview(self, language: str) -> ToolResult:
        return ToolResult(tool="describe_data", language=language)

    def _read_store(self) -> None:
        if self.is_broken:
            raise StoreUnavailable(store="marts", detail="There is no build.", next="Build first.")

    def health(self) -> dict[str, str]:
        self._read_store()
        return {
            "planner": "embedded",
            "as_of": AS_OF.isoformat(),
            "build_id": BUILD,
            "currency": "CNY",
        }

    def workspace_name(self, language: str) -> str:
        return "拾光优选" if language == "zh" else "Everglow"

    def users(self) -> tuple[User, ...]:
        return tuple(user for user, _ in self.people.values())

    def add_user(
        self,
        session: Session | None,
        user_id: str,
        name: str,
        password: str,
        roles: tuple[str, ...],
    ) -> None:
        self.people[user_id] = (User(id=user_id, name=name, roles=roles), password)

    def disable_user(self, session: Session | None, user_id: str) -> None:
        user, password = self.people[user_id]
        self.people[user_id] = (user.model_copy(update={"disabled": True}), password)

    def set_password(self, session: Session | None, user_id: str, password: str) -> None:
        self.people[user_id] = (self.people[user_id][0], password)


def answer_to(text: str) -> Answer:
    """The fixed answer for a question, chosen by a word in it."""
    lower = text.lower()
    makers = (
        (("趋势", "monthly"), _trend),
        (("品类", "category"), _categories),
        (("抱怨", "complain"), _feedback),
        (("活跃", "active"), _clarification),
        (("天气", "weather"), _refusal),
        (("<",), _hostile),
    )
    make = next((make for words, make in makers if any(w in lower for w in words)), _number)
    return make("zh" if any("\u4e00" <= c <= "\u9fff" for c in text) else "en")


def _answer(language: str, text: str, **fields: object) -> Answer:
    understood = Understood(
        metrics=("revenue",),
        time_range=(date(2026, 9, 1), date(2026, 10, 1)),
    )
    step = Step(
        tool="query_metrics",
        arguments={
            "metrics": ["revenue"],
            "time_range": {"start": "2026-09-01", "end": "2026-10-01"},
            "where": None,
        },
        milliseconds=7.4,
    )
    values: dict[str, object] = {
        "kind": "answer",
        "understood": understood,
        "steps": (step,),
        "evidence": (_evidence(1),),
        "verified": True,
        "ms": 12.3,
    }
    return Answer(thread="", turn_id="", language=language, text=text, **(values | fields))


def _evidence(rows: int, **fields: object) -> Evidence:
    values: dict[str, object] = {
        "id": "E1",
        "kind": "query",
        "sql": "select sum(paid_amount) / 100.0 as revenue\nfrom order_lines\n"
        "where ordered_at >= date '2026-09-01'\n  and ordered_at < date '2026-10-01'",
        "definition": (REVENUE,),
    }
    return Evidence(row_count=rows, as_of=AS_OF, build_id=BUILD, **(values | fields))


def _number(language: str) -> Answer:
    zh = language == "zh"
    table = Table(
        columns=(
            TableColumn(name="revenue", label="销售额" if zh else "Revenue", unit="currency",
                        role="metric"),
            TableColumn(name="revenue_compared", label="对比期销售额" if zh else "Revenue before",
                        unit="currency", role="compared", metric="revenue"),
            TableColumn(name="revenue_change_rate", label="变化率" if zh else "Change rate",
                        unit="percent", role="change_rate", metric="revenue"),
        ),
        rows=((1234567.89, 1187000.5, 0.0401),),
    )  # fmt: skip
    text = (
        "按此理解：销售额 · 2026-09-01 至 2026-09-30\n\n"
        "销售额：¥1,234,567.89，对比期 ¥1,187,000.50：变化率 +4.0%"
        if zh
        else "Read as: Revenue · 2026-09-01 to 2026-09-30\n\nRevenue: ¥1,234,567.89, against "
        "¥1,187,000.50 in the compared period: +4.0%"
    )
    more = ("按城市拆分", "和去年同期比") if zh else ("Split it by city", "Against last year")
    return _answer(
        language,
        text,
        table=table,
        chart=Chart(type="number", y=("revenue",)),
        suggestions=more,
    )


def _trend(language: str) -> Answer:
    zh = language == "zh"
    months = [date(2025 + (m // 12), m % 12 + 1, 1) for m in range(10, 22)]
    rows = tuple((month, 900_000.0 + 37_000.5 * i) for i, month in enumerate(months))
    table = Table(
        columns=(
            TableColumn(name="month", label="月份" if zh else "Month", unit="date", role="period"),
            TableColumn(name="revenue", label="销售额" if zh else "Revenue", unit="currency",
                        role="metric"),
        ),
        rows=rows,
        labels={"month": {str(month): f"{month:%Y-%m}" for month in months}},
    )  # fmt: skip
    text = (
        "销售额从 2025-11 的 ¥900,000.00 到 2026-10 的 ¥1,307,005.50。"
        if zh
        else "Revenue went from ¥900,000.00 in 2025-11 to ¥1,307,005.50 in 2026-10."
    )
    chart = Chart(type="line", x="month", y=("revenue",))
    return _answer(language, text, table=table, chart=chart, evidence=(_evidence(12),))


def _categories(language: str) -> Answer:
    zh = language == "zh"
    names = {
        "mother_baby": ("母婴", "Mother & baby"),
        "snacks": ("零食", "Snacks"),
        "beauty": ("美妆", "Beauty"),
        "appliances": ("小家电", "Small appliances"),
        "coffee": ("咖啡", "Coffee"),
        "clothing": ("服饰", "Clothing"),
    }
    table = Table(
        columns=(
            TableColumn(name="category", label="品类" if zh else "Category", unit="text"),
            TableColumn(name="revenue", label="销售额" if zh else "Revenue", unit="currency",
                        role="metric"),
            TableColumn(name="revenue_share", label="占比" if zh else "Share", unit="percent",
                        role="share", metric="revenue"),
        ),
        rows=tuple(
            (name, 400_000.25 - 50_000 * i, 0.3 - 0.045 * i) for i, name in enumerate(names)
        ),
        labels={"category": {name: pair[0 if zh else 1] for name, pair in names.items()}},
    )  # fmt: skip
    lines = [
        f"{n}. {table.shown('category', row[0])}: ¥{row[1]:,.2f}"
        for n, row in enumerate(table.rows, start=1)
    ]
    understood = Understood(
        metrics=("revenue",),
        dimensions=("category",),
        filters=(
            UnderstoodFilter(
                field="city",
                op="in",
                values=("上海", "杭州"),
                label="城市" if zh else "City",
                value_labels=("上海", "杭州") if zh else ("Shanghai", "Hangzhou"),
            ),
        ),
        time_range=(date(2026, 9, 1), date(2026, 10, 1)),
    )
    chart = Chart(type="bar", x="category", y=("revenue",))
    return _answer(
        language,
        "\n".join(lines),
        table=table,
        chart=chart,
        understood=understood,
        evidence=(_evidence(6),),
        caveats=("没有说明时间，按全部数据计算。" if zh else "No time was named, so all is used.",),
    )


def _feedback(language: str) -> Answer:
    quotes = (
        Quote(feedback_id="F1", text="物流太慢了，等了九天。", language="zh",
              created_at=date(2026, 10, 2), stars=1, product="手冲咖啡壶"),
        Quote(feedback_id="F2", text="Arrived late and the box was crushed.", language="en",
              created_at=date(2026, 9, 20), stars=2),
    )  # fmt: skip
    text = "\n".join(["最相关的 2 条反馈:", *(f"- “{q.text}” ({q.feedback_id})" for q in quotes)])
    step = Step(tool="search_feedback", arguments={"text": "慢", "limit": 5}, milliseconds=21.0)
    evidence = _evidence(2, kind="feedback", sql=None, definition=(), quotes=quotes)
    return _answer(language, text, steps=(step,), evidence=(evidence,))


def _clarification(language: str) -> Answer:
    zh = language == "zh"
    choices = tuple(
        Choice(label=label, question=question)
        for label, question in (
            (("登录活跃", "上个月登录活跃客户数"), ("购买活跃", "上个月购买客户数"))
            if zh
            else (("By login", "Customers by login"), ("By purchase", "Customers by purchase"))
        )
    )
    return _answer(
        language,
        "“活跃客户”有几种定义，请选择一种。" if zh else "'Active' has several meanings.",
        kind="clarification",
        reason="ambiguous",
        choices=choices,
        steps=(),
        evidence=(),
        understood=Understood(),
        verified=False,
    )


def _refusal(language: str) -> Answer:
    return _answer(
        language,
        "没有“天气”的数据。" if language == "zh" else "There is no data about 'weather'.",
        kind="refusal",
        reason="unknown_name",
        steps=(),
        evidence=(),
        understood=Understood(not_understood=("weather",)),
        verified=False,
    )


def _hostile(language: str) -> Answer:
    """What a customer, a brand or a model could slip in, in every field that is shown."""
    bad = HOSTILE
    table = Table(
        columns=(
            TableColumn(name="x", label=bad, unit="text"),
            TableColumn(name="n", label=bad, unit="count", role="metric"),
        ),
        rows=((bad, 3), ("b", 5)),
        labels={"x": {"b": bad}},
    )
    quote = Quote(feedback_id=bad, text=bad, language="en", created_at=AS_OF, product=bad)
    definition = Definition(name=bad, label=bad, text=bad)
    return _answer(
        language,
        f"{bad}\n- {bad}\n\n{bad}",
        table=table,
        chart=Chart(type="bar", x="x", y=("n",)),
        steps=(Step(tool="query_metrics", arguments={"x": bad}),),
        evidence=(_evidence(2, sql=bad, quotes=(quote,), definition=(definition,)),),
        caveats=(bad,),
        suggestions=(bad,),
    )


HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(1)</script> ![p](http://sink.invalid/p.png) "
    "[c](http://sink.invalid/) http://sink.invalid/auto $$\\href{javascript:alert(1)}{x}$$ "
    "</pre></details><style>*{background:url(http://sink.invalid/s)}</style>"
)
