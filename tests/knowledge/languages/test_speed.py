"""Speed: half a millisecond for a question, no cost for what is not asked, linear on any text."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from knowledge.languages import Clock, detect, find_numbers, find_times, normalise

CLOCK = Clock(date(2026, 10, 31))
QUESTIONS = (
    "上个月高价值客户的复购率比前一个月怎么样?前五的城市有哪些",
    "最近30天差评主要在吐槽什么,按周看趋势,列出前十个品类",
    "2025年9月到10月华东的销售额同比增长了百分之几啊",
    "how many gold members bought in Q3",
    "top 10 cities by revenue last month",
    "上个月 VIP 的 churn rate vs last month",
)


def read(question: str) -> None:
    detect(question)
    text = normalise(question).text
    find_times(text, CLOCK)
    find_numbers(text)


def seconds(task: Callable[[], object]) -> float:
    start = time.process_time()
    task()
    return time.process_time() - start


def test_a_question_is_read_in_half_a_millisecond() -> None:
    for question in QUESTIONS:
        read(question)

    taken = [seconds(lambda: [read(q) for q in QUESTIONS]) / len(QUESTIONS) for _ in range(50)]

    assert statistics.median(taken) < 0.0005


def test_the_front_door_opens_quickly(tmp_path: Path) -> None:
    code = (
        "import dataclasses, decimal, fractions, pathlib, time;"
        "start = time.process_time(); import knowledge.languages;"
        "print(time.process_time() - start)"
    )
    compiled = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", code]
    taken = [
        subprocess.run(command, capture_output=True, text=True, check=True, env=compiled).stdout
        for _ in range(4)
    ]

    assert min(map(float, taken)) < 0.06


@pytest.mark.parametrize(
    "piece",
    ["1", "1,111", "一", "上", "9、", "9月和", "2026-", "oct ", "1 to ", "last ", "一千", "a "],
)
def test_long_texts_cost_in_proportion(piece: str) -> None:
    short, long = (piece * (size // len(piece)) for size in (1_000, 8_000))
    read(short)

    assert seconds(lambda: read(long)) < 8 * 4 * max(seconds(lambda: read(short)), 0.002)
