import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from knowledge.embedding import MOST_FEATURES, TfidfSvdEmbedder, features

from .corpus import TEXTS

texts = list(TEXTS.values())


@pytest.fixture(scope="module")
def embedder():
    return TfidfSvdEmbedder.fit(texts, dimensions=8)


def test_weights_equal_those_of_scikit_learn(embedder):
    vectorizer = TfidfVectorizer(analyzer=features, sublinear_tf=True)
    expected = vectorizer.fit_transform(texts)

    order = [vectorizer.vocabulary_[name] for name in embedder._vocabulary]
    assert np.allclose(embedder.weights(texts).toarray(), expected.toarray()[:, order], atol=1e-6)


def test_with_all_dimensions_likeness_is_the_cosine_of_weights():
    embedder = TfidfSvdEmbedder.fit(texts)
    weights = embedder.weights(texts)

    vectors = embedder.embed(texts)
    assert np.allclose(vectors @ vectors.T, (weights @ weights.T).toarray(), atol=1e-4)


def test_fewer_dimensions_keep_as_much_as_the_best_projection(embedder):
    weights = embedder.weights(texts).toarray()
    values = np.linalg.svd(weights, compute_uv=False)

    kept = np.linalg.norm(weights @ embedder._components) ** 2
    assert kept == pytest.approx((values[:8] ** 2).sum(), rel=0.001)


def test_vectors_have_unit_length_or_are_zero(embedder):
    lengths = np.linalg.norm(embedder.embed([*texts, "", "zzz qqq", "火箭"]), axis=1)

    assert np.allclose(lengths[:-4], 1, atol=1e-5)
    assert lengths[-4:].tolist() == [0, 0, 0, 0]  # f20 has no words either


def test_same_texts_give_the_same_vectors(embedder):
    again = TfidfSvdEmbedder.fit(texts, dimensions=8)

    assert np.array_equal(embedder.embed(texts), again.embed(texts))


def test_a_misspelt_word_stands_near_the_right_one(embedder):
    near = embedder.embed(["slow delivry"]) @ embedder.embed(texts).T

    assert list(TEXTS)[int(near.argmax())] in {"f11", "f12", "f13"}


def test_saved_embedder_embeds_the_same(embedder, tmp_path):
    embedder.save(tmp_path / "embedder")
    loaded = TfidfSvdEmbedder.load(tmp_path / "embedder")

    assert np.array_equal(loaded.embed(texts), embedder.embed(texts))
    assert (loaded.name, loaded.dimensions) == (embedder.name, embedder.dimensions)


def test_embedder_of_another_version_is_refused(embedder, tmp_path):
    embedder.save(tmp_path)
    file = tmp_path / "features.json"
    file.write_text(file.read_text("utf-8").replace("tfidf-svd-1", "tfidf-svd-0"), "utf-8")

    with pytest.raises(ValueError, match=r"Expected an embedder 'tfidf-svd-1'\. Got 'tfidf-svd-0'"):
        TfidfSvdEmbedder.load(tmp_path)


@pytest.mark.parametrize("few", [[], [""], ["好"], ["好", "坏"], ["👍", "!"]])
def test_fits_however_few_texts(few):
    embedder = TfidfSvdEmbedder.fit(few)

    assert embedder.embed(few).shape == (len(few), embedder.dimensions)
    assert embedder.embed(["别的"]).shape == (1, embedder.dimensions)


def test_features_are_capped_by_how_many_texts_hold_them():
    many = [f"word{i} common" for i in range(MOST_FEATURES // 4)]
    embedder = TfidfSvdEmbedder.fit(many, dimensions=2)

    assert "common" in embedder._vocabulary
    assert len(embedder._vocabulary) <= MOST_FEATURES


def test_repr_tells_what_was_fitted(embedder):
    assert repr(embedder).startswith("<tfidf-svd-1: ")
    assert repr(embedder).endswith(" features, 8 dimensions>")
