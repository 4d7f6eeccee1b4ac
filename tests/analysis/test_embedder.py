"""A model from a folder: what is refused before a library sees it, and what its vectors promise."""

from __future__ import annotations

import json
import os
import socket
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from analysis.themes.embedder import (
    CHUNK,
    Embedder,
    EmbedderError,
    load_embedder,
    remove_language_means,
    similarity_to_examples,
)

WIDTH = 64
WORDS = {
    "en": "doctor clinic hospital nurse parking car garage street school teacher pupil lesson",
    "ko": "의사 진료소 병원 간호사 주차 자동차 차고 거리 학교 교사 학생 수업",
    "zh": "医生 诊所 医院 护士 停车 汽车 车库 街道 学校 老师 学生 课程",
    "ru": "врач клиника больница медсестра парковка машина гараж улица школа учитель ученик урок",
    "ar": "طبيب عيادة مستشفى ممرضة موقف سيارة مرآب شارع مدرسة معلم تلميذ درس",
}
"""Four words each of health, parking and schools, in this order."""

TOPICS = [topic for _ in WORDS for topic in (0, 1, 2) for _ in range(4)]
LANGUAGES = [language for language in WORDS for _ in range(12)]
VOCABULARY = [word for words in WORDS.values() for word in words.split()]


def directions(chance: np.random.Generator, count: int, width: int = WIDTH) -> np.ndarray:
    return unit(chance.normal(size=(count, width)))


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def planted(
    languages: Sequence[int], topics: Sequence[int], *, offset: float = 1.5, common: float = 1.0, seed: int = 0
) -> np.ndarray:
    """Unit rows: the direction of a topic, a larger one of the language, one that all share, and noise."""
    chance = np.random.default_rng(seed)
    of_topic = directions(chance, max(topics) + 1)[list(topics)]
    of_language = directions(chance, max(languages) + 1)[list(languages)]
    noise = chance.normal(size=(len(topics), WIDTH)) / np.sqrt(WIDTH)
    return unit(of_topic + offset * of_language + common * directions(chance, 1) + 0.5 * noise).astype(np.float32)


def nearest(vectors: np.ndarray) -> np.ndarray:
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -2)
    return likeness.argmax(axis=1)


# Settings that are refused


