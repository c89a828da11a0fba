"""The report's script computes what Keras computes: every layer and activation of the catalog, every kind of column."""

import json
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from core.catalog.kinds import KINDS
from core.catalog.layer_parts import ACTIVATIONS
from core.catalog.layers import LAYERS
from core.experiment.spec import Data, read
from core.experiment.task import Task
from core.inspect.graph import ROWS, script, walked
from core.model.exported_model import bundle
from core.model.outputs import Heads
from core.model.preprocessing import preprocessing, tensors
from core.tables.feature_statistics import statistics_of
from core.tables.prepared import Prepared, prepare, raw_values

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCRIPT = (Path(__file__).parents[3] / "core/report/network.js").read_text(encoding="utf-8")
ASK = """cases => cases.map(([steps, outputs, rows]) => {
    const run = network(steps, outputs);
    const said = ([name, values]) => [name, Array.from(values, String)];
    return rows.map(row => Object.fromEntries(Object.entries(run(row)).map(said)));
})"""  # As text: JSON has no word for infinity.
VARIANTS = {
    "Dense": [{"use_bias": False}, {"activation": "tanh"}],
    "BatchNormalization": [{"scale": False}, {"center": False}, {"scale": False, "center": False, "epsilon": 0.01}],
    "LayerNormalization": [{"scale": False}, {"center": False}, {"scale": False, "center": False, "epsilon": 0.1}],
    "RMSNormalization": [{"epsilon": 0.1}],
    "ReLU": [
        {"max_value": 2.0},
        {"max_value": 6.0},
        {"negative_slope": 0.1},
        {"threshold": 0.5},
        {"max_value": 2.0, "negative_slope": 0.1, "threshold": 0.5},
        {"negative_slope": 0.3, "threshold": 1.5},
    ],
    "LeakyReLU": [{"negative_slope": 0.0}],
    "ELU": [{"alpha": 0.5}],
}
STACKS = {
    f"{name}{variant or ''}": [{"layer": name, **row.starting_arguments(), **variant}]
    for name, row in LAYERS.items()
    if not row.embeds
    for variant in ({}, *VARIANTS.get(name, ()))
}
STACKS |= {f"Dense, {name}": [{"layer": "Dense", "units": 6, "activation": name}] for name in ACTIVATIONS}
STACKS |= {f"Activation, {name}": [{"layer": "Activation", "activation": name}] for name in ACTIVATIONS}
STACKS["an embedding"] = [{"layer": "Embedding", "output_dim": 3}]
STACKS["an embedding and more"] = [
    {"layer": "Embedding", "output_dim": 5},
    {"layer": "BatchNormalization"},
    {"layer": "Dropout", "rate": 0.3},
]
KIND_OF = {
    "n": "number",
    "far": "number",
    "gap": "number",
    "same": "number",
    "w": "category",
    "code": "code",
    "yes": "boolean",
    "day": "date",
    "moment": "date",
    "said": "text",
    "told": "text",
    "tail": "number",
    "bent": "number",
}
PREPARATION = {"moment": {"parts": ["hour", "trend"]}, "told": {"weighting": "tf-idf", "words": 5}}
PREPARATION |= {"tail": {"scaling": "log"}, "bent": {"scaling": "quantile bins", "bins": 4}}
PAIRS = [["moment", "day"], ["w", "code"]]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """60 rows with columns of all kinds; some cells are missing."""
    draw, rows = np.random.default_rng(0), 60
    frame = pd.DataFrame(
        {
            "n": draw.normal(size=rows),
            "far": 1.7e9 + 50 * draw.normal(size=rows),
            "gap": np.where(np.arange(rows) % 7 == 3, np.nan, draw.exponential(1000, rows)),
            "same": 4.0,
            "w": draw.choice(["a", "b", "[UNK]", 'ö "<&'], rows),
            "code": draw.choice([95815, 95822, 1], rows),
            "yes": draw.choice(["yes", "no"], rows),
            "day": (pd.Timestamp("2019-12-01") + pd.to_timedelta(draw.integers(0, 700, rows), unit="D")).strftime(
                "%d.%m.%Y"
            ),
            "y": 250_000 + 90_000 * draw.normal(size=rows),
            "large": 1e9 + 20 * draw.normal(size=rows),
            "z": draw.choice(["no", "yes"], rows),
            "kind": draw.choice(["x", "y", "z"], rows),
        }
    )
    frame["moment"] = (pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 10**7, rows), unit="s")).astype(
        str
    )
    said = ["A fine, fine home!", "no HOME", "Größe: ÄRGER (it's) so", "fine\u00a0x y\tz", "_", "so so"]
    frame["tail"], frame["bent"] = 100 * draw.standard_cauchy(rows), draw.normal(size=rows)
    frame.loc[[3, 4], ["tail", "bent"]] = None
    frame["said"], frame["told"] = draw.choice(said, rows), draw.choice(said, rows)
    frame.loc[[5, 30], ["w", "yes", "day"]] = None
    return frame


