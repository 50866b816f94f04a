"""Two brands' vocabularies: the retailer of the semantic model, and a software company."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from pypinyin import lazy_pinyin

from agent.embedded import Plan, PlannedCall, PreviousTurn, plan
from knowledge.languages import Clock
from tools.vocabulary import Form, Term, Vocabulary
from warehouse.compiler import reach
from warehouse.semantic_model import load_semantic_model

ROOT = Path(__file__).parents[3]
CITIES = ("上海", "北京", "广州", "深圳", "杭州", "成都", "南京", "武汉", "苏州", "重庆")
PROVINCES = ("广东", "浙江", "江苏", "四川", "湖北", "山东")
PRODUCTS = (("意式咖啡机", "Espresso machine"), ("三段奶粉", "Formula stage 3"))
STORES = (("南京西路店", "West Nanjing Road store"), ("西湖店", "West Lake store"))

Ask = Callable[..., Plan]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that takes a ``<folder>_case`` every case of the files in cases/<folder>."""
    for name in metafunc.fixturenames:
        folder = Path(__file__).parent / "cases" / name.removesuffix("_case")
        if name.endswith("_case") and folder.is_dir():
            cases = [
                pytest.param(case, id=f"{file.stem}:{case['q']}")
                for file in sorted(folder.glob("*.yml"))
                for case in yaml.safe_load(file.read_text("utf-8"))
            ]
            metafunc.parametrize(name, cases)


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock(as_of=date(2026, 10, 31))


@pytest.fixture(scope="session")
def software_clock() -> Clock:
    return Clock(as_of=date(2026, 5, 17), fiscal_year_start=2)


@pytest.fixture(scope="session")
def retail() -> Vocabulary:
    model = load_semantic_model([ROOT / "warehouse" / "semantic"])
    terms: list[Term] = []
    for kind, blocks in (
        ("metric", model.metrics),
        ("dimension", model.dimensions),
        ("segment", model.segments),
        ("entity", model.entities),
    ):
        terms += [_term(kind, block) for block in blocks]
    for dimension in model.dimensions:
        declared = {str(value.value) for value in dimension.values}
        terms += [
            _value(dimension.name, v.value, v.label.zh, v.label.en, v.synonyms.zh + v.synonyms.en)
            for v in dimension.values
        ]
        for zh, en in _read(dimension.name):
            if zh not in declared:
                terms.append(_value(dimension.name, zh, zh, en))
    return Vocabulary(
        terms=tuple(terms), reach=reach(model), first_day="2024-11-01", as_of="2026-10-31",
        hash="retail",
    )  # fmt: skip


@pytest.fixture(scope="session")
def software() -> Vocabulary:
    file = Path(__file__).parent / "brands" / "software.yml"
    brand = yaml.safe_load(file.read_text("utf-8"))
    terms = [
        *(_brand_term("metric", name, block) for name, block in brand["metrics"].items()),
        *(_brand_term("dimension", name, block) for name, block in brand["dimensions"].items()),
        *(_brand_term("segment", name, block) for name, block in brand["segments"].items()),
        *(_brand_term("entity", name, block) for name, block in brand["entities"].items()),
    ]
    for name, block in brand["dimensions"].items():
        for value, words in block.get("values", {}).items():
            also = tuple(words.get("also", ()))
            terms.append(_value(name, value, words["zh"], words["en"], also))
    near = {entity: {entity, *others} for entity, others in brand["joins"].items()}
    reached = {
        name: tuple(
            dimension
            for dimension, block in brand["dimensions"].items()
            if block["entity"] in near[metric["at"][0]]
        )
        for name, metric in brand["metrics"].items()
    }
    return Vocabulary(
        terms=tuple(terms), reach=reached, first_day=brand["first_day"], as_of=brand["as_of"],
        hash="software", currency=brand["currency"],
    )  # fmt: skip


class Brand:
    """A vocabulary with its clock, small to print."""

    def __init__(self, vocabulary: Vocabulary, clock: Clock) -> None:
        self.vocabulary = vocabulary
        self.clock = clock

    def __repr__(self) -> str:
        return f"Brand({self.vocabulary.hash!r})"


@pytest.fixture(scope="session")
def retailer(retail: Vocabulary, clock: Clock) -> Brand:
    return Brand(retail, clock)


@pytest.fixture(scope="session")
def ask(retail: Vocabulary, clock: Clock) -> Ask:
    """Ask questions one after the other in one thread of the retailer; give the last plan."""

    def asked(*questions: str) -> Plan:
        return thread(questions, retail, clock)

    return asked


