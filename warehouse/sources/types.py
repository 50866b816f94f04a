"""How each declared type is read from what a file holds: one SQL expression a type.

Reading never guesses: what does not read as its type becomes empty and is a finding. Numbers with
a thousands comma are read, decimal commas and ambiguous dates are not.
"""

from __future__ import annotations

from warehouse.mapping import ColumnType, NumberStyle
from warehouse.sources.declaration import ColumnDeclaration
from warehouse.sources.raw import identifier, literal

BLANKS = " \t\r\n\u00a0\u3000\ufeff"
_BLANK = r"[\s\x{A0}\x{3000}\x{FEFF}]"
BLANK_EDGE = f"'^$|^{_BLANK}|{_BLANK}$'"
YES = "('1', 'true', 't', 'yes', 'y', 'on', '是', '已同意')"
NO = "('0', 'false', 'f', 'no', 'n', 'off', '否', '未同意')"
CURRENCY = r"[\s\x{A0}\x{202F}]|[¥￥$€£₩₹]|元|(?i:CNY|RMB|USD|US|HK|EUR|GBP|JPY|NT|SGD)"
FULL_WIDTH = "０１２３４５６７８９．，－＋％（）"
OTHER_DATES = "['%Y/%m/%d', '%Y.%m.%d', '%Y%m%d', '%Y年%m月%d日']"
OTHER_TIMES = (
    "['%Y/%m/%d %H:%M', '%Y.%m.%d %H:%M:%S', '%Y%m%d%H%M%S', '%Y%m%d', '%Y年%m月%d日',"
    " '%Y年%m月%d日 %H:%M:%S']"
)
# A time with its own offset is moved to the workspace's zone, which the connection is set to.
OFFSET = "'.*[0-9](Z|[+-][0-9]{2}:?[0-9]{2})'"
SQL_TYPES: tuple[tuple[ColumnType, str], ...] = (
    ("id", "VARCHAR"),
    ("text", "VARCHAR"),
    ("code", "VARCHAR"),
    ("integer", "BIGINT"),
    ("amount", "BIGINT"),
    ("money", "DECIMAL(18,4)"),
    ("number", "DECIMAL(28,8)"),
    ("decimal", "DECIMAL(18,8)"),
    ("date", "DATE"),
    ("timestamp", "TIMESTAMP"),
    ("boolean", "BOOLEAN"),
)


def sql_type(declared: ColumnType) -> str:
    """Name the type that a column has in staging."""
    return dict(SQL_TYPES)[declared]


def raw_value(column: str, raw_type: str) -> str:
    """Write the SQL of a cell as it came, without blanks around it; blank text counts as empty.

    Trimming a set of characters costs ten times what reading the cell costs, so that only cells
    with a blank at an edge are trimmed, and plain ASCII is told by its first and last character.
    """
    name = identifier(column)
    if raw_type != "VARCHAR":
        return name
    plain = f"strlen({name}) = length({name}) AND {name} >= '!' AND right({name}, 1) >= '!'"
    trimmed = f"nullif(trim({name}, {literal(BLANKS)}), '')"
    return (
        f"CASE WHEN {plain} THEN {name}"
        f" WHEN regexp_matches({name}, {BLANK_EDGE}) THEN {trimmed} ELSE {name} END"
    )


def typed_value(raw: str, raw_type: str, declared: ColumnDeclaration) -> str:
    """Write the SQL that reads a cell as its declared type, empty where it does not read so."""
    wanted = sql_type(declared.type)
    if declared.type == "code":
        return _code(f"lower(CAST({raw} AS VARCHAR))", declared)
    if declared.type == "id" and raw_type in ("DOUBLE", "FLOAT"):
        return f"regexp_replace(CAST({raw} AS VARCHAR), '[.]0$', '')"
    if raw_type == "VARCHAR":
        if declared.whole_id:
            return f"regexp_replace({raw}, '[.]0+$', '')"
        if declared.numbers and declared.type == "number":
            return number_value(raw, declared.numbers)
        if declared.numbers:
            raw = number_text(raw, declared.numbers)
        if declared.formats:
            formats = ", ".join(map(literal, declared.formats))
            return f"CAST(TRY_STRPTIME({raw}, [{formats}]) AS {wanted})"
    if declared.type == "money":
        is_text = raw_type == "VARCHAR"
        number = number_value(raw, declared.numbers or "point") if is_text else raw
        return f"TRY_CAST(100 * TRY_CAST({number} AS DECIMAL(28,8)) AS DECIMAL(18,4))"
    if declared.type == "amount":
        return f"CAST(round({_number(raw, raw_type, 'DECIMAL(18,4)')} * 100) AS BIGINT)"
    if raw_type == wanted:
        return raw
    if wanted == "VARCHAR" or raw_type != "VARCHAR":
        return f"TRY_CAST({raw} AS {wanted})"
    return _read_text(raw, declared.type, wanted)