@pytest.fixture(scope="module")
def questions(table) -> pd.DataFrame:
    """Rows of the table, and rows that it has none like: nothing known, unknown words, amounts far outside."""
    strange = pd.DataFrame(
        {
            "n": [None, 1e9, -40.0, 0.0],
            "far": [None, 1.7e9, 1_700_000_030.5, 1_700_000_400],
            "gap": [None, -5.0, None, 1e5],
            "same": [None, 4.0, 5.0, 4.0],
            "w": [None, "new", "a", "B"],
            "code": [None, 7, 95815, 1],
            "yes": [None, "yes", "no", None],
            "day": [None, "01.01.1970", "31.12.2099", "29.02.2020"],
            "tail": [None, -1e9, 0.0, 1e-9],
            "bent": [None, -9.0, 0.0, 1e9],
            "said": [None, "", "unheard of", "FINE fine home\u2028so \x0b it`s"],
            "told": ["so so so", "\x1cfine\x1c home", "größe GRÖSSE Größe", "{home} [so] <it's> ~fine"],
            "moment": [None, "1970-01-01 23:59:59", None, "2020-02-29T12:00"],
        }
    )
    return pd.concat([table[list(KIND_OF)].head(12), strange], ignore_index=True)


@dataclass(frozen=True)
class Ready:
    """A table made ready for an experiment, and the preprocessing that networks over it may share."""

    data: Data
    prepared: Prepared
    embedded: bool
    features: keras.Model


def made_ready(
    table: pd.DataFrame,
    target: str | list[str] = "y",
    features: dict[str, str] = KIND_OF,
    preparation: dict = PREPARATION,
    embedded: bool = False,
) -> Ready:
    """The table's columns for a network that begins with an Embedding, or without one."""
    targets = [target] if isinstance(target, str) else target
    data = {"table": "file:x", "targets": targets, "features": features, "preparation": preparation, "pairs": PAIRS}
    experiment = read({"version": 1, "data": data})
    kinds = {"y": "number", "large": "number", "z": "category", "kind": "category"}
    prepared = prepare(table, experiment.data, {name: kinds[name] for name in targets})
    return Ready(
        experiment.data, prepared, embedded, preprocessing(prepared.kinds, prepared.statistics, numbered=embedded)
    )


def made(
    ready: Ready, layers: list[dict], loss: dict | str = "MeanSquaredError", units: int = 1, **last: str
) -> keras.Model:
    """An exported model of random weights."""
    prepared = ready.prepared
    begins = [layer for layer in layers if layer["layer"] == "Embedding"]
    rest = [layer for layer in layers if layer["layer"] != "Embedding"]
    stack = [*begins, {"layer": "Dense", "units": 6}, *rest, {"layer": "Dense", "units": units, **last}]
    bare = read({"version": 1, "data": {"table": "file:x"}, "layers": stack, "compile": {"loss": loss}})
    experiment = bare.model_copy(update={"data": ready.data})
    sizes = {name: len(answer.classes) for name, answer in prepared.targets.items()}
    tasks = [
        Task(("regression", "", "binary")[min(size, 2)] if size < 3 else "multiclass", name, size)
        for name, size in sizes.items()
    ]
    heads = Heads(experiment, tasks, prepared)
    network = heads.build(
        prepared.inputs - sum(prepared.words) + len(prepared.words) if ready.embedded else prepared.inputs
    )
    draw = np.random.default_rng(1)
    for weight in network.weights:
        values = draw.normal(0, 0.6, weight.shape)
        if not weight.path.endswith("seed_generator_state"):
            weight.assign(np.abs(values) + 0.1 if "variance" in weight.path else values)
    return bundle(heads.all, ready.features, network)


