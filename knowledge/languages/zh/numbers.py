"""Chinese numbers: 一百二, 两万五千, 1.2万, 百分之三十, 三成, 三分之一, 第三."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
          "八": 8, "九": 9, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8,
          "玖": 9}  # fmt: skip
SMALL_UNITS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
LARGE_UNITS = {"万": 10**4, "亿": 10**8, "兆": 10**12}

# Bounded everywhere: a run of a thousand digits is no number and must not cost time.
ARABIC = r"(?<!\d)(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,15})(?!\d)(?:\.\d{1,12})?"
_DECIMALS = "[零〇一二三四五六七八九]"
_DIGIT = "[零〇一二两三四五六七八九]"
_CHAR = "[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]"
# 三千五百, 1.2万, 3千5百, 一点五, 两点五万, 二十 亿, 一千多万; a short one is judged by what
# stands around it.
_ABOUT = "(?:[多余几来] ?[万亿]| [万亿])?"
NUMERAL = (
    rf"(?:{ARABIC} ?[百千万亿]{{1,3}}){{1,5}}{_CHAR}{{0,16}}"
    rf"|{ARABIC}(?:[多余几来] ?[百千万亿]{{1,3}})"
    rf"|{_CHAR}{{1,24}}(?:点{_DECIMALS}{{1,12}}[万亿]{{0,2}})?{_ABOUT}"
)
_ABOUT_OR_GAP = re.compile("[ ,多余几来]")
# 二三十, 三四百, 七八个: two digits in a row are an estimate, unless a number is spelled out.
_VAGUE = re.compile("[一二两三四五六七八九]{2}[十百千万亿]|^[一二两三四五六七八九]{2,3}$")
_PART = re.compile(rf"{ARABIC}|.", re.DOTALL)

# After these a single numeral counts; without one it is a piece of a word (统一, 三亚, 万一).
CLASSIFIERS = (
    "斤|公斤|克|升|米|个|次(?!性)|单|件|人|位|名|天|日|周|月|年|元|块|倍|星|款|种|家|岁|张|笔|条|小时|分钟|季|类|批|层|遍"
    "|城|省|店|份|项|组|段|大|强|档|台|盒|瓶|包|箱|只|对|双|颗|页|行|列|场|轮|期|步|点|档|毛|角|分钱|人份"
)
_COUNTED = re.compile(rf"(?:多|几|余|来)? ?(?:{CLASSIFIERS})|(?:到|至|~|-) ?(?:\d|{_DIGIT}|十)")
_MARKED = re.compile(
    "(?:前|头|后|倒数|top ?|最多|至少|超过?|[大小高低多少等]于|不到|不足|达到|不满|满|未满"
    r"|[><=≥≤]=? ?|[\d一二三四五六七八九十] ?(?:到|至|~|-) ?)$"
)
# 十分, 千万别, 三四线: numerals by look only.
_WORDS = re.compile(
    r"十分(?!之|钟)|千万(?=别|不|要)|万一|[一二三四五]{1,3}线|一[下些样起直般定共旦律向切]"
)
_ARTICLE = re.compile(r"一(?=个|种|些|次|位|家|款)")

_PATTERN = (
    rf"(?P<per>[百千万])分之(?P<share>{ARABIC}|{_CHAR}{{1,24}}(?:点{_DIGIT}{{1,12}})?)"
    rf"|(?P<below>{_CHAR}{{1,24}}|\d{{1,9}})分之(?P<above>{_CHAR}{{1,24}}|\d{{1,9}})"
    rf"|(?P<tenths>{ARABIC}|{_DIGIT}(?:点{_DIGIT}{{1,12}})?|十|半)成(?P<and_tenth>{_DIGIT}|半|\d(?![\d.]))?"
    r"(?![为本交功员长都立熟品分份套年人就果绩效单])"
    r"|(?P<half>一半|半数|对半|(?<=[近过超])半(?=的|数))"
    rf"|第 ?(?P<nth>{ARABIC}|{_CHAR}{{1,24}})(?![.\d])"
    rf"|(?P<minus>负)?(?P<plain>{NUMERAL})(?! ?折)(?P<points> ?个?百分点)?"
)


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(_PATTERN)


def find(text: str) -> list[tuple[int, int, int | float, frozenset[str]]]:
    """Find the numbers written with Chinese characters.

    Returns
    -------
    list of (begin, end, value, marks)
        Marks are among ``percent``, ``points``, ``ordinal``, ``weak``.
    """
    found = []
    for match in _pattern().finditer(text):
        reading = _read_match(text, match)
        if reading is not None:
            found.append((match.start(), match.end(), *reading))
    return found


def _read_match(text: str, match: re.Match[str]) -> tuple[int | float, frozenset[str]] | None:
    part = match.groupdict()
    if part["per"]:
        return _share(part["share"], SMALL_UNITS.get(part["per"], 10**4))
    if part["below"]:
        below = read(part["below"])
        return _share(part["above"], below) if below else None
    if part["half"]:
        return 0.5, frozenset({"percent"})
    if part["tenths"]:
        return _tenths(part["tenths"], part["and_tenth"]), frozenset({"percent"})
    if part["nth"]:
        nth = read(part["nth"])
        return None if nth is None else (nth, frozenset({"ordinal"}))
    return _plain(text, match)


def _plain(text: str, match: re.Match[str]) -> tuple[int | float, frozenset[str]] | None:
    value = read(match["plain"])
    if value is None or not _is_number(text, match):
        return None
    value = -value if match["minus"] else value
    if match["points"]:
        return _simple(Decimal(str(value)) / 100), frozenset({"percent", "points"})
    return value, frozenset({"weak"} if _ARTICLE.match(text, match.start()) else ())


def _is_number(text: str, match: re.Match[str]) -> bool:
    numeral = match["plain"]
    if _WORDS.match(text, match.start("plain")):
        return False
    if (
        match["points"]
        or match["minus"]
        or any(char.isdigit() and char.isascii() for char in numeral)
    ):
        return True
    if not any(char in DIGITS or char in "十拾" for char in numeral):
        return False
    if len(numeral) > 1 and (len(numeral) >= 4 or any(char not in DIGITS for char in numeral)):
        return True
    if numeral in "壹贰叁肆伍陆柒捌玖拾":
        return False
    if _COUNTED.match(text, match.end()) or text.strip() == numeral:
        return True
    return _MARKED.search(text[max(0, match.start() - 8) : match.start()]) is not None


def _share(above: str, below: int | float) -> tuple[int | float, frozenset[str]] | None:
    value = read(above)
    if value is None:
        return None
    return _simple(Decimal(str(value)) / Decimal(str(below))), frozenset({"percent"})


def _tenths(tenths: str, hundredths: str | None) -> float:
    value = Decimal("0.5") if tenths == "半" else Decimal(str(read(tenths)))
    if hundredths:
        value += Decimal(5 if hundredths == "半" else read(hundredths) or 0) / 10
    return float(value / 10)


def read(text: str) -> int | float | None:
    """Read one numeral; None where the characters do not make one.

    A last digit after a unit counts in tenths of that unit, as people speak: 一百二 is 120.

    Examples
    --------
    >>> read("一百二"), read("两万五千"), read("1.2万"), read("二零二六"), read("一千零五")
    (120, 25000, 12000, 2026, 1005)
    """
    text = _ABOUT_OR_GAP.sub("", text)
    if _VAGUE.search(text):
        return None
    if "点" in text:
        return _with_decimals(text)
    if len(text) > 1 and all(char in DIGITS for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    total = section = Decimal(0)
    current: Decimal | None = None
    unit, after_zero = 1, False
    for part in _PART.findall(text):
        if part in SMALL_UNITS:
            unit = SMALL_UNITS[part]
            section, current = section + (1 if current is None else current) * unit, None
        elif part in LARGE_UNITS:
            unit = LARGE_UNITS[part]
            below = section + (current or 0)
            total = (total + below) * unit if unit > 10**4 or not below else total + below * unit
            section, current = Decimal(0), None
        elif part[0] in DIGITS or part[0].isdigit():
            after_zero = part in "零〇"
            current = None if after_zero else Decimal(DIGITS.get(part, part))
            unit = 1 if after_zero else unit
        else:
            return None
    if current is not None:
        section += current * unit / 10 if unit >= 10 and text[-1] in DIGITS else current
    return _simple(total + section)


def _with_decimals(text: str) -> int | float | None:
    head, _, tail = text.partition("点")
    digits = tail.rstrip("万亿")
    whole = read(head) if head else None
    if whole is None or not digits or any(char not in DIGITS for char in digits):
        return None
    value = Decimal(whole) + Decimal("0." + "".join(str(DIGITS[char]) for char in digits))
    for large in tail[len(digits) :]:
        value *= LARGE_UNITS[large]
    return _simple(value)


def _simple(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
