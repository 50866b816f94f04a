"""Chinese names in Latin letters, and places with and without what they are (广东, 广东省)."""

from __future__ import annotations

import re
from functools import cache

LONGEST_PINYIN = 8
"""Characters of a name beyond which nobody types its pinyin."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_NOT_LATIN = re.compile(r"[^a-z0-9]")
_SUFFIXES = (
    "特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市",
)  # fmt: skip
_SUFFIX_OF_PROVINCE = {
    "新疆": "维吾尔自治区",
    "广西": "壮族自治区",
    "宁夏": "回族自治区",
    **dict.fromkeys(("内蒙古", "西藏"), "自治区"),
    **dict.fromkeys(("香港", "澳门"), "特别行政区"),
    **dict.fromkeys(("北京", "天津", "上海", "重庆"), "市"),
}
_NOT_A_BARE_CITY = ("市", "县", "区", "盟", "自治州", "地区")
_USUAL_ENGLISH = {
    "陕西": "Shaanxi",
    "内蒙古": "Inner Mongolia",
    "西藏": "Tibet",
    "香港": "Hong Kong",
    "澳门": "Macau",
    "哈尔滨": "Harbin",
    "呼和浩特": "Hohhot",
    "乌鲁木齐": "Urumqi",
    "拉萨": "Lhasa",
    "台湾": "Taiwan",
    "台北": "Taipei",
    "高雄": "Kaohsiung",
}
"""Places whose English name is not their pinyin."""


def is_chinese(text: str) -> bool:
    """Tell whether a text has Chinese characters."""
    return _HAN.search(text) is not None


def pinyin(text: str) -> tuple[str, ...]:
    """Spell a Chinese text without tones, in one word; empty for other or long texts.

    Examples
    --------
    >>> pinyin("重庆"), pinyin("女装"), pinyin("Budstar")
    (('chongqing',), ('nvzhuang', 'nuzhuang'), ())
    """
    syllables = _syllables(text)
    joined = _NOT_LATIN.sub("", "".join(syllables).lower())
    if len(syllables) < 2 or not joined:
        return ()
    return (joined, joined.replace("v", "u")) if "v" in joined else (joined,)


def other_place_names(name: str, is_province: bool) -> tuple[str, ...]:
    """Write a Chinese place without its suffix if it has one, with it if not.

    Examples
    --------
    >>> other_place_names("广东省", True), other_place_names("广西", True)
    (('广东',), ('广西壮族自治区',))
    >>> other_place_names("杭州", False), other_place_names("Singapore", False)
    (('杭州市',), ())
    """
    if not is_chinese(name):
        return ()
    bare = _bare(name)
    if bare != name:
        return (bare,)
    if is_province:
        return (name + _SUFFIX_OF_PROVINCE.get(name, "省"),)
    return () if name.endswith(_NOT_A_BARE_CITY) else (name + "市",)


def english_place(name: str) -> str:
    """Write a Chinese place as on a map; any other name as it is.

    Examples
    --------
    >>> english_place("广东省"), english_place("西安"), english_place("内蒙古自治区")
    ('Guangdong', "Xi'an", 'Inner Mongolia')
    """
    bare = _bare(name)
    if bare in _USUAL_ENGLISH:
        return _USUAL_ENGLISH[bare]
    syllables = _syllables(bare)
    if not syllables:
        return name
    parted = [("'" if syllable[:1] in "aeo" else "") + syllable for syllable in syllables[1:]]
    return "".join((syllables[0], *parted)).capitalize()


def _bare(name: str) -> str:
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name.removesuffix(suffix)
    return name


@cache
def _syllables(text: str) -> tuple[str, ...]:
    if len(text) > LONGEST_PINYIN or not is_chinese(text):
        return ()
    from pypinyin import lazy_pinyin  # 0.3 s, and not needed where the values of a build are kept

    return tuple(lazy_pinyin(text))