def plain(raw: dict[str, np.ndarray], rows: int) -> list[dict]:
    """Raw values as the page's form gives them: numbers with NaN, text with ""."""
    return [
        {name: values[at] if values.dtype == object else float(values[at]) for name, values in raw.items()}
        for at in range(rows)
    ]


@pytest.fixture(scope="module")
def page(browser):
    """A page with the report's network alone."""
    opened = browser.new_page()
    opened.add_script_tag(content=SCRIPT)
    yield opened
    opened.close()


def compared(
    page, model: keras.Model, raw: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Output -> what Keras says, and what the page says, (rows, outputs)."""
    steps, outputs = walked(model)
    assert not [step for step in steps if step.do == "unknown"]
    rows = len(next(iter(raw.values())))
    (said,) = page.evaluate(ASK, [[script(steps), outputs, plain(raw, rows)]])
    found = model(tensors(raw), training=False)
    kept = found if isinstance(found, dict) else {"": found}
    return {name: value.numpy() for name, value in kept.items()}, {
        name: np.array([[float(value.replace("Infinity", "inf")) for value in row[name]] for row in said])
        for name in kept
    }


def agree(keras_says: np.ndarray, page_says: np.ndarray, within: float = 1e-5) -> None:
    """To so much of the outputs, or to 1e-5 of how far apart they usually are."""
    assert page_says.shape == keras_says.shape
    finite = keras_says[np.isfinite(keras_says)]
    apart = np.percentile(finite, 75) - np.percentile(finite, 25)  # Not the deviation: a few rows lie far outside.
    np.testing.assert_allclose(page_says, keras_says, rtol=within, atol=1e-5 * apart)


@pytest.fixture(scope="module")
def answers_of_stacks(page, table, questions):
    """Name of a stack -> what Keras and the page say of the questions. Those without an Embedding are outputs of one
    model, which prepares the columns once for all of them.
    """
    embedded = [name for name, layers in STACKS.items() if layers[0]["layer"] == "Embedding"]
    answers = {}
    for of in ([name for name in STACKS if name not in embedded], *([name] for name in embedded)):
        ready = made_ready(table, embedded=of[0] in embedded)
        outputs = {f"stack {at}": made(ready, STACKS[name]).output for at, name in enumerate(of)}
        raw = raw_values(questions, ready.prepared.kinds, ready.prepared.ways)
        keras_says, page_says = compared(page, keras.Model(ready.features.input, outputs), raw)
        answers |= {name: (keras_says[f"stack {at}"], page_says[f"stack {at}"]) for at, name in enumerate(of)}
    return answers


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_answers_as_in_keras(answers_of_stacks, name):
    keras_says, page_says = answers_of_stacks[name]
    # e**23, as in these rows, is wrong by 23 times as much as its exponent, which every processor rounds in its own
    # way.
    agree(keras_says, page_says, 5e-5 if "exponential" in name else 1e-5)
    assert len(np.unique(keras_says)) > 5


FAR = np.concatenate([np.linspace(-30, 30, 601), [0.5, -0.5, 1e-6, -1e-6]]).astype("float32").reshape(-1, 1)
FAR = np.hstack([FAR, FAR[::-1], 0 * FAR])


@pytest.fixture(scope="module")
def activations_of_the_page(page) -> dict[str, list[list[float]]]:
    """Name of an activation -> what the page gives for each row of FAR."""
    ask = """text => {
        const { names, rows } = JSON.parse(text);
        const of = name => rows.map(row => [...ACTIVATIONS[name](Float32Array.from(row))]);
        return JSON.stringify(Object.fromEntries(names.map(name => [name, of(name)])));
    }"""
    return json.loads(page.evaluate(ask, json.dumps({"names": list(ACTIVATIONS), "rows": FAR.tolist()})))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_the_function_of_keras(activations_of_the_page, name):
    expected = np.asarray(getattr(keras.activations, name)(FAR))
    np.testing.assert_allclose(activations_of_the_page[name], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("target", "loss", "units", "last"),
    [
        ("y", "Poisson", 1, {"activation": "softplus"}),
        ("large", "MeanSquaredError", 1, {}),
        ("z", "BinaryCrossentropy", 1, {"activation": "sigmoid"}),
        ("z", {"class": "BinaryCrossentropy", "from_logits": True}, 1, {}),
        ("z", "Hinge", 1, {"activation": "tanh"}),
        ("kind", "SparseCategoricalCrossentropy", 3, {"activation": "softmax"}),
        ("kind", {"class": "SparseCategoricalCrossentropy", "from_logits": True}, 3, {}),
        (
            ["y", "z", "kind"],
            {
                "y": {"class": "Huber"},
                "z": {"class": "BinaryCrossentropy"},
                "kind": {"class": "SparseCategoricalCrossentropy"},
            },
            1,
            {},
        ),
    ],
)
@pytest.mark.parametrize("embedded", [False, True])
def test_every_task_is_answered_in_the_targets_own_terms(
    page, table, questions, tmp_path, target, loss, units, last, embedded
):
    layers = [{"layer": "Embedding", "output_dim": 2}] if embedded else []
    ready = made_ready(table, target, embedded=embedded)
    prepared = ready.prepared
    made(ready, layers, loss, units, **last).save(tmp_path / "model.keras")
    kept = keras.models.load_model(tmp_path / "model.keras")  # The page is made of what was kept.
    keras_says, page_says = compared(page, kept, raw_values(questions, prepared.kinds, prepared.ways))
    assert len(keras_says) == (3 if isinstance(target, list) else 1)
    for name, values in keras_says.items():
        # What varies is held, not the digits all have.
        mean = prepared.y_true("train", "large").mean() if target == "large" else 0.0
        agree(values - mean, page_says[name] - mean)


@pytest.mark.parametrize("logarithm", ["log", "log1p"])
def test_a_target_that_is_learned_by_its_logarithm_is_predicted_in_its_unit(page, table, questions, logarithm):
    ready = made_ready(table, "large", preparation={**PREPARATION, "large": {"target": logarithm}})
    raw = raw_values(questions, ready.prepared.kinds, ready.prepared.ways)
    keras_says, page_says = compared(page, made(ready, []), raw)
    assert 9e8 < np.median(keras_says[""]) < 1.1e9
    agree(keras_says[""], page_says[""], 5e-5)


@pytest.mark.parametrize("words", [["w"], ["w", "code"], ["n", "w"]])
def test_vectors_may_be_all_that_a_network_sees(page, table, questions, words):
    ready = made_ready(table, features={name: KIND_OF[name] for name in words}, embedded=True)
    raw = raw_values(questions, ready.prepared.kinds, ready.prepared.ways)
    keras_says, page_says = compared(page, made(ready, [{"layer": "Embedding", "output_dim": 4}]), raw)
    agree(keras_says[""], page_says[""])


@pytest.mark.parametrize("feature", KIND_OF)
def test_a_table_of_one_column_is_enough(page, table, questions, feature):
    raw = raw_values(questions, {feature: KIND_OF[feature]}, {"day": "%d.%m.%Y"})
    known = raw_values(table, {feature: KIND_OF[feature]}, {"day": "%d.%m.%Y"})
    model = preprocessing({feature: KIND_OF[feature]}, {feature: statistics_of(KIND_OF[feature], known[feature])})
    keras_says, page_says = compared(page, model, raw)
    agree(keras_says[""], page_says[""])


def test_every_layer_of_the_catalog_has_a_row():
    assert set(LAYERS) <= set(ROWS)
    assert set(KIND_OF.values()) == set(KINDS)
