"""Names of columns as people write them: compared, made into names of ours, made readable."""

from __future__ import annotations

import re
import unicodedata

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


def words_of(column: str) -> list[str]:
    """Split a column's name into small words.

    Examples
    --------
    >>> words_of("InvoiceNo"), words_of("order-date (UTC)"), words_of("客户ID")
    (['invoice', 'no'], ['order', 'date', 'utc'], ['客户', 'id'])
    """
    text = _CAMEL.sub(" ", unicodedata.normalize("NFKC", column))
    text = re.sub(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z])|(?<=[A-Za-z])(?=[\u4e00-\u9fff])", " ", text)
    return [word.casefold() for word in _WORD.findall(text)]


def normalised(column: str) -> str:
    """Write a name in the form in which names are compared.

    Examples
    --------
    >>> normalised("Customer_ID") == normalised("CustomerID") == normalised("customer id")
    True
    """
    return "".join(words_of(column))


def name_of(column: str) -> str:
    """Make a name of ours: small Latin letters, digits and underscores; Chinese by its sound.

    Examples
    --------
    >>> name_of("Monthly Charges ($)"), name_of("渠道"), name_of("2nd visit")
    ('monthly_charges', 'qu_dao', 'column_2nd_visit')
    """
    from pypinyin import lazy_pinyin

    spelled = " ".join(lazy_pinyin(" ".join(words_of(column))))
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    name = "_".join(re.findall(r"[a-z0-9]+", plain.casefold()))[:60].strip("_")
    if not name:
        return "column"
    return name if name[0].isalpha() else f"column_{name}"


def readable(column: str) -> str:
    """Write a column's name as words, for a label.

    Examples
    --------
    >>> readable("MonthlyCharges"), readable("history_segment"), readable("渠道")
    ('Monthly charges', 'History segment', '渠道')
    """
    text = " ".join(_CAMEL.sub(" ", column).replace("_", " ").split())
    if not text.isascii():
        return text
    words = [word if word.isupper() and len(word) > 1 else word.lower() for word in text.split()]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]]) if words else column
