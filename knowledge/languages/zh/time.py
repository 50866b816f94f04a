"""Chinese time words as token rules; tried in order, so longer forms stand first.

Most exclusions keep a time word out of another word: 上周一共, 本周日均, 成本月度, 年龄, 3月龄.
"""

from __future__ import annotations

import re

from knowledge.languages.spans import Unit
from knowledge.languages.time_grammar.tokens import Meaning, Rule, constant, words
from knowledge.languages.zh import numbers

UNITS: dict[str, Unit] = {
    "天": "day", "日": "day", "周": "week", "星期": "week", "礼拜": "week", "月": "month",
    "季": "quarter", "季度": "quarter", "财季": "quarter", "年": "year", "半年": "half",
}  # fmt: skip
WEEKDAYS = {day: number for number, day in enumerate("一二三四五六日")} | {"天": 6}
YEAR_SHIFTS = {"大前": -3, "前": -2, "去": -1, "上": -1, "上一": -1, "今": 0, "本": 0, "当": 0,
               "明": 1, "来": 1, "下": 1, "下一": 1, "后": 2}  # fmt: skip
DAY_SHIFTS = {"大前天": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0,
              "明天": 1, "明日": 1, "后天": 2, "大后天": 3}  # fmt: skip
SEASONS = "春夏秋冬"
PARTS = {"初": "early", "上": "early", "中": "mid", "底": "late", "末": "late", "下": "late"}

FESTIVALS = {
    "双11": "double_11", "双 11": "double_11", "双十一": "double_11",
    "双 十一": "double_11", "双12": "double_12",
    "双 12": "double_12", "双十二": "double_12", "年中大促": "618", "99大促": "99_sale",
    "9.9大促": "99_sale", "38大促": "38_sale", "38节": "38_sale", "三八节": "38_sale",
    "女神节": "38_sale", "女王节": "38_sale", "黑五": "black_friday", "黑色星期五": "black_friday",
    "网一": "cyber_monday", "元旦": "new_year", "春节": "spring_festival",
    "农历新年": "spring_festival", "过年": "spring_festival", "除夕": "new_year_eve_cn",
    "大年三十": "new_year_eve_cn", "元宵": "lantern", "情人节": "valentine", "妇女节": "women",
    "清明": "tombs", "复活节": "easter", "劳动节": "may_day", "母亲节": "mother",
    "儿童节": "children", "父亲节": "father", "端午": "boats", "七夕": "qixi", "教师节": "teacher",
    "中秋": "moon", "国庆": "national_day", "黄金周": "national_day", "重阳": "ninth",
    "万圣节": "halloween", "感恩节": "thanksgiving", "平安夜": "christmas_eve",
    "圣诞": "christmas", "跨年夜": "new_year_eve",
}  # fmt: skip
# Digits and numerals that are a festival only where nothing is counted with them.
NUMBER_FESTIVALS = {"618": "618", "6.18": "618", "520": "520", "11.11": "double_11",
                    "12.12": "double_12", "五一": "may_day", "六一": "children"}  # fmt: skip

_N = "[一二两三四五六七八九十百千零]{1,6}"
_COUNTED = "(?! ?(?:个|单|次|折|成|倍|星|款|种|件|类|家|条|大(?!促)|名|位|人|元|块|万|级|线))"
_DAY_OF_WEEK = (
    "(一(?![共直样般起定些下切度律])|[二三四五六](?!川)|日(?![均活常志销期程本用])"
    f"|天(?![猫津气河数])){_COUNTED}"
)
_WEEK = "(?:周|星期|礼拜)"
_NOT_A_WEEK = "(?!边|杰|岁|期(?!间)|年(?!轻)|转(?!化))"
_NOT_A_MONTH = "(?!龄|嫂|薪|子(?![类品])|饼(?!干)|卡(?!券))"
_NOT_A_YEAR = "(?!龄|级|纪|货节|轻(?!奢)|会(?!员))"
_COUNT_FOLLOWS = r"(?= ?(?:\d|[一二两三四五六七八九十半几数]))"


def _number(text: str) -> int:
    return int(numbers.read(text) or 0)


def _full_year(text: str) -> int:
    return _number(text) + (2000 if len(text) == 2 else 0)


# 上上个月, but in 看一下上个月 and 分析下月度 the 下 belongs to the verb.
_UP_OR_DOWN = "上{1,4}|(?<![一看查算计析列示说问拉统线以旗])下{1,2}"


def _steps(where: str) -> int:
    """Count 上, 上上, 本, 下 as steps from the current unit."""
    return {"上": -1, "下": 1}.get(where[0], 0) * len(where)