@pytest.mark.parametrize("setting", ["", "model2vec", "word2vec:/tmp", "Model2Vec:/tmp", "/tmp", "owner/model"])
def test_setting_of_no_known_kind_or_folder_is_refused(setting: str) -> None:
    with pytest.raises(EmbedderError) as caught:
        load_embedder(setting)

    assert str(caught.value).startswith(f"{setting}: ")
    assert "\n" not in str(caught.value)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the libraries were asked to load; they would take a name that is no folder for one to download."""
    found: list[Any] = []
    for module, name in (("model2vec", "StaticModel"), ("sentence_transformers", "SentenceTransformer")):
        stand_in = ModuleType(module)
        load = found.append
        setattr(stand_in, name, SimpleNamespace(from_pretrained=load) if module == "model2vec" else load)
        monkeypatch.setitem(sys.modules, module, stand_in)
    return found


@pytest.mark.parametrize("kind", ["model2vec", "sentence-transformers"])
@pytest.mark.parametrize("where", ["", "owner/model", "/no/such/folder", "https://example.org/model", "file", "a\0b"])
def test_what_is_no_folder_never_reaches_a_library(
    kind: str, where: str, tmp_path: Path, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("file", "model.safetensors", "modules.json"):
        (tmp_path / name).write_text("[]", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(EmbedderError):
        load_embedder(f"{kind}:{where}")

    assert asked == []


@pytest.mark.parametrize(
    ("kind", "missing"), [("model2vec", "model.safetensors"), ("sentence-transformers", "modules.json")]
)
def test_folder_without_a_model_is_refused(kind: str, missing: str, tmp_path: Path, asked: list[Any]) -> None:
    setting = f"{kind}:{tmp_path}"

    with pytest.raises(EmbedderError) as caught:
        load_embedder(setting)

    assert str(caught.value) == f"{setting}: no model in this folder, {missing} is missing"
    assert asked == []


@pytest.mark.parametrize(
    ("kind", "package", "file", "command"),
    [
        ("model2vec", "model2vec", "model.safetensors", 'pip install "linsheng[embeddings]"'),
        ("sentence-transformers", "sentence_transformers", "modules.json", "pip install sentence-transformers"),
    ],
)
def test_package_that_is_not_installed_is_named_with_what_installs_it(
    kind: str, package: str, file: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / file).write_text("[]", encoding="utf-8")
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(EmbedderError, match=f"{package} is not installed") as caught:
        load_embedder(f"{kind}:{tmp_path}")

    assert str(caught.value).endswith(command)


def test_model_that_needs_code_of_its_own_is_refused(tmp_path: Path, asked: list[Any]) -> None:
    """sentence-transformers#3801: before version 6 the library runs the code of a local folder without being told to."""
    modules = [{"type": "sentence_transformers.models.Transformer"}, {"type": "pooling.Pooling"}]
    (tmp_path / "modules.json").write_text(json.dumps(modules), encoding="utf-8")

    with pytest.raises(EmbedderError, match=r"code of its own, pooling\.Pooling"):
        load_embedder(f"sentence-transformers:{tmp_path}")

    assert asked == []


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"a": 1}', b'[{"name": "x"}]', b"\x80"])
def test_modules_that_cannot_be_read_are_told_in_one_line(content: bytes, tmp_path: Path, asked: list[Any]) -> None:
    (tmp_path / "modules.json").write_bytes(content)

    with pytest.raises(EmbedderError, match=r"\A[^\n]+the model does not work[^\n]+\Z"):
        load_embedder(f"sentence-transformers:{tmp_path}")

    assert asked == []


# sentence-transformers, without torch: a package of that name that writes down how it was called


