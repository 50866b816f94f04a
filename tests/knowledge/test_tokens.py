import pytest

from knowledge.tokens import fold, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("，。！?  \n", []),
        ("😀👍", []),
        ("慢", ["慢"]),
        ("物流慢", ["物", "流", "慢", "物流", "流慢"]),
        ("好。慢", ["好", "慢"]),
        ("iPhone15 不错", ["iphone15", "不", "错", "不错"]),
        ("The customer's boxes", ["the", "customer", "box"]),
        ("Ünïcode naïve", ["ünïcode", "naïve"]),
        ("доставка", ["доставка"]),
        ("配達が遅い", ["配", "达", "が", "遅", "い", "配达", "达が", "が遅", "遅い"]),
        ("\ud83d坏", ["坏"]),
        ("a\x00b", ["a", "b"]),
    ],
)
def test_tokens_of_mixed_text(text, expected):
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("delivery", "deliveries"),
        ("cookie", "cookies"),
        ("pie", "pies"),
        ("shoe", "shoes"),
        ("box", "boxes"),
        ("dish", "dishes"),
        ("glass", "glasses"),
        ("product", "products"),
    ],
)
def test_plural_meets_its_singular(one, many):
    assert tokens(one) == tokens(many)


@pytest.mark.parametrize("word", ["bus", "status", "glass", "analysis", "gas", "is"])
def test_other_words_in_s_stay_apart_from_shorter_ones(word):
    assert tokens(word) in ([word], [word[:-1]])
    assert len(tokens(word)[0]) >= 2


def test_traditional_and_full_width_meet_simplified():
    assert tokens("質量ＡＢＣ") == tokens("质量abc")


def test_fold_keeps_digits_and_punctuation():
    assert fold("９.９元！") == "9.9元!"