def _comparison(match: re.Match[str]) -> Meaning:
    unit = UNITS.get(match.group()[0])
    same_time_last_year = match.group().endswith("同比") and unit not in ("day", "week")
    code = "previous_year" if same_time_last_year or match.group() == "同" else "previous_period"
    return Meaning("comparison", unit=unit, code=code)


def _grain(match: re.Match[str]) -> Meaning:
    return Meaning("grain", unit=UNITS[match[1]])


def _year_shift(match: re.Match[str]) -> Meaning:
    return Meaning("year", YEAR_SHIFTS[match[1]], code="shift")


def _shift(match: re.Match[str]) -> Meaning:
    return Meaning("shift", _steps(match[1]), UNITS[match[2]])


def _week_day(match: re.Match[str]) -> Meaning:
    return Meaning("week_day", _steps(match[1]), extra=WEEKDAYS.get(match[2], 7))


def _day(match: re.Match[str]) -> Meaning:
    """Read a day of a month; 30日 may be a length unless its sentence part ends with it."""
    return Meaning("day", _number(match[1]), code=match[2], extra=match[3] is not None)


def _quarter(match: re.Match[str]) -> Meaning:
    return Meaning("quarter", _number(match[1]), code="fiscal" if "财" in match.group() else "")


def _duration(match: re.Match[str]) -> Meaning:
    count, whole, unit = match[1], match[2], UNITS[match[3]]
    if count == "几":
        return Meaning("duration", 3, unit, "few")
    short_year = unit == "year" and len(count) == 2 and count.isdigit()
    code = "short_year" if short_year else "whole" if whole else ""
    return Meaning("duration", _number(count), unit, code)


def _halves(match: re.Match[str]) -> Meaning:
    """Read 半年, 半个月, 一年半, 两个半月, 1.5年."""
    count = float(numbers.read(match[1]) or 0) if match[1] else 0.0
    count += 0 if "." in (match[1] or "") else 0.5
    unit = UNITS[match[2]]
    if unit == "year":
        return Meaning("duration", round(count * 12), "month")
    if unit == "month" and count >= 1:
        return Meaning("duration", int(count), "month", extra=15)
    days = {"month": 30, "quarter": 90, "week": 7}.get(unit, 1)
    return Meaning("duration", round(count * days), "day")


def _part(match: re.Match[str]) -> Meaning:
    return Meaning("part", unit=UNITS[match[1]], code=PARTS[match[2]])


def _half_part(match: re.Match[str]) -> Meaning:
    code = "first_half" if match[1] in "上前" else "second_half"
    return Meaning("part", unit=UNITS[match[2]], code=code)


