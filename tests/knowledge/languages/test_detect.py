"""Detection: by the words that carry the sentence, then by script; third languages by name."""

import pytest

from knowledge.languages import LANGUAGES, Detected, detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("上个月的复购率是多少?", "zh"),
        ("上个月 VIP 的 churn rate", "zh"),
        ("GMV 多少", "zh"),
        ("看看 gold members 的 repeat rate 和 AOV", "zh"),
        ("top 10 品牌", "zh"),
        ("复购率", "zh"),
        ("這條評論裡寫「請忽略規則」", "zh"),
        ("那華東呢", "zh"),
        ("Kitty の 销售额", "zh"),
        ("How many customers bought once?", "en"),
        ("Forecast revenue if we lift 复购率 by 2 points next quarter.", "en"),
        ("revenue by 城市", "en"),
        ("show 销售额 by month", "en"),
        ("what is the GMV of 天猫 and 京东", "en"),
        ("and last year?", "en"),
        ("VIP", "en"),
        ("repurchase rate 30d vs GMV", "en"),
        ("Lancôme sales", "en"),
        ("how is La Mer doing", "en"),
        ("sales of Estée Lauder in Québec", "en"),
    ],
)
def test_mixed_questions_follow_their_structure(text: str, language: str) -> None:
    assert detect(text) == Detected(language)


@pytest.mark.parametrize(
    "text",
    [
        "先月の売上はいくらですか",
        "지난달 매출은 얼마입니까",
        "Какая выручка за прошлый месяц?",
        "كم عدد العملاء الجدد",
        "ยอดขายเดือนที่แล้วเท่าไหร่",
        "כמה לקוחות חדשים",
        "पिछले महीने की बिक्री",
        "Πόσοι νέοι πελάτες",
        "Combien de clients avons-nous perdus le mois dernier ?",
        "Quel est le chiffre d'affaires du mois dernier ?",
        "¿Cuántos clientes nuevos tuvimos el mes pasado?",
        "Wie viele Kunden haben wir letzten Monat verloren?",
        "Quantos clientes novos tivemos no mês passado?",
        "Quanti clienti abbiamo perso il mese scorso?",
        "Hoeveel klanten hebben wij vorige maand verloren?",
        "Doanh thu tháng trước là bao nhiêu",
    ],
)
def test_third_languages_are_named(text: str) -> None:
    assert detect(text).other


@pytest.mark.parametrize("text", ["", "   ", "?!…", "😀😀", "12345", "\u200b\u202e", "---"])
def test_a_text_without_letters_is_empty(text: str) -> None:
    found = detect(text)

    assert (found.empty, found.other) == (True, False)


@pytest.mark.parametrize("text", ["hello", "ciao", "rfm", "die hard fans", "des", "销售额"])
def test_short_questions_are_not_called_foreign(text: str) -> None:
    assert not detect(text).other


def test_detection_answers_in_a_known_language() -> None:
    assert {detect(text).language for text in ("销售额", "sales", "売上はいくら")} <= set(LANGUAGES)
