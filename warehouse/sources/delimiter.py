"""Which sign separates the cells of a text file."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import islice
from pathlib import Path

DELIMITERS = (",", "\t", ";", "|")
SAMPLE = 50
MOST_TITLES = 20


def sniff_delimiter(text: Path, skip: int = 0) -> str:
    r"""Choose the sign that cuts the first rows of a UTF-8 file into the same number of cells.

    The header decides what must be cut; a sign that cuts nothing separates nothing. A file of one
    column is read with commas, unless blanks cut it. ``skip`` lines stand above the header.
    """
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = [width for width in _widths(text, delimiter, skip) if width]
        if not widths or widths[0] < 2:
            continue
        agreeing = Counter(widths)[widths[0]] / len(widths)
        if (agreeing, widths[0]) > best_score:
            best, best_score = delimiter, (agreeing, widths[0])
    return best if best_score[1] or not _is_blank_separated(text, skip) else " "


def lines_above_header(text: Path) -> int:
    """Count the lines of a title above the header: few cells there, many below, all alike."""
    for delimiter in DELIMITERS:
        widths = _widths(text, delimiter, 0)
        common, rows = Counter(widths).most_common(1)[0] if widths else (0, 0)
        first = widths.index(common) if widths else 0
        is_title = 0 < first <= MOST_TITLES and max(widths[:first]) < 2 < common
        if is_title and rows >= max(2, len(widths) - first - 1):
            return first
    return 0


def _is_blank_separated(text: Path, skip: int) -> bool:
    """Tell whether blanks cut every line into the same number of cells, three or more."""
    with text.open(encoding="utf-8-sig") as file:
        widths = {len(line.split()) for line in islice(file, skip, skip + SAMPLE) if line.strip()}
    return len(widths) == 1 and min(widths) > 2


def _widths(text: Path, delimiter: str, skip: int) -> list[int]:
    """Count the cells of the first rows; none if they are not cut in this way."""
    with text.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(skip):
            file.readline()
        try:
            return [len(row) for row in islice(csv.reader(file, delimiter=delimiter), SAMPLE)]
        except csv.Error:
            return []
