"""Whatever is done to an experiment, its text, its link or an edit: either a sentence, or an experiment whose text
reads back equal.
"""

import base64
import json
import random
import time
import zlib
from typing import Any

import pytest

from core.catalog.fields import LONGEST_SENTENCE
from core.catalog.layers import LAYERS
from core.catalog.metrics import METRICS
from core.experiment.edits import apply
from core.experiment.share_link import packed, unpacked
from core.experiment.spec import Experiment, InvalidExperiment, read
from tests.fuzzing import cases

_START = {"run": "0123456789ab", "epoch": 3}
BASES: list[dict[str, Any]] = [
    {"version": 1, "data": {"table": "sample:xor"}},
    {
        "version": 1,
        "name": "House prices",
        "data": {
            "table": "sample:sacramento_homes",
            "targets": ["price"],
            "features": {"sq.ft": "number", "beds": "number", "type": "category"},
            "weight": "w",
            "target_kinds": {"price": "number"},
            "split": {"method": "time", "column": "day", "train": 0.7, "validation": 0.15, "test": 0.15, "seed": 3},
        },
        "layers": [
            {"layer": "Dense", "units": 64, "activation": "relu", "kernel_regularizer": {"class": "L2", "l2": 0.01}},
            {"layer": "Dropout", "rate": 0.2},
            {"layer": "Dense", "units": 1},
        ],
        "compile": {
            "optimizer": {
                "class": "Adam",
                "learning_rate": {"class": "CosineDecay", "initial_learning_rate": 0.01, "decay_steps": 100},
            },
            "loss": {"class": "Huber", "delta": 2.0},
            "metrics": ["MeanAbsoluteError", {"class": "RootMeanSquaredError"}],
        },
        "fit": {"epochs": 9, "callbacks": [{"class": "EarlyStopping", "patience": 10}], "class_weight": {"a": 2.0}},
        "aside": [{"at": 1, "layer": {"layer": "BatchNormalization"}}],
        "start": _START,
    },
    {
        "version": 1,
        "data": {"table": "file:" + "a" * 64, "targets": ["a", "b"], "features": {"c": "number"}},
        "layers": [{"layer": "Dense", "units": 3}],
        "compile": {
            "loss": {"a": "MeanSquaredError", "b": "BinaryCrossentropy"},
            "metrics": {"b": ["AUC"]},
            "loss_weights": {"a": 2, "b": 1},
        },
    },
]
_DEEP: Any = []
for _ in range(3000):
    _DEEP = [_DEEP]
JUNK: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        0.5,
        1e308,
        -0.0,
        10**400,
        float("nan"),
        float("inf"),
        "",
        "x",
        "x" * 20_000,
        "\ud800",
        "a\udfff",
    ),
    *(
        "\0",
        "\x1b[1m",
        "NaN",
        "1" * 5000,
        [],
        {},
        [[]],
        [None] * 500,
        {"": {}},
        {"class": 3},
        {"class": "Adam"},
        {"layer": "Dense"},
        _DEEP,
    ),
    *(
        {"\ud800": "number"},
        {"class": "L2", "l2": "x" * 900},
        {"at": 0, "layer": "Dense"},
        ["Dense"] * 300,
        "sample:" + "y" * 5000,
    ),
]
KEYS = [
    "bogus",
    "\ud800",
    "",
    "at",
    "class",
    "layer",
    "run",
    "units",
    "x" * 20_000,
    "learning_rate",
    "start",
    "aside",
    "version",
    "a.b",
    "0",
]


