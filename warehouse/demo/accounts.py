"""Accounts in the brand's systems: the same people, written down differently in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from warehouse.demo.dirt import EMAIL_DIRT, PHONE_DIRT, DirtCounter, repeat_rows, soil
from warehouse.demo.draws import Bools, Floats, Ints, choose, moments, scramble
from warehouse.demo.geography import CITIES
from warehouse.demo.identities import Identities
from warehouse.demo.layout import APP, CRM, MARKETPLACE, MARKETPLACES, MEMBER
from warehouse.demo.orders import Orders
from warehouse.demo.people import FEMALE, People
from warehouse.demo.scenario import ACQUISITION, FIRST_MARKETPLACE, OWN_ONLINE, STORE, Scenario
from warehouse.demo.writing import Column

LEVELS = ("普通", "银卡", "金卡", "钻石")
LEVEL_FROM = (100_000, 300_000, 800_000)
"""Spend of the last year, in minor units, from which silver, gold and diamond begin."""

SHOP_PHONES = ("14300010001", "14300010002", "14300010003")
"""Numbers of the brand's own shops, typed in when a customer gives none."""

SLOTS = 4
"""Accounts of one type that one person may have."""

PLATFORM_NAMES = ("ios", "android", "mini_program")


def account_number(account_type: int, person: Ints, slot: Ints | int = 0) -> Ints:
    """Give the number of a person's account; ``person`` counts over all chunks."""
    return scramble(person * SLOTS + slot, 10 + account_type)


def order_accounts(people: People, orders: Orders) -> tuple[Ints, Ints]:
    """Account type and number under which each order is filed; type -1 for guests."""
    person = orders.person
    member, crm = people.has_member[person], people.has_crm[person]
    in_store = np.where(member, MEMBER, np.where(crm, CRM, -1))
    at_market = orders.channel >= FIRST_MARKETPLACE
    kind = np.select(
        [orders.guest, orders.channel < OWN_ONLINE, orders.channel == STORE, at_market],
        [-1, APP, in_store, MARKETPLACE],
    )
    slot = np.where(at_market, orders.channel - FIRST_MARKETPLACE, 0)
    everyone = people.first + person
    number = np.zeros(len(person), dtype=np.int64)
    for account_type in range(4):
        rows = kind == account_type
        number[rows] = account_number(account_type, everyone[rows], slot[rows])
    return kind, number


@dataclass(frozen=True)
class Accounts:
    """The four account files of one chunk, and who is behind each account."""

    crm: dict[str, Column]
    members: dict[str, Column]
    app: dict[str, Column]
    buyers: dict[str, Column]
    truth: dict[str, Column]