@pytest.fixture
def fake_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Path]]:
    """A model folder, and a file that tells how the library was called."""
    told, folder, packages = tmp_path / "told.json", tmp_path / "model", tmp_path / "packages"
    folder.mkdir()
    packages.mkdir()
    (folder / "modules.json").write_text('[{"type": "sentence_transformers.models.Transformer"}]', encoding="utf-8")
    (packages / "sentence_transformers.py").write_text(
        f"""
import json, os, pathlib
import numpy as np

OFFLINE = {{name: os.environ.get(name) for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")}}

class SentenceTransformer:
    def __init__(self, path, **how):
        pathlib.Path({str(told)!r}).write_text(json.dumps({{"path": path, "how": how, "offline": OFFLINE}}))

    def encode(self, inputs, *, show_progress_bar):
        assert not show_progress_bar
        return np.array([[len(text), 1, 0] for text in inputs], dtype=np.float16)
""",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(packages)
    monkeypatch.delitem(sys.modules, "sentence_transformers", raising=False)
    yield folder, told
    sys.modules.pop("sentence_transformers", None)


def test_sentence_transformers_loads_local_files_only_and_offline(
    fake_package: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, told = fake_package
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)

    model = load_embedder(f"sentence-transformers:{folder}")

    assert json.loads(told.read_text(encoding="utf-8")) == {
        "path": str(folder.resolve()),
        "how": {"local_files_only": True, "trust_remote_code": False},
        "offline": {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"},
    }
    assert (os.environ["HF_HUB_OFFLINE"], "TRANSFORMERS_OFFLINE" in os.environ) == ("0", False)
    assert model.name == f"sentence-transformers:{folder}"
    assert model.embed(["abc", ""]) == pytest.approx(np.array([[3 / 10**0.5, 1 / 10**0.5, 0], [0, 0, 0]]))


@pytest.mark.filterwarnings("default")  # torch's and transformers' own
def test_real_sentence_transformers_loads_what_it_saved(tmp_path: Path) -> None:
    library = pytest.importorskip("sentence_transformers")
    modules = pytest.importorskip("sentence_transformers.models")
    static = modules.StaticEmbedding(a_tokenizer(), embedding_weights=planted_words())
    library.SentenceTransformer(modules=[static]).save(str(tmp_path))

    model = load_embedder(f"sentence-transformers:{tmp_path}")

    assert model.embed(["doctor", "", "의사"]) == pytest.approx(planted_words()[[1, 0, 13]], abs=1e-5)


# Vectors


def letters(texts: list[str]) -> np.ndarray:
    return np.array([np.bincount([ord(letter) % 8 for letter in text], minlength=8) for text in texts])


class Encoded(SimpleNamespace):
    """A model with this `encode`, which takes texts alone."""

    def encode(self, texts: list[str], *, show_progress_bar: bool) -> Any:
        assert not show_progress_bar
        return self.of(texts)


Load = Callable[[Any], Embedder]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load a model made here as if model2vec had found it in the folder."""
    (tmp_path / "model.safetensors").touch()

    def loaded(model: Any) -> Embedder:
        package = ModuleType("model2vec")
        package.StaticModel = SimpleNamespace(from_pretrained=lambda _folder: model)  # type: ignore[attr-defined]  -- a stand-in
        monkeypatch.setitem(sys.modules, "model2vec", package)
        return load_embedder(f"model2vec:{tmp_path}")

    return loaded


def test_vectors_are_unit_rows_and_zeros_for_nothing(load: Load) -> None:
    texts = ["ab", "", "  \n", "🙂", "ab", "\u3000"]

    vectors = load(Encoded(of=letters)).embed(texts)

    assert (vectors.dtype, vectors.shape) == (np.float32, (6, 8))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 0, 1, 1, 0])
    assert (vectors[0] == vectors[4]).all()


@pytest.mark.parametrize("texts", [[], [""], ["", " "]])
def test_no_text_needs_no_model(texts: list[str], load: Load) -> None:
    calls: list[list[str]] = []
    model = load(Encoded(of=lambda texts: calls.append(texts) or letters(texts)))
    calls.clear()

    assert model.embed(texts).tolist() == [[0.0] * 8] * len(texts)
    assert calls == []


def test_order_of_texts_changes_nothing_even_where_neighbours_move_the_digits(load: Load) -> None:
    model = load(Encoded(of=lambda texts: [[len(text), place] for place, text in enumerate(texts)]))
    texts = [f"text {number % 700} {'x' * (number % 7)}" for number in range(5000)]
    order = np.random.default_rng(0).permutation(len(texts))

    shuffled = model.embed([texts[row] for row in order])

    assert (shuffled == model.embed(texts)[order]).all()


def test_model_gets_chunks_of_distinct_texts(load: Load) -> None:
    sizes: list[int] = []
    model = load(Encoded(of=lambda texts: sizes.append(len(texts)) or letters(texts)))

    model.embed([*(f"{number:05}" for number in range(2 * CHUNK)), *["same"] * CHUNK])

    assert sizes == [1, CHUNK, CHUNK, 1]  # the first is the trial when it is loaded


def test_memory_is_the_result_and_a_chunk(load: Load) -> None:
    model = load(Encoded(of=lambda texts: np.ones((len(texts), 256), dtype=np.float32)))
    texts = [f"text {number}" for number in range(60_000)]

    tracemalloc.start()
    try:
        size = model.embed(texts).nbytes
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < size + 5 * CHUNK * 256 * 4


@pytest.mark.parametrize(
    "bad",
    [
        lambda texts: np.full((len(texts), 3), np.nan),
        lambda texts: np.full((len(texts), 3), -np.inf, dtype=np.float16),
        lambda texts: np.full((len(texts), 3), 1e300),
        lambda texts: np.ones(len(texts)),
        lambda texts: np.ones((len(texts) + 1, 3)),
        lambda _texts: None,
        lambda _texts: {}["x"],
    ],
    ids=["nan", "inf", "too large", "flat", "too many", "none", "raises"],
)
@pytest.mark.parametrize("when", ["at once", "later"])
def test_broken_model_is_told_in_one_line(bad: Callable[[list[str]], Any], when: str, load: Load) -> None:
    broken = Encoded(of=bad if when == "at once" else lambda texts: np.ones((len(texts), 3)))

    def use() -> None:
        model = load(broken)
        broken.of = bad
        model.embed(["a text"])

    with pytest.raises(EmbedderError, match=r"\Amodel2vec:[^\n]+\Z"):
        use()


def test_model_that_changes_its_width_is_broken(load: Load) -> None:
    model = load(Encoded(of=lambda texts: np.ones((len(texts), len(texts[0])))))

    with pytest.raises(EmbedderError, match="vectors of 3 numbers after vectors of 1"):
        model.embed(["abc"])


@pytest.mark.parametrize("size", [1e-40, 1e-30, 1.0, 1e30, 3e38])
def test_vectors_of_any_length_become_unit_rows(size: float, load: Load) -> None:
    model = load(Encoded(of=lambda texts: np.full((len(texts), 4), size, dtype=np.float32)))

    assert model.embed(["a"]) == pytest.approx(np.full((1, 4), 0.5), rel=1e-4)


# model2vec itself


def planted_words() -> np.ndarray:
    """A row for the unknown word, then one for each word of VOCABULARY."""
    names = list(WORDS)
    rows = planted([names.index(language) for language in LANGUAGES], TOPICS, offset=1.0)
    return np.vstack([np.zeros((1, WIDTH), dtype=np.float32), rows])


def a_tokenizer() -> Any:
    tokenizers = pytest.importorskip("tokenizers")
    words = {word: place for place, word in enumerate(["[UNK]", *dict.fromkeys(VOCABULARY)])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return tokenizer


def save_model(folder: Path, matrix: np.ndarray) -> str:
    pytest.importorskip("model2vec").StaticModel(matrix, a_tokenizer()).save_pretrained(folder)
    return f"model2vec:{folder}"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_how: Any) -> None:
        raise AssertionError("a model was looked for on the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_model2vec_embeds_what_it_saved(kind: type[np.floating], tmp_path: Path) -> None:
    matrix = planted_words().astype(kind)
    setting = save_model(tmp_path, 3 * matrix)

    model = load_embedder(setting)

    assert model.name == setting
    texts = ["doctor", "의사", "doctor parking", "nothing that it knows 🙂", ""]
    expected = unit(np.vstack([matrix[[1, 13]], matrix[[1]] + matrix[[5]], matrix[[0, 0]]]).astype(np.float32))
    assert model.embed(texts) == pytest.approx(expected, abs=2e-3 if kind is np.float16 else 1e-5)


@pytest.mark.usefixtures("no_network")
def test_model2vec_groups_by_topic_once_language_means_are_removed(tmp_path: Path) -> None:
    vectors = load_embedder(save_model(tmp_path, planted_words())).embed(VOCABULARY)

    together = remove_language_means(vectors, LANGUAGES)

    assert (np.array(TOPICS)[nearest(together)] == TOPICS).all()


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_model2vec_with_numbers_that_are_not_finite_is_broken(number: float, tmp_path: Path) -> None:
    matrix = planted_words()
    matrix[1, 3] = number
    model = load_embedder(save_model(tmp_path, matrix))

    with pytest.raises(EmbedderError, match="not finite"):
        model.embed(["doctor"])

    assert np.linalg.norm(model.embed(["parking"])) == pytest.approx(1)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json", "config.json"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff\x00 no model"])
def test_model2vec_folder_that_is_damaged_is_told_in_one_line(file: str, content: bytes | None, tmp_path: Path) -> None:
    setting = save_model(tmp_path, planted_words())
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(content)
    if (file, content) == ("config.json", b"{}"):
        assert load_embedder(setting).embed(["doctor"]).any()  # every entry has a default
        return

    with pytest.raises(EmbedderError, match=r"\Amodel2vec:[^\n]+\Z"):
        load_embedder(setting)


# Languages taken out


SIZES = [200, 80, 40, 20, 8]


def many(seed: int = 0, **how: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, languages and topics: five languages, from 200 texts to 8, each with its own favourite among six topics."""
    chance = np.random.default_rng(seed)
    languages = np.repeat(range(len(SIZES)), SIZES)
    topics = np.where(chance.random(len(languages)) < 0.3, languages, chance.integers(6, size=len(languages)))
    return planted(languages.tolist(), topics.tolist(), seed=seed, **how), languages, topics


@pytest.mark.parametrize("seed", range(3))
def test_nearest_neighbours_and_groups_are_by_topic_afterwards(seed: int) -> None:
    vectors, languages, topics = many(seed)

    together = remove_language_means(vectors, [f"l{language}" for language in languages])

    def groups(rows: np.ndarray) -> np.ndarray:
        with threadpool_limits(1):
            return KMeans(6, n_init=5, random_state=0).fit_predict(rows)

    assert (languages[nearest(vectors)] == languages).mean() > 0.95
    assert adjusted_rand_score(topics, groups(vectors)) < 0.5
    assert (topics[nearest(together)] == topics).mean() > 0.99
    assert adjusted_rand_score(topics, groups(together)) > 0.95


def test_few_texts_of_a_language_that_all_speak_of_one_topic_keep_it() -> None:
    vectors, languages, topics = many()
    kept = (languages != 4) | (topics == 4)
    vectors, languages, topics = vectors[kept], languages[kept], topics[kept]

    together = remove_language_means(vectors, [f"l{language}" for language in languages])

    likeness = together[languages == 4] @ together[languages != 4].T
    assert 2 <= (languages == 4).sum() < 8
    assert (topics[languages != 4][likeness.argmax(axis=1)] == 4).all()


def test_few_texts_of_a_language_do_not_keep_what_every_text_has_in_common() -> None:
    languages = np.repeat([0, 1, 2], [200, 100, 6])
    topics = np.arange(len(languages)) % 3
    vectors = planted(languages.tolist(), topics.tolist(), offset=0.5, common=3.0)

    together = remove_language_means(vectors, [f"l{language}" for language in languages])

    few = languages == 2
    likeness = together[few] @ together.T
    is_same_topic = topics[few][:, None] == topics
    assert likeness[is_same_topic & ~few].min() > likeness[~is_same_topic & few].max()


def test_variants_of_a_language_have_one_mean() -> None:
    vectors, languages, _ = many()
    one, two = (np.where(languages == 0, name, languages.astype(str)).tolist() for name in ("zh-Hans", "zh"))
    one[0] = "zh-Hant"

    assert (remove_language_means(vectors, one) == remove_language_means(vectors, two)).all()


def test_text_that_stands_alone_stays_as_it_is() -> None:
    vectors = directions(np.random.default_rng(0), 1)

    assert remove_language_means(vectors, ["und"]) == pytest.approx(vectors, abs=1e-6)


def test_rows_without_content_count_for_no_mean() -> None:
    vectors, languages, _ = many()
    names = [f"l{language}" for language in languages]
    zeros = np.zeros((50, WIDTH))

    together = remove_language_means(np.vstack([vectors, zeros]), [*names, *["l0"] * 30, *["l9"] * 20])

    assert (together[:-50] == remove_language_means(vectors, names)).all()
    assert not together[-50:].any()


def test_each_vector_has_one_language() -> None:
    with pytest.raises(ValueError, match="2 languages for 3 vectors"):
        remove_language_means(np.ones((3, 4)), ["en", "ko"])


A_TEXT = st.tuples(st.sampled_from(["en", "ko", "zh-Hans", "zh-Hant", "und", ""]), st.integers(-1, 5))
"""Its language and its topic; -1 for a text without content."""


@given(st.lists(A_TEXT, max_size=60), st.integers(0, 3))
def test_languages_are_removed_from_whatever_comes(survey: list[tuple[str, int]], seed: int) -> None:
    chance = np.random.default_rng(seed)
    vectors = np.vstack([directions(chance, 6), np.zeros((1, WIDTH))])[[topic for _, topic in survey]]
    vectors = unit(vectors + 0.1 * chance.normal(size=vectors.shape) * vectors.any(axis=1)[:, None]).astype(np.float32)
    families, before = [language for language, _ in survey], vectors.copy()
    order = chance.permutation(len(survey))

    together = remove_language_means(vectors, families)

    assert (vectors == before).all()
    assert (together.dtype, together.shape) == (np.float32, vectors.shape)
    assert np.linalg.norm(together, axis=1) == pytest.approx(vectors.any(axis=1).astype(float), abs=1e-5)
    shuffled = remove_language_means(vectors[order], [families[row] for row in order])
    assert shuffled == pytest.approx(together[order], abs=1e-4)


# Likeness to examples


def test_rows_are_most_like_the_examples_of_their_topic() -> None:
    vectors, _, topics = many(offset=0.5)

    shares = similarity_to_examples(vectors, vectors[::5], topics[::5], 6)

    assert (shares.argmax(axis=1) == topics).mean() > 0.95
    assert shares[range(len(topics)), topics].mean() > 0.7


def test_shares_are_the_softmax_of_the_cosines_to_the_mean_examples() -> None:
    examples = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [0.0, 0.0]])

    shares = similarity_to_examples(np.array([[0.8, 0.6]]), examples, [0, 1, 1, 1], 2)

    cosines = np.array([0.8, 0.8 * 0.6 / 3.6**0.5 + 0.6 * 1.8 / 3.6**0.5])
    assert shares == pytest.approx(np.exp(cosines / 0.05)[None] / np.exp(cosines / 0.05).sum(), abs=1e-5)


