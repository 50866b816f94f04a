"""Values of a small brand, read by the real engine."""

import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from tools.vocabulary import Term
from warehouse import spelling, values
from warehouse.engine import DuckDBEngine
from warehouse.semantic_model import (
    Dimension,
    Entity,
    NamedValue,
    SemanticModel,
    Synonyms,
    Words,
    load_semantic_model,
)
from warehouse.values import NearestValues, value_terms

ROOT = Path(values.__file__).parents[1]

TABLES = """
CREATE TABLE build_info AS SELECT DATE '2026-10-31' AS as_of, DATE '2024-11-01' AS first_day,
    'b1' AS build_id, 'Asia/Shanghai' AS time_zone;
CREATE TABLE customers AS SELECT * FROM (VALUES
    ('广东', '西安', 'gold', true, 30), ('广东', '东莞', 'gold', true, 31),
    ('广西壮族自治区', '南宁市', 'silver', false, 32), ('内蒙古', 'Singapore', 'black', false, 33),
    ('', '  ', NULL, NULL, NULL)
) t(province, city, level, is_member, age);
CREATE TABLE products AS SELECT * FROM (VALUES
    ('p1', '每日坚果', 'Daily Nuts', 'Nutfolk'), ('p2', '每日坚果', 'Daily Nuts', 'Nutfolk'),
    ('p3', '婴儿手口湿巾家庭装', 'Baby Wipes', '小禾苗'), ('p4', '面霜', NULL, 'Nutfolk')
) t(product_id, name_zh, name_en, brand);
CREATE TABLE stores AS SELECT * FROM (VALUES
    ('拾光优选上海大悦城店'), ('拾光优选上海万象店'), ('拾光优选杭州天街店')
) t(store_name);
"""


def words(text):
    zh, _, en = text.partition("/")
    return Words(zh=zh, en=en or zh)


def dimension(name, column=None, entity="customers", **more):
    return Dimension(name=name, entity=entity, column=column or name, label=words(name), **more)


