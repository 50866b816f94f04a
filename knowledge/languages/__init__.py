"""Languages: detect, normalise, read numbers and times, and speak, in Chinese and English.

A language is a folder with its own words and rules; the files here read texts that may mix both.
"""

from knowledge.languages.detect import LANGUAGES, Detected, Language, detect
from knowledge.languages.formatting import (
    format_change,
    format_currency,
    format_day,
    format_difference,
    format_duration,
    format_number,
    format_percent,
    format_points,
    format_range,
    format_value,
)
from knowledge.languages.messages import messages, say
from knowledge.languages.normalise import Normalised, normalise
from knowledge.languages.numbers import find_numbers
from knowledge.languages.spans import ASSUMPTIONS, Clock, NumberSpan, TimeSpan
from knowledge.languages.times import find_times

__all__ = [
    "LANGUAGES", "Language", "Detected", "detect",
    "Normalised", "normalise",
    "Clock", "TimeSpan", "find_times", "ASSUMPTIONS",
    "NumberSpan", "find_numbers",
    "messages", "say",
    "format_change", "format_currency", "format_day", "format_difference", "format_duration",
    "format_number", "format_percent", "format_points", "format_range", "format_value",
]  # fmt: skip
