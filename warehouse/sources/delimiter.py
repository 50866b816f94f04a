"""Which sign separates the cells of a text file."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import islice
from pathlib import Path

DELIMITERS = (",", "\t", ";", "|")
SAMPLE = 50


def sniff_delimiter(text: Path) -> str:
    r"""Choose the sign that cuts the first rows of a UTF-8 file into the same number of cells.

    The header decides what must be cut; a sign that cuts nothing separates nothing, and a file of
    one column is read with commas.
    """
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        with text.open(encoding="utf-8-sig", newline="") as file:
            try:
                rows = list(islice(csv.reader(file, delimiter=delimiter), SAMPLE))
            except csv.Error:
                continue
        widths = [len(row) for row in rows if row]
        if not widths or widths[0] < 2:
            continue
        agreeing = Counter(widths)[widths[0]] / len(widths)
        if (agreeing, widths[0]) > best_score:
            best, best_score = delimiter, (agreeing, widths[0])
    return best