GOLD = NamedValue(
    value="gold",
    label=words("金卡/Gold"),
    synonyms=Synonyms(zh=("黄金会员", "金卡"), en=("gold card",)),
)
DIAMOND = NamedValue(value="diamond", label=words("钻石/Diamond"))
MODEL = SemanticModel(
    entities=(
        Entity(name="customers", table="customers", key="id", label=words("客户/Customers")),
        Entity(name="products", table="products", key="product_id", label=words("商品/Products")),
        Entity(name="stores", table="stores", key="store_name", label=words("门店/Stores")),
    ),
    dimensions=(
        dimension("province"),
        dimension("city"),
        dimension("member_level", "level", values=(GOLD, DIAMOND), personal=True),
        dimension("is_member", type="boolean"),
        dimension("age", type="number", unit="count"),
        dimension("brand", entity="products"),
        dimension("product", "name_zh", "products", names=Words(zh="name_zh", en="name_en")),
        dimension("store", "store_name", "stores"),
        dimension("product_id", entity="products", hidden=True),
    ),
    metrics=(),
    hash="h1",
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    store = tmp_path_factory.mktemp("build") / "marts.duckdb"
    with duckdb.connect(store) as connection:
        connection.execute(TABLES)
    with DuckDBEngine(store, workers=1) as engine:
        yield engine


@pytest.fixture(scope="module")
def terms(engine):
    return value_terms(MODEL, engine)


def one(terms, field, value):
    (found,) = [term for term in terms if (term.field, term.value) == (field, value)]
    return found


def forms(term):
    return {(form.text, form.language, form.source) for form in term.forms}


def test_all_values_of_text_and_boolean_dimensions_are_read(terms):
    found = {}
    for term in terms:
        found.setdefault(term.field, []).append(term.value)

    assert found == {
        "province": ["广东", "内蒙古", "广西壮族自治区"],
        "city": ["Singapore", "东莞", "南宁市", "西安"],
        "member_level": ["gold", "diamond", "black", "silver"],
        "is_member": [False, True],
        "brand": ["Nutfolk", "小禾苗"],
        "product": ["每日坚果", "婴儿手口湿巾家庭装", "面霜"],
        "store": ["拾光优选上海万象店", "拾光优选上海大悦城店", "拾光优选杭州天街店"],
    }


def test_declared_value_has_its_labels_synonyms_and_pinyin(terms):
    gold = one(terms, "member_level", "gold")

    assert (gold.label_zh, gold.label_en, gold.personal) == ("金卡", "Gold", True)
    assert forms(gold) == {
        ("金卡", "zh", "label"),
        ("Gold", "any", "label"),
        ("黄金会员", "zh", "synonym"),
        ("gold card", "en", "synonym"),
        ("jinka", "any", "pinyin"),
    }


def test_declared_value_without_rows_is_there(terms):
    assert one(terms, "member_level", "diamond").label_en == "Diamond"


def test_undeclared_code_is_its_own_name(terms):
    black = one(terms, "member_level", "black")

    assert (black.label_zh, black.label_en) == ("black", "black")
    assert forms(black) == {("black", "any", "label")}


@pytest.mark.parametrize(
    ("field", "value", "label_en", "expected"),
    [
        ("province", "广东", "Guangdong", {"广东", "广东省", "Guangdong", "guangdongsheng"}),
        ("province", "广西壮族自治区", "Guangxi",
         {"广西壮族自治区", "广西", "Guangxi", "guangxizhuangzuzizhiqu"}),
        ("province", "内蒙古", "Inner Mongolia",
         {"内蒙古", "内蒙古自治区", "Inner Mongolia", "neimenggu", "neimengguzizhiqu"}),
        ("city", "西安", "Xi'an", {"西安", "西安市", "Xi'an", "xian", "xianshi"}),
        ("city", "南宁市", "Nanning", {"南宁市", "南宁", "Nanning", "nanningshi"}),
        ("city", "Singapore", "Singapore", {"Singapore"}),
    ],
)  # fmt: skip
def test_place_is_written_with_and_without_its_suffix(terms, field, value, label_en, expected):
    term = one(terms, field, value)

    assert term.label_en == label_en
    assert {form.text for form in term.forms} >= expected


def test_named_value_has_both_names(terms):
    nuts = one(terms, "product", "每日坚果")

    assert (nuts.label_zh, nuts.label_en) == ("每日坚果", "Daily Nuts")
    assert forms(nuts) == {
        ("每日坚果", "zh", "label"),
        ("Daily Nuts", "en", "label"),
        ("meirijianguo", "any", "pinyin"),
    }


def test_name_that_is_missing_in_one_language_is_the_stored_one(terms):
    assert one(terms, "product", "面霜").label_en == "面霜"


def test_start_that_all_values_share_may_be_left_out(terms):
    stores = {term.value: forms(term) for term in terms if term.field == "store"}

    assert ("上海大悦城店", "zh", "synonym") in stores["拾光优选上海大悦城店"]
    assert ("上海万象店", "zh", "synonym") in stores["拾光优选上海万象店"]
    assert {form for term in terms if term.field == "brand" for form in forms(term)} == {
        ("Nutfolk", "any", "label"),
        ("小禾苗", "any", "label"),
        ("xiaohemiao", "any", "pinyin"),
    }


def test_long_name_has_no_pinyin(terms):
    assert {form.source for form in one(terms, "product", "婴儿手口湿巾家庭装").forms} == {"label"}


def test_undeclared_truth_value_has_a_label_but_no_form(terms):
    yes = one(terms, "is_member", True)

    assert (yes.label_zh, yes.label_en, yes.forms) == ("是", "Yes", ())


def test_term_of_the_vocabulary_is_made_of_it_as_it_is(terms):
    for term in terms:
        made = Term.model_validate(term.model_dump())

        assert (made.value, made.label_zh, len(made.forms)) == (
            term.value,
            term.label_zh,
            len(term.forms),
        )


@pytest.mark.parametrize("placeholder", ["unknown", "none", "other"])
def test_placeholder_is_not_a_word_for_one_value(placeholder):
    named = NamedValue(value=placeholder, label=words("年龄未知/Unknown age"))
    found = values._Found(dimension("age_band"), placeholder, 1, named)

    assert placeholder not in {form.text for form in values._term(found).forms}


def test_most_frequent_values_are_kept(engine):
    kept = value_terms(MODEL, engine, limit=8)

    assert {(term.field, term.value) for term in kept} >= {
        ("member_level", "gold"),
        ("member_level", "diamond"),
        ("product", "每日坚果"),
        ("province", "广东"),
        ("brand", "Nutfolk"),
    }
    assert len(kept) == 8


def test_name_in_the_model_is_never_sql(engine):
    model = MODEL.model_copy(update={"dimensions": (dimension("x", 'a" FROM products; --'),)})

    with pytest.raises(Exception, match="Referenced column") as caught:
        value_terms(model, engine)
    assert type(caught.value).__name__ == "EngineError"


# Kept on disk


def test_kept_values_are_read_back_without_the_marts(engine, terms, tmp_path, monkeypatch):
    assert value_terms(MODEL, engine, folder=tmp_path) == terms
    (file,) = tmp_path.iterdir()
    monkeypatch.setattr(engine, "fetch_rows", None)

    assert value_terms(MODEL, engine, folder=tmp_path) == terms
    assert file.name.startswith("values-b1-")


@pytest.mark.parametrize("changed", ["model", "limit"])
def test_other_model_or_limit_is_kept_apart(engine, tmp_path, changed):
    value_terms(MODEL, engine, folder=tmp_path)

    model = MODEL.model_copy(update={"hash": "h2"}) if changed == "model" else MODEL
    value_terms(model, engine, limit=50 if changed == "limit" else 100_000, folder=tmp_path)

    assert len(list(tmp_path.iterdir())) == 2


def test_values_of_an_older_build_are_not_kept(engine, terms, tmp_path):
    folder = tmp_path / "var" / "cache"
    folder.mkdir(parents=True)
    (folder / "values-b0-123456789012.json").write_text("[]")
    (folder / "another.json").write_text("{}")

    value_terms(MODEL, engine, folder=folder)

    names = sorted(file.name for file in folder.iterdir())
    assert names[0] == "another.json"
    assert [name[:10] for name in names[1:]] == ["values-b1-"]


def test_folder_is_made(engine, tmp_path):
    value_terms(MODEL, engine, folder=tmp_path / "var" / "cache")

    assert len(list((tmp_path / "var" / "cache").iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"[", b'[{"kind":"metric"}]', b"\xff\xfe"])
def test_damaged_file_is_made_anew(engine, terms, tmp_path, damage):
    value_terms(MODEL, engine, folder=tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage)

    assert value_terms(MODEL, engine, folder=tmp_path) == terms
    assert file.read_bytes() == whole


def test_folder_that_cannot_be_written_is_no_error(engine, terms, tmp_path):
    (tmp_path / "file").write_text("")

    assert value_terms(MODEL, engine, folder=tmp_path / "file" / "none") == terms


def test_five_thousand_kept_values_are_read_in_time(engine, tmp_path, monkeypatch):
    one_value = value_terms(MODEL, engine)[0]
    many = tuple(one_value.model_copy(update={"value": f"v{i}"}) for i in range(5000))
    monkeypatch.setattr(values, "_gather", lambda *_: many)
    value_terms(MODEL, engine, folder=tmp_path)

    best = 1.0
    for _ in range(5):
        begin = time.thread_time()
        read = value_terms(MODEL, engine, folder=tmp_path)
        best = min(best, time.thread_time() - begin)

    assert len(read) == 5000
    assert best < 0.1  # 0.03 s where nothing else runs


def test_reading_values_needs_no_heavy_import():
    code = "import warehouse.values, sys; print(*sys.modules)"
    listed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert not {"pandas", "pypinyin", "duckdb", "sqlalchemy"} & set(listed)


# Did you mean


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("guangdon", "广东"),
        ("Guang Dong", "广东"),
        ("光东", "广东"),
        ("daily nut", "每日坚果"),
        ("每日监果", "每日坚果"),
        ("湿巾", "婴儿手口湿巾家庭装"),
        ("nutfork", "Nutfolk"),
        ("inner mongola", "内蒙古"),
    ],
)
def test_nearest_value_is_found(terms, written, expected):
    assert NearestValues(terms).find(written)[0].value == expected