def test_without_examples_nothing_is_like_anything() -> None:
    vectors = directions(np.random.default_rng(0), 3)

    assert similarity_to_examples(vectors, np.zeros((0, WIDTH)), [], 2).tolist() == [[0.0, 0.0]] * 3
    assert similarity_to_examples(vectors, np.zeros((2, WIDTH)), [0, 1], 2).tolist() == [[0.0, 0.0]] * 3
    assert similarity_to_examples(vectors, np.zeros((0, WIDTH)), [], 0).shape == (3, 0)


@pytest.mark.parametrize("labels", [[0], [0, 2], [0, -1], [0, 1, 1]])
def test_labels_that_do_not_fit_the_examples_are_an_error(labels: list[int]) -> None:
    with pytest.raises(ValueError, match=r"."):
        similarity_to_examples(np.ones((1, 3)), np.eye(3)[:2], labels, 2)


@given(st.lists(st.integers(0, 4), max_size=30), st.integers(0, 20), st.integers(0, 3))
def test_shares_sum_to_one_or_to_nothing(labels: list[int], count: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    examples = directions(chance, len(labels), 6).astype(np.float32)
    vectors = directions(chance, count, 6).astype(np.float32)
    vectors[::4] = 0
    order = chance.permutation(len(labels))

    shares = similarity_to_examples(vectors, examples, labels, 6)

    assert (shares.dtype, shares.shape) == (np.float32, (count, 6))
    assert (shares >= 0).all()
    assert shares.sum(axis=1) == pytest.approx((vectors.any(axis=1) & bool(labels)).astype(float), abs=1e-5)
    assert not shares[:, sorted(set(range(6)) - set(labels))].any()
    shuffled = similarity_to_examples(vectors, examples[order], [labels[place] for place in order], 6)
    assert shuffled == pytest.approx(shares, abs=1e-4)
