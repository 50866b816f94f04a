"""Which encoding a text file is written in, by its bytes; a person may always say otherwise."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from warehouse.sources.files import UTF8, fingerprint

SAMPLE = 1 << 20
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_HIGH = re.compile(rb"[\x80-\xff]")


def find_encoding(path: Path) -> str:
    """Name the encoding of a text file.

    What reads as UTF-8 throughout is UTF-8. Else bytes above ASCII that stand alone are accented
    letters (Windows-1252), and pairs of them are Chinese: of GB18030 and Big5, the one under which
    more of the characters are everyday ones.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if not fingerprint(path).bad_line:
        return UTF8
    high = len(_HIGH.findall(sample))
    if 2 * len(_LONE.findall(sample)) >= high:
        return "cp1252"
    scores = {"gb18030": _everyday(sample, "gb18030", b"\xb0", b"\xd7", "gb2312"),
              "big5": _everyday(sample, "big5hkscs", b"\xa4", b"\xc6", "big5")}  # fmt: skip
    return max(scores, key=lambda name: (scores[name], name == "gb18030"))


def _everyday(sample: bytes, encoding: str, first: bytes, last: bytes, basic: str) -> float:
    """Give the share of characters that stand in the part of everyday ones of a character set."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    foreign = [character for character in text if not character.isascii()]
    written = (character.encode(basic, "ignore")[:1] for character in foreign)
    return sum(first <= lead <= last for lead in written if lead) / max(len(foreign), 1)
