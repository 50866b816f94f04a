"""In which language a question is asked, for text that mixes Chinese and English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from knowledge.languages.en import words as en
from knowledge.languages.zh import words as zh

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_OTHER_SCRIPT = re.compile(
    r"[\u0370-\u058f\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u0f00-\u109f\u10a0-\u11ff\u1780-\u17ff"
    r"\u1c80-\u1cff\uac00-\ud7af]"
)
_LATIN_WORD = re.compile(r"[a-z\u00c0-\u024f]+(?:'[a-z]+)?", re.IGNORECASE)
_ZH_WORD = re.compile("|".join(sorted(zh.FUNCTION_WORDS, key=len, reverse=True)))

# Stop words that English does not share; "clearly not English" needs two of one language.
OTHER_STOP_WORDS: dict[str, frozenset[str]] = {
    "fr": frozenset(
        "le la les des une du de est sont avec pour dans sur qui que quel quelle quels quelles"
        " combien nos notre vos votre nous vous ils mois dernier derniers dernière par et ont pas ce"
        " cette ces au aux entre depuis chiffre".split()
    ),
    "es": frozenset(
        "el los las una unos del de que cuál cuáles cuántos cuántas cuánto cuanto cuantos qué cómo"
        " con para por en nuestro nuestra nuestros mes pasado último últimos fueron fue hay entre"
        " desde este esta cual y son tienen la es".split()
    ),
    "de": frozenset(
        "der die das den dem des ein eine einen einem wie viele viel welche welcher welches wir haben"
        " hat ist sind im letzten letzter monat und für mit auf von aus nach bei nicht war waren"
        " zu zum zur unsere unser kunden".split()
    ),
    "pt": frozenset(
        "os as uma uns do da dos das que qual quais quantos quantas quanto com para por em nosso nossa"
        " mês passado último últimos foram há entre desde este esta são não e o clientes".split()
    ),
    "it": frozenset(
        "il lo gli una dei del della delle di che quale quali quanti quante quanto con per nel nella"
        " nostro nostra mese scorso ultimi sono stati tra da questo questa clienti e i abbiamo".split()
    ),
    "nl": frozenset(
        "het een van de hoeveel welke wij hebben heeft zijn en voor met op naar niet onze klanten"
        " vorige maand deze dit waren".split()
    ),
    "vi": frozenset("của và là bao nhiêu khách hàng tháng trước có được trong cho những các".split()),
    "id": frozenset("yang dan berapa pelanggan bulan lalu dengan untuk dari pada kami adalah".split()),
    "tr": frozenset("ve bir kaç müşteri geçen ay için ile bu ne kadar hangi olan".split()),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Detected:
    """The language to answer in; ``other``: asked in a third one; ``empty``: nothing was asked."""

    language: Language
    other: bool = False
    empty: bool = False


def detect(text: str) -> Detected:
    """Tell the language of a question by its structure, then by its script.

    The words that carry the sentence decide: "revenue by 城市" is English, "VIP 的 churn rate 是多少"
    Chinese. A third language is named only where it clearly is one.

    Examples
    --------
    >>> detect("上个月 VIP 的 churn rate"), detect("lift 复购率 by 2 points")
    (Detected(language='zh', other=False, empty=False), Detected(language='en', other=False, empty=False))
    """
    han = len(_HAN.findall(text))
    words = _LATIN_WORD.findall(text.lower())
    letters = han + sum(map(len, words))
    foreign = len(_OTHER_SCRIPT.findall(text))
    kana = len(_KANA.findall(text))
    if not letters + foreign + kana:
        return Detected("zh", empty=True)
    if foreign * 2 > letters or (kana > 1 and kana * 4 > han):
        return Detected("zh" if han else "en", other=True)
    if not han and _is_third_language(words):
        return Detected("en", other=True)
    return Detected(_by_structure(text, words, han))


def _by_structure(text: str, words: list[str], han: int) -> Language:
    if not han:
        return "en"
    chinese = len(_ZH_WORD.findall(text))
    english = sum(word in en.FUNCTION_WORDS for word in words)
    if chinese != english:
        return "zh" if chinese > english else "en"
    return "zh" if han >= 2 * len(words) else "en"


def _is_third_language(words: list[str]) -> bool:
    english = sum(word in en.FUNCTION_WORDS for word in words)
    most = max(sum(word in stop for word in words) for stop in OTHER_STOP_WORDS.values())
    return most >= 2 and most > english
