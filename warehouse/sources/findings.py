"""Finding: something odd in the data, what was done about it, and how many rows it touches."""

from __future__ import annotations

from typing import Literal

from warehouse.query import Record

Check = Literal[
    "missing_source", "missing_column", "unexpected_column", "rejected_row", "lines_unaccounted",
    "missing_value", "unreadable_value", "out_of_range", "unknown_code", "recoded",
    "missing_key", "duplicate_key", "unknown_reference", "unknown_account", "future_time",
    "early_time", "invalid_identifier", "shared_identifier",
    "identifier_of_several_names", "test_account",
    "missing_rate", "amounts_disagree", "order_without_lines", "line_without_order",
    "impossible_order", "session_of_several_customers", "masked_text",
    "repeated_row", "missing_customer", "cancelled_line", "negative_not_cancelled", "free_line",
    "id_as_number", "not_a_product", "order_of_several_customers", "product_of_several_names",
]  # fmt: skip
Action = Literal["reported", "changed", "emptied", "excluded"]
EXAMPLES = 5


class Finding(Record):
    """One check of one source that did not come out clean.

    ``action`` says what the build did: only reported it, changed the value to ours, emptied the
    value, or excluded the row. Examples are keys and, where it reaches nobody, the value.
    """

    source: str
    check: Check
    column: str | None = None
    count: int
    action: Action = "reported"
    examples: tuple[str, ...] = ()