class AccountWriter:
    """Writes one chunk's people down in each system."""

    def __init__(
        self,
        scenario: Scenario,
        rng: np.random.Generator,
        dirt: DirtCounter,
        people: People,
        identities: Identities,
        opened: dict[int, Floats],
    ) -> None:
        self._scenario = scenario
        self._rng = rng
        self._dirt = dirt
        self._people = people
        self._identities = identities
        self._opened = opened
        self._cities = [CITIES[c] for c in people.city.tolist()]
        self._birthdays = self._draw_birthdays()

    def write(self, yearly_spend: Ints, opt_ins: dict[str, Bools]) -> Accounts:
        """Write all four files."""
        crm, crm_people = self._crm()
        members, member_people = self._members(yearly_spend)
        app, app_people = self._app(opt_ins)
        buyers, buyer_people = self._buyers()
        numbers = (crm["account"], members["account"], app["account"], buyers["account"])
        whose = (crm_people, member_people, app_people, buyer_people)
        truth = {
            "account_type": np.concatenate([np.full(len(n), i) for i, n in enumerate(numbers)]),
            "account": np.concatenate(numbers),
            "person": self._people.first + np.concatenate(whose),
        }
        return Accounts(
            crm=self._repeat("crm_customers", crm, 0.005),
            members=self._repeat("members", members, 0.004),
            app=self._repeat("app_users", app, 0.002),
            buyers=self._repeat("marketplace_buyers", buyers, 0.003),
            truth=truth,
        )

    def _repeat(self, file: str, columns: dict[str, Column], share: float) -> dict[str, Column]:
        return repeat_rows(self._rng, self._dirt, file, columns, share)

    def _crm(self) -> tuple[dict[str, Column], Ints]:
        rng, people = self._rng, self._people
        first = np.flatnonzero(people.has_crm)
        # A few were typed in a second time, months later, with a slip in the name.
        second = first[rng.random(len(first)) < 0.015]
        person = np.concatenate([first, second])
        slot = (np.arange(len(person)) >= len(first)).astype(np.int64)
        self._dirt.add("crm_customers", "second_record_of_a_person", len(second))
        later = self._opened[CRM][person] + slot * rng.uniform(20, 200, len(person))
        names = [self._identities.name[i] for i in person]
        city, province = self._places("crm_customers", person)
        channels = [ACQUISITION[i] for i in people.acquisition[person]]
        return {
            "account": account_number(CRM, people.first + person, slot),
            "name": _texts(self._names("crm_customers", names, slot)),
            "gender": _texts(self._genders("crm_customers", person)),
            "birth_date": _texts(self._births("crm_customers", person)),
            "phone": _texts(self._phones("crm_customers", person)),
            "email": _texts(self._emails("crm_customers", person)),
            "city": _texts(city),
            "province": _texts(province),
            "country": _texts([self._cities[i].country for i in person]),
            "acquisition_channel": _texts(
                self._lose("crm_customers", "acquisition_channel", channels, 0.03)
            ),
            "language": _texts(["en" if people.english[i] else "zh" for i in person]),
            "created_at": moments(self._scenario.origin, np.minimum(later, self._end())),
        }, person

    def _members(self, yearly_spend: Ints) -> tuple[dict[str, Column], Ints]:
        rng, people, file = self._rng, self._people, "members"
        person = np.flatnonzero(people.has_member)
        joined = np.minimum(self._opened[MEMBER][person], self._end())
        spend = yearly_spend[person]
        openids = [self._identities.openid[i] for i in person]
        level = np.digitize(spend, LEVEL_FROM)
        city, _ = self._places(file, person)
        return {
            "account": account_number(MEMBER, people.first + person),
            "name": _texts(
                self._names(file, [self._identities.name[i] for i in person], 0 * person)
            ),
            "phone": _texts(self._phones(file, person)),
            "email": _texts(self._emails(file, person, missing=0.55)),
            "wechat_openid": _texts(self._lose(file, "wechat_openid", openids, 0.40)),
            "level": _texts([LEVELS[i] for i in level]),
            "joined_at": moments(self._scenario.origin, joined),
            "points": spend // 100 + rng.integers(0, 200, len(person)),
            "gender": _texts(self._genders(file, person)),
            "birthday": _texts(self._births(file, person)),
            "city": _texts(city),
        }, person

    def _app(self, opt_ins: dict[str, Bools]) -> tuple[dict[str, Column], Ints]:
        rng, people, file = self._rng, self._people, "app_users"
        first = np.flatnonzero(people.has_app)
        # A few signed up again with a new number on the same device.
        again = (rng.random(len(first)) < 0.013) & ~people.overseas[first]
        second = first[again]
        self._dirt.add(file, "second_account_of_a_person", len(second))
        person = np.concatenate([first, second])
        size = len(person)
        slot = (np.arange(size) >= len(first)).astype(np.int64)
        platform = choose(rng, (0.32, 0.38, 0.30), size)
        mini = (people.channel[person] == 1) & (rng.random(size) < 0.85)
        platform = np.where(mini, 2, platform)
        openids = [self._identities.openid[i] for i in person]
        share = np.where(platform == 2, 0.02, 0.55)
        devices = [f"D{d:011d}" for d in self._identities.device[person].tolist()]
        begun = self._opened[APP][person] + slot * rng.uniform(30, 300, size)
        return {
            "account": account_number(APP, people.first + person, slot),
            "phone": _texts(self._phones(file, person, slot=slot)),
            "device_id": _texts(
                self._lose(file, "device_id", devices, np.where(slot > 0, 0.0, 0.02))
            ),
            "wechat_openid": _texts(
                self._lose(file, "wechat_openid", openids, np.where(slot > 0, 1.0, share))
            ),
            "platform": _texts([PLATFORM_NAMES[i] for i in platform]),
            "registered_at": moments(self._scenario.origin, np.minimum(begun, self._end())),
            **{f"{name}_opt_in": values[person] & (slot == 0) for name, values in opt_ins.items()},
        }, person

    def _buyers(self) -> tuple[dict[str, Column], Ints]:
        people, file = self._people, "marketplace_buyers"
        found = [
            np.flatnonzero((people.channel == c) | (people.second_channel == c))
            for c in range(FIRST_MARKETPLACE, FIRST_MARKETPLACE + len(MARKETPLACES))
        ]
        person = np.concatenate(found)
        market = np.repeat(np.arange(len(MARKETPLACES)), [len(f) for f in found])
        phones = self._phones(file, person, masked=0.12)
        city, province = self._places(file, person)
        nick = scramble(people.first + person, 41).tolist()
        style = ("t**{}", "小可爱{}", "jd_{}", "momo{}", "用户{}", "爱买的{}")
        seen = self._people.joined[person]
        return {
            "account": account_number(MARKETPLACE, people.first + person, market),
            "marketplace": market,
            "phone": _texts(phones),
            "nickname": _texts([style[n % 6].format(n % 100_000) for n in nick]),
            "city": _texts(city),
            "province": _texts(province),
            "first_seen_at": moments(self._scenario.origin, seen),
        }, person

    def _end(self) -> float:
        return float(self._scenario.day(self._scenario.as_of)) + 0.9

    def _draw_birthdays(self) -> list[str]:
        days = self._rng.integers(0, 365, len(self._people)).tolist()
        ages = self._people.age.tolist()
        as_of = self._scenario.as_of
        return [
            (as_of - timedelta(days=int(age * 365.25) + day)).isoformat()
            for age, day in zip(ages, days, strict=True)
        ]

    def _phones(
        self, file: str, person: Ints, masked: float = 0.0, slot: Ints | None = None
    ) -> list[str | None]:
        """Write phones down, some of them masked, a shop's, a relative's or just badly typed."""
        rng, size = self._rng, len(person)
        new_number = np.zeros(size, dtype=bool) if slot is None else slot > 0
        own, other = self._identities.phone, self._identities.second_phone
        phones = [other[i] if new else own[i] for i, new in zip(person, new_number, strict=True)]
        abroad = self._people.overseas[person]
        shared = 1.0 if masked == 0.0 else 0.0
        luck = rng.random(size)
        hidden = ~abroad & (luck < masked)
        shop = luck < 0.006 * shared
        family = ~shop & ~new_number & (luck < 0.0095 * shared) & (person ^ 1 < len(self._people))
        written = soil(rng, self._dirt, file, phones, PHONE_DIRT, abroad | shop | hidden | family)
        for row in np.flatnonzero(shop):
            written[row] = SHOP_PHONES[int(rng.choice(3, p=[0.6, 0.3, 0.1]))]
        for row in np.flatnonzero(hidden):
            written[row] = phones[row][:3] + "****" + phones[row][-4:]
        for row in np.flatnonzero(family):
            written[row] = own[person[row] ^ 1]
        for kind, rows in (("of_a_shop", shop), ("masked", hidden), ("of_a_relative", family)):
            self._dirt.add(file, f"phone_{kind}", int(rows.sum()))
        return written

    def _emails(self, file: str, person: Ints, missing: float = 0.22) -> list[str | None]:
        emails = [self._identities.email[i] for i in person]
        kinds = (("email_missing", missing, EMAIL_DIRT[0][2]), *EMAIL_DIRT[1:])
        spared = np.zeros(len(person), dtype=bool)
        return soil(self._rng, self._dirt, file, emails, kinds, spared)

    def _genders(self, file: str, person: Ints) -> list[str | None]:
        female = ("女", "F", "未知", None, "女 ", "f")
        male = ("男", "M", "未知", None, "男 ", "m")
        style = choose(self._rng, (0.56, 0.26, 0.06, 0.09, 0.02, 0.01), len(person)).tolist()
        sexes = self._people.gender[person].tolist()
        kinds = (
            None,
            "gender_latin",
            "gender_unknown",
            "gender_missing",
            "trailing_space",
            "gender_latin",
        )
        for at in style:
            if kind := kinds[at]:
                self._dirt.add(file, kind)
        return [(female if s == FEMALE else male)[k] for s, k in zip(sexes, style, strict=True)]

    def _births(self, file: str, person: Ints) -> list[str | None]:
        style = choose(self._rng, (0.855, 0.09, 0.015, 0.002, 0.03, 0.008), len(person)).tolist()
        kinds = (
            None,
            "birth_missing",
            "birth_1900",
            "birth_age_199",
            "birth_slashes",
            "birth_compact",
        )
        written: list[str | None] = []
        impossible = f"{self._scenario.as_of.year - 199}-05-20"
        for row, at in zip(person.tolist(), style, strict=True):
            day = self._birthdays[row]
            shapes = (
                day,
                None,
                "1900-01-01",
                impossible,
                day.replace("-", "/"),
                day.replace("-", ""),
            )
            written.append(shapes[at])
            if kind := kinds[at]:
                self._dirt.add(file, kind)
        return written

    def _places(self, file: str, person: Ints) -> tuple[list[str | None], list[str | None]]:
        style = choose(self._rng, (0.90, 0.045, 0.02, 0.035), len(person)).tolist()
        cities: list[str | None] = []
        provinces: list[str | None] = []
        for row, at in zip(person.tolist(), style, strict=True):
            place = self._cities[row]
            shape = 0 if at == 1 and place.country != "CN" else at
            cities.append((place.name, place.name + "市", place.name + " ", None)[shape])
            provinces.append(place.province if at != 3 else None)
            if shape:
                kind = ("", "city_suffix", "trailing_space", "city_missing")[shape]
                self._dirt.add(file, kind)
        return cities, provinces

    def _names(self, file: str, names: list[str], again: Ints) -> list[str | None]:
        luck = self._rng.random(len(names)).tolist()
        written: list[str | None] = []
        for name, copy, chance in zip(names, again.tolist(), luck, strict=True):
            if chance < 0.02:
                self._dirt.add(file, "trailing_space")
                name += "  "
            elif chance < 0.03:
                self._dirt.add(file, "name_missing")
                written.append(None)
                continue
            written.append(name if not copy else name[0] + " " + name[1:])
        tests = sum(1 for n in written if n and n.lower().startswith(("测试", "test")))
        self._dirt.add(file, "test_account", tests)
        return written

    def _lose(
        self, file: str, column: str, values: list[str], share: float | Floats
    ) -> list[str | None]:
        gone = self._rng.random(len(values)) < share
        self._dirt.add(file, f"{column}_missing", int(gone.sum()))
        return [None if g else v for v, g in zip(values, gone, strict=True)]


def _texts(values: list[str | None] | list[str]) -> Column:
    return np.array(values, dtype=object)