COMPARISONS = (
    Rule("(?:[日周月季年]度?)?(?:环比|同比)|同(?=环比)", _comparison),
    constant(
        "(?:去年|上年|上一年)(?:的|度)?(?:同期|同一时期|这个时候|同[月季周日天])",
        Meaning("comparison", code="previous_year", extra=1),
    ),
    constant(
        "(?:上个?月|上个?季度?|上周)的?同期|(?:上一?|前一)个?周期|上一期|上期|前一期|前一个?时段",
        Meaning("comparison", code="previous_period", extra=1),
    ),
)
GRAINS = (
    Rule(
        "(?:按照?|分|逐个?|以|每一?个?|各个?)"
        "(天(?![气猫津几])|日(?![本用化常])|(?:周|星期)(?![一二三四五六日天末几边年转期])"
        f"|月{_NOT_A_MONTH}|季度|季(?!节)|年{_NOT_A_YEAR})[份度期]?(?:为单位)?",
        lambda match: Meaning("grain", unit=UNITS[match[1]]),
    ),
    Rule("([日周月年季])度?(?=的?(?:变化)?(?:趋势|走势))", _grain),
    Rule("([日周月季年])度(?![假过量])", _grain),
    constant("(?:变化|变动)?(?:趋势|走势)[图线]?", Meaning("grain")),
)
YEARS = (
    Rule(
        r"(?<!\d)((?:19|20)\d\d|\d\d) ?(?:财年|财政年度|会计年度)",
        lambda match: Meaning("year", _full_year(match[1]), code="fiscal"),
    ),
    Rule(
        r"财年 ?((?:19|20)\d\d|\d\d)(?!\d)",
        lambda match: Meaning("year", _full_year(match[1]), code="fiscal"),
    ),
    Rule(
        f"({_UP_OR_DOWN}|本)一?个?财年",
        lambda match: Meaning("year", _steps(match[1]), code="fiscal_shift"),
    ),
    Rule(
        r"(?<!\d)((?:19|20)\d\d|[一二][零〇九][零〇一二三四五六七八九]{2}) ?年"
        "(?:度|份|全年|一整?年)?(?![代龄])",
        lambda match: Meaning("year", _number(match[1])),
    ),
    Rule(
        r"(?<![\d.])(\d\d) ?年度?(?= ?的? ?(?:\d{1,2} ?月|十?[一二三四五六七八九十]月|q[1-4]"
        r"|第? ?[一二三四1-4] ?季|[上下前后]半年|双1|双十|618|国庆|春节|黑五|年?[底初末]|全年"
        r"|[到至~-] ?\d\d ?年))",
        lambda match: Meaning("year", _full_year(match[1]), code="short"),
    ),
    Rule(
        r"(?<![\d.])(0\d|[零〇][一二三四五六七八九]) ?年",
        lambda match: Meaning("year", 2000 + _number(match[1]), code="short"),
    ),
    Rule(
        f"(?<!每)(大前|[前去今本当明后来]|[上下]一?)年(?:度|份|全年|一整?年)?{_NOT_A_YEAR}",
        _year_shift,
    ),
    Rule(
        f"([今去明])([{SEASONS}])[季天]?",
        lambda match: Meaning(
            "season", SEASONS.index(match[2]), code="shift", extra=YEAR_SHIFTS[match[1]]
        ),
    ),
)
UNITS_OF_A_YEAR = (
    Rule("([上前下后])半年度?", lambda match: Meaning("half", 1 if match[1] in "上前" else 2)),
    Rule("第 ?([一二三四五六1-9]) ?个?财?季(?!节)度?", _quarter),
    Rule(r"(?<![\d.第])([一二三四五六1-9]) ?(?:财季|财?季度)", _quarter),
    constant("首季度?", Meaning("quarter", 1)),
    Rule(f"({_UP_OR_DOWN}|本|这)一?个?{_WEEK}(?:末|{_DAY_OF_WEEK})", _week_day),
    Rule(
        f"(?<![以线晚成样])({_UP_OR_DOWN}|[本这当])一?个? ?(半年|财?季度|财季|季(?!节)|星期|礼拜"
        f"|周{_NOT_A_WEEK}|月{_NOT_A_MONTH})[份度]?(?:整[周月季]|全月)?",
        _shift,
    ),
    Rule(
        r"第 ?(\d{1,2}|[一二三四五]?十?[一二三四五六七八九十]) ?个?(?:周(?!年)|星期|礼拜)",
        lambda match: Meaning("week", _number(match[1])),
    ),
    Rule("(?:最后|末)一?个?(?:周(?!年)|星期|礼拜)", lambda match: Meaning("week", -1)),
    Rule(f"([{SEASONS}])[季天]", lambda match: Meaning("season", SEASONS.index(match[1]))),
)
_AROUND = "(?:节|大促|购物节|狂欢节|黄金周)?(?:活动)?(?:期间|假期|长假)?"
FESTIVAL_NAMES = (
    Rule(
        f"({'|'.join(sorted(FESTIVALS, key=len, reverse=True))}){_AROUND}",
        lambda match: Meaning("festival", code=FESTIVALS[match[1]]),
    ),
    Rule(
        rf"(?<![\d.一二三四五六七八九十])({'|'.join(map(re.escape, NUMBER_FESTIVALS))})"
        rf"(?![\d.%一二三四五六七八九十]){_COUNTED}{_AROUND}",
        lambda match: Meaning("festival", code=NUMBER_FESTIVALS[match[1]], extra=1),
    ),
    constant("十一(?:期间|假期|长假|黄金周)", Meaning("festival", code="national_day")),
    constant("当天|当日(?!达)|那天|那一天", Meaning("main_day")),
)
DURATIONS = (
    Rule(f"({_N}|\\d{{1,5}})?个?半个?(月|年|季度|周)(?![末价轻龄])", _halves),
    Rule(rf"({_N}|\d{{1,5}}) ?个?(年|月|周|季度)半(?![价年])", _halves),
    Rule(r"(\d{1,3}\.5) ?个?(年|月)", _halves),
    Rule(
        rf"(?<![\d.第])(\d{{1,5}}|{_N}|几) ?个 ?(完整的?|整|自然)? ?"
        "(月|季度?|星期|礼拜|周|年|半年)",
        _duration,
    ),
    Rule(
        rf"(?<![\d.第])(\d{{1,5}}|{_N}|几) ?(完整|整|自然)? ?"
        rf"(天|周{_NOT_A_WEEK}|星期|礼拜|年{_NOT_A_YEAR}(?!代))(?!以?[上下])",
        _duration,
    ),
)
DAYS = (
    Rule(
        rf"(?<![\d.])(\d{{1,2}}) ?月[份度]?{_NOT_A_MONTH}(?:整月|全月)?",
        lambda match: Meaning("month", int(match[1]), code="digits"),
    ),
    Rule(
        "(?<![一二三四五六七八九十每几数])(十[一二三四五]?|[一二三四五六七八九])月[份度]?"
        f"{_NOT_A_MONTH}",
        lambda match: Meaning("month", _number(match[1]), code="digits"),
    ),
    Rule(
        "第 ?([一二三四五六七八九十]{1,3}|\\d{1,2}) ?个月",
        lambda match: Meaning("month", _number(match[1])),
    ),
    constant("元月", Meaning("month", 1)),
    Rule(
        r"(?<![\d.:])(\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九]) ?"
        "(日(?![本用均])|号(?![店仓楼线门色机款]))(?=(的|[和与到至、,。?!]|$)?)",
        _day,
    ),
    words(
        {word: Meaning("shift", shift, "day") for word, shift in DAY_SHIFTS.items()},
        after="(?!头条)",
    ),
    constant("(?<![每各])(?:周末|双休日|周六日|周六周日)(?!场)", Meaning("weekend")),
    Rule(
        rf"(?<![每一两几多单双第\d]){_WEEK}{_DAY_OF_WEEK}",
        lambda match: Meaning("weekday", WEEKDAYS[match[1]]),
    ),
    constant("那一?周|当周|所在周", Meaning("that_week")),
)
PARTS_OF_UNITS = (
    Rule("(年|季度?|月)([初底末]|中(?![大旬国]))", _part),
    Rule(
        "([上中下])旬",
        lambda match: Meaning("part", unit="month", code=PARTS[match[1]]),
    ),
    Rule("([上前下后])半个?(月|周|季度)", _half_part),
    Rule("(?<=[年月度季])([初底末])", lambda match: Meaning("part", code=PARTS[match[1]])),
)
WINDOWS = (
    constant(
        f"(?<![以线晚])上(?=(?:\\d{{1,3}}|[几数]|{_N}) ?(?:个[月季星礼]|[周天年]))",
        Meaning("recent", code="before"),
    ),
    constant(
        f"(?:最近|过去)(?:的?这|的)?|(?<![附接靠将邻临拉])近{_COUNT_FOLLOWS}|这{_COUNT_FOLLOWS}",
        Meaning("recent", code="rolling"),
    ),
    constant("近期|近来|近日|这段时间|这阵子", Meaning("recent", code="vague")),
    constant("未来的?|接下来的?|今后的?", Meaning("next", code="rolling")),
    constant(
        "以来|至今|(?:开始|起)(?:到现在|至今)?(?![飞步始])|及以后|[及或]之后", Meaning("onwards")
    ),
    constant("以后", Meaning("onwards", code="loosely")),
    constant("之后|过后", Meaning("onwards", code="excludes")),
    constant("[及或](?:之前|以前)|为止|止", Meaning("up_to")),
    constant("之前|以前", Meaning("up_to", code="excludes")),
    constant("(?<!提)前(?!后)", Meaning("front")),
    constant("后(?![台续来半面])", Meaning("back")),
    constant("最后的?", Meaning("final")),
    constant("以内|之内|内(?![容蒙购衣])|里(?!程)", Meaning("within")),
    constant("截[至止]到?|直到|不晚于|不迟于", Meaning("until")),
    constant("不早于", Meaning("since")),
    constant("早于|先于", Meaning("before")),
    constant("晚于|迟于", Meaning("after")),
    constant("自从?|从", Meaning("from")),
    constant("介于|在", Meaning("between")),
    constant("到|至(?![少多])", Meaning("to")),
    constant("[之中]间", Meaning("between_end")),
    constant("现在|目前|如今", Meaning("now")),
)
CONNECTORS = (
    constant("相比较?于?|相较[于之]?|比较|对比|较之", Meaning("than", code="either")),
    constant("(?<![占环同性价类等百])比起?|较", Meaning("than", code="either")),
    constant("以及|[和与跟及]|同(?![类样时款城])", Meaning("and", code="join")),
    constant("、", Meaning("and", code="list")),
)
RULES: tuple[Rule, ...] = (
    *COMPARISONS,
    *GRAINS,
    *YEARS,
    *PARTS_OF_UNITS[2:3],
    *UNITS_OF_A_YEAR,
    *FESTIVAL_NAMES,
    *DURATIONS,
    *DAYS,
    *PARTS_OF_UNITS,
    *WINDOWS,
    *CONNECTORS,
)