def nodes(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of all that stands in a value."""
    found, left = [], [value]
    while left:
        one = left.pop()
        pairs = list(one.items()) if isinstance(one, dict) else list(enumerate(one)) if isinstance(one, list) else []
        for key, item in pairs[:50]:
            found.append((one, key))
            if item is not _DEEP:
                left.append(item)
    return found


def copied(value: Any) -> Any:
    """A copy that may be changed; what is nested too deeply for one is shared."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) and value is not _DEEP else value


def junk(draw: random.Random) -> Any:
    one = draw.choice(
        [*JUNK, draw.choice(list(LAYERS)), draw.choice(list(METRICS)), draw.randint(-10, 10**9), draw.gauss(0, 1e3)]
    )
    return copied(one)


def changed(value: Any, draw: random.Random) -> Any:
    """The value with a few things broken."""
    value = copied(value)
    for _ in range(draw.choice([1, 1, 1, 2, 4])):
        found = nodes(value)
        if not found:
            break
        container, key = draw.choice(found)
        way = draw.randrange(6)
        if way == 0:
            del container[key]
        elif way == 1 and isinstance(container, dict):
            container[draw.choice(KEYS)] = junk(draw)
        elif way == 2 and isinstance(container, list):
            container.extend([container[key]] * draw.choice([1, 2, 300]))
        elif way == 3:
            other, name = draw.choice(found)
            if name in other if isinstance(other, dict) else name < len(other):
                container[key] = copied(other[name])
        elif way == 4 and isinstance(container, dict):
            for place in range(draw.choice([3, 2000])):
                container[f"{key}{place}"] = container[key]
        else:
            container[key] = junk(draw)
    return value


def scrambled(text: str, draw: random.Random) -> str:
    """The text with a few signs changed, cut or doubled."""
    letters = list(text)
    for _ in range(draw.randint(1, 5)):
        at = draw.randrange(len(letters) + 1)
        if draw.random() < 0.3:
            del letters[at : at + draw.randint(1, 30)]
        elif draw.random() < 0.5:
            letters.insert(
                at,
                draw.choice(
                    ['"', "{", "}", "[", "]", ",", ":", "\\", "\\ud800", "1e999", "9" * 5000, "null", "\ud800", "é"]
                ),
            )
        else:
            letters[at : at + 1] = draw.choice(["a", "0", "-", "_", ".", " "])
    return "".join(letters)


def operation(draw: random.Random) -> Any:
    """An edit: sensible, half sensible or none."""
    ops = ["set", "replace", "add", "move", "duplicate", "delete", "disable", "enable", "delete disabled"]
    steps = [
        "layers",
        "compile",
        "fit",
        "data",
        "aside",
        "start",
        "units",
        "optimizer",
        "metrics",
        "0",
        "1",
        "2",
        "99",
        "9" * 5000,
        "²",
        "class",
    ]
    made: dict[str, Any] = {"op": draw.choice(ops) if draw.random() < 0.95 else junk(draw)}
    for name, values in {
        "path": [
            ".".join(draw.choice(steps) for _ in range(draw.randint(1, 5))),
            "compile.optimizer.learning_rate",
            "layers.0.units",
            "aside.0.at",
        ],
        "value": [changed(draw.choice(BASES), draw), junk(draw), draw.choice(BASES), 3],
        "at": [0, 1, 2, -1, 10**30, True, 0.5],
        "to": [0, 5, -3, 10**30, "x"],
        "layer": [*draw.sample(list(LAYERS), 3), "Nothing", None],
    }.items():
        if draw.random() < 0.7:
            made[name] = draw.choice(values) if draw.random() < 0.9 else junk(draw)
    return made if draw.random() < 0.98 else junk(draw)


def link(text: str) -> str:
    return "1." + base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"))).decode().rstrip("=")


def attempt(draw: random.Random) -> Experiment:
    """One thing done to an experiment."""
    base = draw.choice(BASES)
    way = draw.randrange(6)
    if way == 0:
        return read(changed(base, draw))
    if way == 1:
        value = changed(base, draw)
        try:
            return read(json.dumps(value, ensure_ascii=draw.random() < 0.5))
        except RecursionError:  # What is nested so deeply cannot be written as text.
            return read(value)
    if way == 2:
        text = scrambled(json.dumps(base), draw)
        return read(text if draw.random() < 0.5 else text.encode("utf-8", "surrogatepass"))
    if way == 3:
        return unpacked(link(scrambled(json.dumps(base), draw)))
    if way == 4:
        return unpacked(scrambled(packed(read(base)), draw))
    experiment = read(base)
    for _ in range(draw.randint(1, 4)):
        experiment = apply(experiment, operation(draw))
    return experiment


def judged(words: str, error: InvalidExperiment) -> None:
    """A refusal is a few sentences that can be written to a page."""
    assert 1 <= len(error.problems) <= 6, words
    for sentence in str(error).split("\n") if len(error.problems) > 1 else [str(error)]:
        assert 0 < len(sentence) <= LONGEST_SENTENCE, words
    str(error).encode()


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1.5, pytest.param(30.0, marks=pytest.mark.soak)])
def test_what_is_done_to_an_experiment_ends_in_a_sentence_or_an_experiment(seconds):
    refused = made = 0
    for words, _, draw in cases("experiment", seconds):
        try:
            experiment = attempt(draw)
        except InvalidExperiment as error:
            judged(words, error)
            refused += 1
        except BaseException as error:
            raise AssertionError(f"{words}: {type(error).__name__}") from error
        else:
            assert read(experiment.text()) == experiment, words
            assert read(experiment.text()).text() == experiment.text(), words
            assert unpacked(packed(experiment)) == experiment, words
            made += 1
    assert refused > 5  # Both happen, or nothing was tried.
    assert made > 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"start": {**_START, "bogus": 1}}, r"start\.bogus: unknown field; allowed are run, epoch\."),
        (
            {"aside": [{"at": 0, "layer": "Dense", "bogus": 1}]},
            r"aside\.0\.bogus: unknown field; allowed are at, layer\.",
        ),
        ({"\ud800": 1}, r"got '\\ud800'"),
        ({"layers": [{"layer": "Dense", "units": 1, "a\udfff": 2}]}, r"layers\.0\.a\\udfff: contains half a character"),
        ({"layers": [{"layer": "x" * 5000}]}, "expected one of"),
        ({"data": {"table": "x" * 5000}}, "data.table: got"),
        ({f"field{place}": place for place in range(50_000)}, "49,995 more fields are wrong"),
    ],
)
def test_what_is_wrong_is_said_in_short_sentences(given, says):
    with pytest.raises(InvalidExperiment, match=says) as caught:
        read({"version": 1, "data": {"table": "sample:xor"}, **given})
    judged(says, caught.value)