@pytest.mark.parametrize("written", ["", "qqqq", "😀", "\ud800"])
def test_nothing_is_near_to_nonsense(terms, written):
    assert NearestValues(terms).find(written) == ()


def test_nearest_value_of_one_dimension(terms):
    nearest = NearestValues(terms)

    assert nearest.find("gold", field="city") == ()
    assert nearest.find("gold", field="none such") == ()
    assert [term.value for term in nearest.find("golf", field="member_level")] == ["gold"]


def test_each_value_is_named_once(terms):
    found = NearestValues(terms).find("guangxi", limit=10)

    assert found
    assert len(found) == len({term.label_zh for term in found})


# Spelling


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("上海", ("shanghai",)),
        ("重庆", ("chongqing",)),
        ("厦门", ("xiamen",)),
        ("长沙", ("changsha",)),
        ("绿茶", ("lvcha", "lucha")),
        ("女", ()),
        ("Budstar", ()),
        ("小禾苗A2", ("xiaohemiaoa2",)),
        ("轻薄透气纸尿裤大码", ()),
        ("", ()),
    ],
)
def test_pinyin_has_no_tones_and_no_gaps(text, expected):
    assert spelling.pinyin(text) == expected


@pytest.mark.parametrize(
    ("name", "is_province", "expected"),
    [
        ("吉林", True, ("吉林省",)),
        ("吉林", False, ("吉林市",)),
        ("上海市", False, ("上海",)),
        ("上海", True, ("上海市",)),
        ("香港特别行政区", True, ("香港",)),
        ("昆山县", False, ()),
        ("沙市", False, ()),
        ("London", False, ()),
    ],
)
def test_other_names_of_a_place(name, is_province, expected):
    assert spelling.other_place_names(name, is_province) == expected


def test_every_declared_value_of_the_packaged_model_becomes_a_term():
    model = load_semantic_model([ROOT / "warehouse" / "semantic"])
    declared = [(d.name, value) for d in model.dimensions for value in d.values]

    for name, value in declared:
        found = values._Found(dimension(name, type="text"), value.value, 1, value)
        texts = {form.text.casefold() for form in values._term(found).forms}
        names = (value.label.zh, value.label.en, *value.synonyms.zh, *value.synonyms.en)
        assert texts >= {text.casefold() for text in names}