def number_value(raw: str, style: NumberStyle) -> str:
    """Write the SQL that reads a number as people write it; plain digits, the most, read fast."""
    wanted = sql_type("number")
    slow = f"TRY_CAST({number_text(raw, style)} AS {wanted})"
    if style == "point":
        return f"coalesce(TRY_CAST({raw} AS {wanted}), {slow})"
    plain = f"regexp_full_match({raw}, '[+-]?[0-9]+')"
    return f"CASE WHEN {plain} THEN TRY_CAST({raw} AS {wanted}) ELSE {slow} END"


def number_text(raw: str, style: NumberStyle) -> str:
    """Write the SQL that turns a number as people write it into plain digits.

    Blanks, currency signs and names, and thousands separators that stand where they belong are
    taken away, full-width digits made plain; brackets and a minus sign behind mean less than
    nothing; 5% becomes 5e-2, 1.2万 1.2e4. What is no number stays what it is, and is not read.
    """
    point, comma = ("[.]", ",") if style == "point" else (",", "[.'’]")
    plain = f"translate({raw}, {literal(FULL_WIDTH)}, '0123456789.,-+%()')"
    bare = f"regexp_replace({plain}, {literal(CURRENCY)}, '', 'g')"
    whole = f"[0-9]{{1,3}}(?:{comma}[0-9]{{3}})+|[0-9]+"
    number = literal(f"^([(+-]?)({whole})?({point}[0-9]+|{point})?([)]?-?)(%|万|亿)?$")
    digits = f"regexp_replace(regexp_extract({bare}, {number}, 2), '[^0-9]', '', 'g')"
    part = f"replace(regexp_extract({bare}, {number}, 3), ',', '.')"
    sign = f"CASE WHEN regexp_matches({bare}, '[(-]') THEN '-' ELSE '' END"
    powers = "WHEN '%' THEN 'e-2' WHEN '万' THEN 'e4' WHEN '亿' THEN 'e8' ELSE ''"
    power = f"CASE right({bare}, 1) {powers} END"
    read = f"CASE WHEN {digits} = '' THEN '0' ELSE {digits} END"
    is_number = f"regexp_matches({bare}, {number}) AND regexp_matches({bare}, '[0-9]')"
    return f"CASE WHEN {is_number} THEN {sign} || {read} || {part} || {power} ELSE {raw} END"


def _read_text(raw: str, declared: ColumnType, wanted: str) -> str:
    if declared == "integer":
        whole = f"regexp_full_match({raw}, '[+-]?[0-9]+([.]0+)?')"
        return f"CASE WHEN {whole} THEN TRY_CAST({raw} AS BIGINT) END"
    if declared in ("decimal", "number"):
        return _number(raw, "VARCHAR", wanted)
    if declared == "date":
        iso = f"TRY_CAST(TRY_CAST({raw} AS TIMESTAMP) AS DATE)"
        return f"coalesce({iso}, CAST(TRY_STRPTIME({raw}, {OTHER_DATES}) AS DATE))"
    if declared == "timestamp":
        local = f"TRY_CAST(TRY_CAST({raw} AS TIMESTAMPTZ) AS TIMESTAMP)"
        plain = f"coalesce(TRY_CAST({raw} AS TIMESTAMP), TRY_STRPTIME({raw}, {OTHER_TIMES}))"
        has_offset = f"length({raw}) > 19 AND regexp_full_match({raw}, {OFFSET})"
        return f"CASE WHEN {has_offset} THEN {local} ELSE {plain} END"
    lower = f"lower({raw})"
    return f"CASE WHEN {lower} IN {YES} THEN true WHEN {lower} IN {NO} THEN false END"


def _number(raw: str, raw_type: str, wanted: str) -> str:
    if raw_type != "VARCHAR":
        return f"TRY_CAST({raw} AS {wanted})"
    thousands = f"regexp_full_match({raw}, '[+-]?[0-9]{{1,3}}(,[0-9]{{3}})+([.][0-9]+)?')"
    text = f"CASE WHEN {thousands} THEN replace({raw}, ',', '') ELSE {raw} END"
    return f"TRY_CAST({text} AS {wanted})"


def _code(lower: str, declared: ColumnDeclaration) -> str:
    pairs = [(key, code) for key, code in declared.codes.items() if key != code]
    if not pairs:
        return lower
    whens = " ".join(f"WHEN {literal(key)} THEN {literal(code)}" for key, code in pairs)
    return f"CASE {lower} {whens} ELSE {lower} END"
