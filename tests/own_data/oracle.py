"""What the retailer's questions must return: pandas straight from the file, one function each.

Nothing of the product is used, DuckDB only to read Parquet into a frame. The meanings:

- revenue: sum of ``Quantity * UnitPrice`` over the lines as they stand, cancellations negative;
- excluding cancellations: lines whose invoice does not start with ``C``;
- order: a distinct invoice that is no cancellation; average order value: revenue excluding
  cancellations over orders;
- buyer: a distinct customer with an order; repeat buyer: with two or more;
- new customer of a month: whose first order falls in it.

A row is its keys and then its figures. A period's key is its first day; a key that may be written
in several ways (a product, a weekday) is the set of them.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

Row = tuple[object, ...]
WEEKDAYS = (
    {"1", "Monday", "星期一", "周一"}, {"2", "Tuesday", "星期二", "周二"},
    {"3", "Wednesday", "星期三", "周三"}, {"4", "Thursday", "星期四", "周四"},
    {"5", "Friday", "星期五", "周五"}, {"6", "Saturday", "星期六", "周六"},
    {"7", "Sunday", "星期日", "周日"},
)  # fmt: skip
FIGURES = (240_007, 2_974, 3_645)  # lines, customers, stock codes of the file this was written for


def read_lines(file: Path) -> pd.DataFrame:
    """Read the invoice lines, with dates parsed and the revenue of each line beside them."""
    with duckdb.connect() as connection:
        lines = connection.execute("SELECT * FROM read_parquet(?)", [str(file)]).df()
    found = (len(lines), lines["CustomerID"].nunique(), lines["StockCode"].nunique())
    assert found == FIGURES, f"another file than the one this was written for: {found}"
    at = pd.to_datetime(lines["InvoiceDate"], format="%m/%d/%y %H:%M")
    return lines.assign(
        at=at,
        day=at.dt.normalize(),
        month=at.dt.to_period("M").dt.start_time,
        revenue=lines["Quantity"] * lines["UnitPrice"],
        is_cancelled=lines["InvoiceNo"].str.startswith("C"),
    )


def revenue_of_all_time(lines: pd.DataFrame) -> list[Row]:
    return [(lines["revenue"].sum(),)]


def orders_in_march(lines: pd.DataFrame) -> list[Row]:
    return [(_orders(_between(lines, "2011-03-01", "2011-04-01")),)]


def average_order_value(lines: pd.DataFrame) -> list[Row]:
    return [(_order_value(lines),)]


def buyers_in_first_quarter(lines: pd.DataFrame) -> list[Row]:
    return [(_buyers(_between(lines, "2011-01-01", "2011-04-01")),)]


def units_without_cancellations(lines: pd.DataFrame) -> list[Row]:
    return [(_sold(lines)["Quantity"].sum(),)]


def distinct_products_sold(lines: pd.DataFrame) -> list[Row]:
    return [(_sold(lines)["StockCode"].nunique(),)]


def repeat_buyers(lines: pd.DataFrame) -> list[Row]:
    return [((_orders_of_customers(lines) >= 2).sum(),)]


def monthly_revenue_by_country(lines: pd.DataFrame) -> list[Row]:
    return _rows(lines.groupby(["month", "Country"])["revenue"].sum())


def weekly_revenue_in_may(lines: pd.DataFrame) -> list[Row]:
    chosen = _between(lines, "2011-05-02", "2011-05-30")
    monday = chosen["day"] - pd.to_timedelta(chosen["day"].dt.day_of_week, unit="D")
    return _rows(chosen.groupby(monday)["revenue"].sum())


def quarterly_orders(lines: pd.DataFrame) -> list[Row]:
    quarter = lines["at"].dt.to_period("Q").dt.start_time
    return _rows(_sold(lines).groupby(quarter)["InvoiceNo"].nunique())


def orders_by_weekday(lines: pd.DataFrame) -> list[Row]:
    weekday = lines["at"].dt.day_of_week
    counts = _sold(lines).groupby(weekday)["InvoiceNo"].nunique()
    return [(frozenset(WEEKDAYS[day]), count) for day, count in counts.items()]


def revenue_by_hour(lines: pd.DataFrame) -> list[Row]:
    return _rows(lines.groupby(lines["at"].dt.hour)["revenue"].sum())


def new_customers_per_month(lines: pd.DataFrame) -> list[Row]:
    return _rows(_sold(lines).groupby("CustomerID")["month"].min().value_counts())


def monthly_buyers(lines: pd.DataFrame) -> list[Row]:
    return _rows(_sold(lines).groupby("month")["CustomerID"].nunique())


def average_order_value_of_three_countries(lines: pd.DataFrame) -> list[Row]:
    countries = ("France", "Germany", "Netherlands")
    return [(name, _order_value(lines[lines["Country"] == name])) for name in countries]


def top_ten_products(lines: pd.DataFrame) -> list[Row]:
    sold = _sold(lines)
    names = lines.groupby("StockCode")["Description"].agg(lambda texts: frozenset(texts.dropna()))
    best = sold.groupby("StockCode")["revenue"].sum().nlargest(10)
    return [(names[code] | {code}, revenue) for code, revenue in best.items()]


def top_ten_product_names(lines: pd.DataFrame) -> list[Row]:
    return _rows(_sold(lines).groupby("Description")["revenue"].sum().nlargest(10))


def top_countries_abroad(lines: pd.DataFrame) -> list[Row]:
    abroad = _sold(lines[lines["Country"] != "United Kingdom"])
    return _rows(abroad.groupby("Country")["InvoiceNo"].nunique().nlargest(5))


def weakest_countries(lines: pd.DataFrame) -> list[Row]:
    return _rows(lines.groupby("Country")["revenue"].sum().nsmallest(5))


def revenue_of_two_countries(lines: pd.DataFrame) -> list[Row]:
    chosen = _between(lines, "2011-01-01", "2011-04-01")
    return [(chosen.loc[chosen["Country"].isin(["Germany", "France"]), "revenue"].sum(),)]


def buyers_elsewhere(lines: pd.DataFrame) -> list[Row]:
    return [(_buyers(lines[~lines["Country"].isin(["United Kingdom", "EIRE"])]),)]


def revenue_of_dear_lines(lines: pd.DataFrame) -> list[Row]:
    return [(lines.loc[lines["UnitPrice"] > 10, "revenue"].sum(),)]


def units_of_one_product(lines: pd.DataFrame) -> list[Row]:
    chosen = lines["Description"] == "REGENCY CAKESTAND 3 TIER"
    return [(_sold(lines[chosen])["Quantity"].sum(),)]


def may_against_april(lines: pd.DataFrame) -> list[Row]:
    months = lines.groupby("month")["revenue"].sum()
    return [(months[pd.Timestamp("2011-05-01")], months[pd.Timestamp("2011-04-01")])]


def second_quarter_against_first(lines: pd.DataFrame) -> list[Row]:
    second = _orders(_between(lines, "2011-04-01", "2011-07-01"))
    return [(second, _orders(_between(lines, "2011-01-01", "2011-04-01")))]


def share_of_the_united_kingdom(lines: pd.DataFrame) -> list[Row]:
    return [(_share(lines, "United Kingdom"),)]


def cancellations_per_month(lines: pd.DataFrame) -> list[Row]:
    return _rows(lines[lines["is_cancelled"]].groupby("month")["InvoiceNo"].nunique())


def cancellation_rate(lines: pd.DataFrame) -> list[Row]:
    cancelled = lines.loc[lines["is_cancelled"], "InvoiceNo"].nunique()
    return [(cancelled / lines["InvoiceNo"].nunique(),)]


def customers_with_five_orders(lines: pd.DataFrame) -> list[Row]:
    return [((_orders_of_customers(lines) >= 5).sum(),)]


def customers_above_five_thousand(lines: pd.DataFrame) -> list[Row]:
    return [((lines.groupby("CustomerID")["revenue"].sum() > 5000).sum(),)]


def orders_without_customer(lines: pd.DataFrame) -> list[Row]:
    return [(_orders(lines[lines["CustomerID"].isna()]),)]


def share_of_germany(lines: pd.DataFrame) -> list[Row]:
    return [(_share(lines, "Germany"),)]


def may_orders_by_country(lines: pd.DataFrame) -> list[Row]:
    may = _sold(_between(lines, "2011-05-01", "2011-06-01"))
    return _rows(may.groupby("Country")["InvoiceNo"].nunique())


def monthly_revenue_of_france(lines: pd.DataFrame) -> list[Row]:
    return _rows(lines[lines["Country"] == "France"].groupby("month")["revenue"].sum())


def _between(lines: pd.DataFrame, start: str, stop: str) -> pd.DataFrame:
    return lines[(lines["at"] >= start) & (lines["at"] < stop)]


def _sold(lines: pd.DataFrame) -> pd.DataFrame:
    return lines[~lines["is_cancelled"]]


def _orders(lines: pd.DataFrame) -> int:
    return _sold(lines)["InvoiceNo"].nunique()


def _buyers(lines: pd.DataFrame) -> int:
    return _sold(lines)["CustomerID"].nunique()


def _order_value(lines: pd.DataFrame) -> float:
    return _sold(lines)["revenue"].sum() / _orders(lines)


def _orders_of_customers(lines: pd.DataFrame) -> pd.Series:
    return _sold(lines).groupby("CustomerID")["InvoiceNo"].nunique()


def _share(lines: pd.DataFrame, country: str) -> float:
    return lines.loc[lines["Country"] == country, "revenue"].sum() / lines["revenue"].sum()


def _rows(figures: pd.Series) -> list[Row]:
    keyed = [key if isinstance(key, tuple) else (key,) for key in figures.index]
    return [(*key, figure) for key, figure in zip(keyed, figures, strict=True)]