@pytest.mark.parametrize(
    "path", [f"layers.{'9' * 5000}", f"layers.{'x' * 5000}", ".".join("a" * 5000), "layers.0." + "a" * 5000, "\ud800"]
)
def test_a_path_that_leads_nowhere_is_a_sentence(path):
    with pytest.raises(InvalidExperiment) as caught:
        apply(read(BASES[1]), {"op": "set", "path": path, "value": 1})
    judged(path, caught.value)


@pytest.mark.parametrize("given", [[1], "set", None, 3])
def test_what_is_no_operation_is_a_sentence(given):
    with pytest.raises(InvalidExperiment, match="expected an operation"):
        apply(read(BASES[1]), given)


def test_a_small_link_does_not_fill_the_page():
    text = link(json.dumps({"version": 1, "data": {"table": "sample:" + "x" * 1_900_000}, "layers": ["x" * 50_000]}))
    assert len(text) < 5000
    with pytest.raises(InvalidExperiment) as caught:
        unpacked(text)
    assert len(str(caught.value)) < 1300


@pytest.mark.slow
@pytest.mark.parametrize(
    "given",
    [
        {"layers": ["Dens"] * 240_000},
        {"compile": {"metrics": ["Acc"] * 240_000}},
        {"compile": {"metrics": {f"a{at}": ["Acc"] * 200 for at in range(1000)}}},
        {"fit": {"callbacks": ["Early"] * 200_000}},
        {"data": {"table": "x", "features": {f"c{at}": "numbr" for at in range(90_000)}}},
        {"data": {"table": "x", "features": {f"c{at}": "numbr" for at in range(20_000)}}},
    ],
)
def test_a_small_link_of_very_many_mistakes_is_refused_at_once(given):
    text = link(json.dumps({"version": 1, "data": {"table": "x"}, **given}))
    start = time.process_time()
    with pytest.raises(InvalidExperiment, match=r"expected at most|more fields are wrong") as caught:
        unpacked(text)
    assert time.process_time() - start < 20  # A minute, when each mistake was compared with each name of the catalog.
    assert len(str(caught.value)) < 3100


def test_a_text_beyond_any_experiment_is_not_read():
    with pytest.raises(InvalidExperiment, match="at most 5,000,000 characters"):
        read(" " * 5_000_001)