@pytest.fixture(scope="session")
def ask_software(software: Vocabulary, software_clock: Clock) -> Ask:
    def asked(*questions: str) -> Plan:
        return thread(questions, software, software_clock)

    return asked


def thread(questions: Iterable[str], vocabulary: Vocabulary, clock: Clock) -> Plan:
    previous: PreviousTurn | None = None
    found: Plan | None = None
    for question in questions:
        found = plan(question, vocabulary, clock, previous)
        call = found.calls[0] if found.calls else _last(previous)
        previous = PreviousTurn(
            question=question, tool=call.tool, arguments=call.arguments,
            language=found.language, choices=found.choices,
        )  # fmt: skip
    assert found is not None
    return found


@pytest.fixture(scope="session")
def compact() -> Callable[[PlannedCall], dict[str, Any]]:
    """Write a call as the case files do: time ranges as pairs of days."""
    return _compact


def _compact(call: PlannedCall) -> dict[str, Any]:
    found: dict[str, Any] = _pairs(call.arguments)
    if call.tool != "query_metrics":
        found = {"tool": call.tool, **found}
    return found


def _pairs(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"start", "end"}:
            return f"{value['start']}..{value['end']}"
        return {key: _pairs(inner) for key, inner in value.items()}
    return [_pairs(inner) for inner in value] if isinstance(value, list) else value


def _last(previous: PreviousTurn | None) -> PlannedCall:
    if previous is None:
        return PlannedCall(tool="", arguments={})
    return PlannedCall(tool=previous.tool, arguments=previous.arguments)


def _read(dimension: str) -> Iterable[tuple[str, str]]:
    """Values that a build reads from the marts, as (stored and Chinese, English)."""
    if dimension in ("city", "ship_city", "store_city"):
        return [(city, "".join(lazy_pinyin(city)).title()) for city in CITIES]
    if dimension in ("province", "ship_province"):
        return [(province, "".join(lazy_pinyin(province)).title()) for province in PROVINCES]
    return {"product": PRODUCTS, "store": STORES}.get(dimension, ())


def _term(kind: Any, block: Any) -> Term:
    synonyms = getattr(block, "synonyms", None)
    forms = [
        Form(text=block.name.replace("_", " "), language="en", source="name"),
        Form(text=block.label.zh, language="zh", source="label"),
        Form(text=block.label.en, language="en", source="label"),
    ]
    for language in ("zh", "en"):
        for text in getattr(synonyms, language, ()):
            forms.append(Form(text=text, language=language, source="synonym"))
    return Term(
        kind=kind, name=block.name, label_zh=block.label.zh, label_en=block.label.en,
        forms=tuple(forms), unit=getattr(block, "unit", "text"),
        type=getattr(block, "type", "text"), personal=getattr(block, "personal", False),
        ordered=getattr(block, "ordered", False), group=getattr(block, "group", None),
        entity=getattr(block, "entity", block.name if kind == "entity" else None),
        direction=getattr(block, "direction", "neutral"),
    )  # fmt: skip


def _brand_term(kind: Any, name: str, block: dict[str, Any]) -> Term:
    labels = block["label"]
    forms = [
        Form(text=name.replace("_", " "), language="en", source="name"),
        Form(text=labels["zh"], language="zh", source="label"),
        Form(text=labels["en"], language="en", source="label"),
    ]
    for language, texts in block.get("synonyms", {}).items():
        forms += [Form(text=text, language=language, source="synonym") for text in texts]
    return Term(
        kind=kind, name=name, label_zh=labels["zh"], label_en=labels["en"], forms=tuple(forms),
        unit=block.get("unit", "text"), type=block.get("type", "text"),
        personal=block.get("personal", False), group=block.get("group"),
        entity=block.get("entity", name if kind == "entity" else None),
        direction=block.get("direction", "neutral"),
    )  # fmt: skip


def _value(field: str, value: Any, zh: str, en: str, also: Iterable[str] = ()) -> Term:
    forms = [
        Form(text=zh, language="zh", source="label"),
        Form(text=en, language="en", source="label"),
        *(Form(text=text, language="any", source="synonym") for text in also),
    ]
    return Term(
        kind="value", name=str(value), label_zh=zh, label_en=en, forms=tuple(forms), field=field,
        value=value,
    )  # fmt: skip
