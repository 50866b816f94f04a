"""Stop words of languages in which Sextant does not answer, to say so instead of guessing.

Only Latin script needs them; words that English shares are left out where they would mislead.
"""

_TEXTS = {
    "fr": """
        le la les des une du de est sont avec pour dans sur qui que quel quelle quels
        quelles combien nos notre vos votre nous vous ils mois dernier derniers dernière
        par et ont pas ce cette ces aux entre depuis chiffre
    """,
    "es": """
        el los las la una unos del de que cuál cuáles cuántos cuántas cuánto cuanto
        cuantos qué cómo con para por en nuestro nuestra nuestros mes pasado último
        últimos fueron fue hay entre desde este esta cual y son tienen es
    """,
    "de": """
        der die das den dem des ein eine einen einem wie viele viel welche welcher
        welches wir haben hat ist sind im letzten letzter monat und für mit auf von aus
        nach bei nicht war waren zu zum zur unsere unser kunden
    """,
    "pt": """
        os as uma uns do da dos das que qual quais quantos quantas quanto com para por
        em nosso nossa mês passado último últimos foram há entre desde este esta são não
        e o clientes
    """,
    "it": """
        il lo gli una dei del della delle di che quale quali quanti quante quanto con
        per nel nella nostro nostra mese scorso ultimi sono stati tra da questo questa
        clienti e i abbiamo
    """,
    "nl": """
        het een van de hoeveel welke wij hebben heeft zijn en voor met op naar niet onze
        klanten vorige maand deze dit waren
    """,
    "vi": """
        của và là bao nhiêu khách hàng tháng trước có được trong cho những các
    """,
    "id": """
        yang dan berapa pelanggan bulan lalu dengan untuk dari pada kami adalah
    """,
    "tr": """
        ve bir kaç müşteri geçen ay için ile bu ne kadar hangi olan
    """,
}
STOP_WORDS = {code: frozenset(text.split()) for code, text in _TEXTS.items()}
