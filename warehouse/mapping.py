"""How a brand's own file is read: what it holds, what each column is, and what a cancelled line is.

``sextant load`` proposes it, a person corrects it in workspace.yml, the build obeys it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from warehouse.query import Record

Kind = Literal["transactions", "customers", "products", "records"]
ColumnType = Literal[
    "id",
    "text",
    "code",
    "integer",
    "amount",
    "decimal",
    "date",
    "timestamp",
    "boolean",
    "money",
    "number",
]
NumberStyle = Literal["point", "comma"]

NAME = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"


class ColumnMapping(Record):
    """A column of a file: its name here, and how its cells are read.

    ``formats`` are the ways in which dates are written, tried in order. ``numbers`` names the
    decimal sign of numbers that may carry thousands separators, currency signs or a percent sign.
    ``whole_id`` takes the ``.0`` from ids that went through a column of numbers. ``contact`` keeps
    what reaches a person in the vault; a customer id that does goes by a number instead. ``masked``
    takes what reaches a person out of free text.
    """

    name: str = Field(pattern=NAME)
    type: ColumnType = "text"
    formats: tuple[str, ...] = ()
    numbers: NumberStyle | None = None
    whole_id: bool = False
    contact: bool = False
    masked: bool = False

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value


class CancelledLines(Record):
    """Which lines of a sale were cancelled or returned: by order id, by status, or by sign.

    ``taken_off``: their amounts are negative, so that the sum of all lines is what is left. Else
    they still stand there with what would have been paid, and are not counted.
    """

    order_prefix: str | None = None
    status: tuple[str, ...] = ()
    negative: bool = False
    taken_off: bool = True

    @model_validator(mode="after")
    def _one_rule(self) -> CancelledLines:
        if sum(map(bool, (self.order_prefix, self.status, self.negative))) != 1:
            raise ValueError("takes one of 'order_prefix', 'status' and 'negative'.")
        return self
