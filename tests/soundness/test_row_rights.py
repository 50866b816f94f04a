"""An actor who may read only some rows gets the answer over those rows, whatever is asked."""

import pytest

from warehouse.errors import NotPermitted
from warehouse.query import Condition, CustomerCondition, InSegment, Share
from warehouse.rights import Actor

from .conftest import Ask

EAST = Condition(field="region", values=("east",))
LIMITED = Actor(id="east", rows=EAST)
WINDOW = {"start": "2026-01-01", "end": "2026-07-01"}
QUESTIONS = (
    {"metrics": ["revenue", "sessions", "tickets", "customers", "repeat_rate"]},
    {"metrics": ["revenue"], "dimensions": ["category"], "share": {}},
    {"metrics": ["buyers"], "dimensions": ["category"], "share": {}},
    {"metrics": ["orders"], "dimensions": ["city"], "ranking": {"by": "orders", "limit": 2}},
    {"metrics": ["revenue"], "time_grain": "month", "time_range": WINDOW,
     "comparison": {"kind": "previous_period"}},
    {"metrics": ["orders"], "dimensions": ["product"], "time_grain": "quarter",
     "ranking": {"by": "orders", "limit": 2, "keep": "groups"}},
    {"metrics": ["units"], "dimensions": ["brand"],
     "having": [{"metric": "orders", "op": ">", "values": [20]}]},
)  # fmt: skip


@pytest.mark.parametrize("parts", QUESTIONS)
def test_rights_are_a_filter_of_every_table(parts: dict, ask: Ask) -> None:
    assert ask(actor=LIMITED, **parts).rows == ask(**parts, where=EAST).rows


def test_rights_differ_from_no_rights(ask: Ask) -> None:
    assert ask(actor=LIMITED, metrics=["revenue"]).rows < ask(metrics=["revenue"]).rows


def test_rights_add_to_a_filter(ask: Ask) -> None:
    south = Condition(field="region", values=("south",))

    assert ask(actor=LIMITED, metrics=["orders"], where=south).rows == ((0,),)


def test_rights_apply_to_both_sides_of_a_share(ask: Ask) -> None:
    app = Condition(field="sales_channel", values=("app",))
    parts = {"metrics": ["revenue"], "share": Share(part=app)}

    assert ask(actor=LIMITED, **parts).rows == ask(**parts, where=EAST).rows


def test_rights_apply_inside_a_customers_own_metric(ask: Ask) -> None:
    app = Condition(field="sales_channel", values=("app",))
    busy = CustomerCondition(customer_metric="orders", op=">=", values=(3,))
    actor = Actor(id="app", rows=app)

    seen = ask(actor=actor, metrics=["buyers"], where=busy)

    only_app = CustomerCondition(customer_metric="orders", op=">=", values=(3,), where=app)
    assert seen.rows == ask(metrics=["buyers"], where={"all": [app, only_app]}).rows


def test_rights_can_be_a_segment_or_a_customers_metric(ask: Ask) -> None:
    for rows in (
        InSegment(segment="lapsed"),
        CustomerCondition(customer_metric="orders", op=">=", values=(2,)),
    ):
        actor = Actor(id="some", rows=rows)
        limited = ask(actor=actor, metrics=["revenue", "sessions"])
        assert limited.rows == ask(metrics=["revenue", "sessions"], where=rows).rows


def test_what_the_rights_cannot_filter_is_not_read(ask: Ask) -> None:
    shop = Actor(id="shop", rows=Condition(field="store", values=("西湖店",)))

    assert ask(actor=shop, metrics=["revenue"]).rows
    with pytest.raises(NotPermitted, match=r"'shop' may not read 'sessions'\. Ask an admin"):
        ask(actor=shop, metrics=["sessions"])
    with pytest.raises(NotPermitted):
        ask(actor=shop, metrics=["revenue"], having=[{"metric": "customers", "values": [1]}])


def test_a_right_of_nothing_reads_nothing(ask: Ask) -> None:
    nobody = Actor(id="nobody", rows=Condition(field="region", op="in", values=("mars",)))

    assert ask(actor=nobody, metrics=["orders", "customers"]).rows == ((0, 0),)
