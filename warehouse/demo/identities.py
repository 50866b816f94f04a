"""Names, phones, e-mails and device ids of the demo's people, all invented."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.demo.draws import Bools, Ints, scramble
from warehouse.demo.geography import CITIES
from warehouse.demo.people import FEMALE, People

PHONE_PRIME = 999_999_937
SECOND = 400_000_000
"""Added to a person's number for another phone of the same person."""

PHONE_PREFIXES = ("142", "143", "154", "160", "161", "163", "164", "168", "169", "179")
"""Ranges that, to our knowledge, no operator has given to subscribers."""

ABROAD_PRIME = 9_999_991
ABROAD = {
    "HK": "+8529{}",
    "SG": "+658{}",
    "US": "+1555{}",
    "MY": "+6019{}",
    "AU": "+6149{}",
    "GB": "+44790{}",
}
DOMAINS = ("qq.example", "163.example", "gmail.example", "outlook.example", "sina.example")


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    words = text.split()
    return tuple(zip(words[::2], words[1::2], strict=True))


SURNAMES = _pairs(
    "王 wang  李 li  张 zhang  刘 liu  陈 chen  杨 yang  黄 huang  赵 zhao  吴 wu  "
    "周 zhou  徐 xu  孙 sun  马 ma  朱 zhu  胡 hu  郭 guo  何 he  高 gao  林 lin  "
    "罗 luo  郑 zheng  梁 liang  谢 xie  宋 song  唐 tang  许 xu  韩 han  冯 feng  "
    "邓 deng  曹 cao  彭 peng  曾 zeng  肖 xiao  田 tian  董 dong  袁 yuan  "
    "欧阳 ouyang  蒋 jiang  蔡 cai  余 yu  杜 du  叶 ye  "
)
GIVEN_FEMALE = _pairs(
    "芳 fang  娜 na  敏 min  静 jing  丽 li  欣怡 xinyi  梓涵 zihan  雨桐 yutong  "
    "思琪 siqi  佳怡 jiayi  婷婷 tingting  晓燕 xiaoyan  雪 xue  慧 hui  玲 ling  "
    "诗涵 shihan  悦 yue  琳 lin  春梅 chunmei  可馨 kexin  洁 jie  颖 ying  "
)
GIVEN_MALE = _pairs(
    "伟 wei  强 qiang  磊 lei  军 jun  勇 yong  浩然 haoran  子轩 zixuan  宇航 yuhang  "
    "俊杰 junjie  志强 zhiqiang  鹏 peng  建国 jianguo  明 ming  一鸣 yiming  "
    "博文 bowen  涛 tao  晨 chen  嘉豪 jiahao  超 chao  文博 wenbo  斌 bin  峰 feng  "
)
FIRST_FEMALE = (
    "Emma",
    "Olivia",
    "Grace",
    "Chloe",
    "Mei Ling",
    "Sophie",
    "Hannah",
    "Priya",
    "Wai Yee",
)
FIRST_MALE = ("James", "Daniel", "Ryan", "Ethan", "Wei Jie", "Oliver", "Jason", "Arjun", "Ka Ho")
LAST = (
    "Tan",
    "Lim",
    "Wong",
    "Chan",
    "Lee",
    "Smith",
    "Brown",
    "Ng",
    "Kumar",
    "Miller",
    "Lau",
    "Goh",
)


@dataclass(frozen=True)
class Identities:
    """What identifies each person of a chunk, before any of it is mistyped."""

    name: list[str]
    phone: list[str]
    second_phone: list[str]
    email: list[str]
    openid: list[str]
    device: Ints
    test: Bools

    def __len__(self) -> int:
        return len(self.name)


def make_identities(rng: np.random.Generator, people: People) -> Identities:
    """Invent the identities of one chunk; phones, e-mails and ids are unique across chunks."""
    size = len(people)
    numbers = people.first + np.arange(size)
    test = rng.random(size) < 0.0008
    latin = people.english & (rng.random(size) < 0.9)
    pairs = _names(rng, people.gender, latin)
    code = scramble(numbers, 31, ABROAD_PRIME)
    return Identities(
        name=[
            _test_name(i) if t else p[0] for i, (t, p) in enumerate(zip(test, pairs, strict=True))
        ],
        phone=_phones(numbers, people),
        second_phone=_phones(numbers + SECOND, people),
        email=[
            f"{p[1]}{c}@{DOMAINS[c % len(DOMAINS)]}"
            for p, c in zip(pairs, code.tolist(), strict=True)
        ],
        openid=[f"oE{c:010d}vg" for c in scramble(numbers, 32).tolist()],
        device=scramble(numbers * 2, 33),
        test=test,
    )


def _test_name(number: int) -> str:
    return ("测试", "test", "测试账号{n}", "TEST{n}")[number % 4].format(n=number % 100)


def _names(rng: np.random.Generator, gender: Ints, latin: Bools) -> list[tuple[str, str]]:
    surname = rng.integers(0, 10**6, len(gender)).tolist()
    given = rng.integers(0, 10**6, len(gender)).tolist()
    names = []
    for sex, foreign, s, g in zip(gender.tolist(), latin.tolist(), surname, given, strict=True):
        if foreign:
            first = (FIRST_FEMALE if sex == FEMALE else FIRST_MALE)[g % 9]
            last = LAST[s % len(LAST)]
            names.append((f"{first} {last}", f"{first}.{last}".replace(" ", "").lower()))
            continue
        # Squaring makes the first surnames the common ones, as they are.
        zh, latin_surname = SURNAMES[int((s / 10**6) ** 2 * len(SURNAMES))]
        given_zh, latin_given = (GIVEN_FEMALE if sex == FEMALE else GIVEN_MALE)[g % 22]
        names.append((zh + given_zh, latin_surname + latin_given))
    return names


def _phones(numbers: Ints, people: People) -> list[str]:
    home = scramble(numbers, 30, PHONE_PRIME).tolist()
    abroad = scramble(numbers, 30, ABROAD_PRIME).tolist()
    countries = [CITIES[c].country for c in people.city.tolist()]
    return [
        f"{PHONE_PREFIXES[h // 10**8]}{h % 10**8:08d}"
        if cc == "CN"
        else ABROAD[cc].format(f"{a:07d}")
        for h, a, cc in zip(home, abroad, countries, strict=True)
    ]
