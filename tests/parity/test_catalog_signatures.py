"""The catalog says what Keras says: the same arguments, the same defaults, and nothing of Keras forgotten."""

import importlib
import inspect

import keras
import numpy as np
import pytest

from core.catalog import callbacks, layer_parts, layers, losses, metrics, optimizers, schedules
from core.catalog.callbacks import CALLBACKS
from core.catalog.fields import Flag, Part, Pick, Row
from core.catalog.layer_parts import ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS
from core.catalog.layers import LAYERS
from core.catalog.losses import LOSSES
from core.catalog.metrics import METRICS
from core.catalog.optimizers import OPTIMIZERS
from core.catalog.schedules import SCHEDULES, rate_at, spread_over

pytestmark = pytest.mark.slow

FAMILIES = {
    "layers": LAYERS,
    "optimizers": OPTIMIZERS,
    "losses": LOSSES,
    "metrics": METRICS,
    "callbacks": CALLBACKS,
    "initializers": INITIALIZERS,
    "regularizers": REGULARIZERS,
    "constraints": CONSTRAINTS,
    "optimizers.schedules": SCHEDULES,
}
ROWS = [pytest.param(row, id=f"{family}-{name}") for family, rows in FAMILIES.items() for name, row in rows.items()]

# Arguments of Keras that no form offers.
EVERYWHERE = {"self", "name", "dtype", "args", "kwargs", "reduction", "seed", "axis", "verbose"}
LEFT_OUT = {
    "layers": {
        *("lora_rank", "lora_alpha", "quantization_config"),  # For other trades.
        *(
            "beta_initializer",
            "gamma_initializer",
            "moving_mean_initializer",
            "moving_variance_initializer",
            "alpha_initializer",
        ),
        *(
            "beta_regularizer",
            "gamma_regularizer",
            "beta_constraint",
            "gamma_constraint",
            "alpha_regularizer",
            "alpha_constraint",
        ),
        *("input_dim", "mask_zero", "weights"),  # Of an embedding: how many words there are follows from the table.
        *("noise_shape", "renorm", "renorm_clipping", "renorm_momentum", "synchronized", "rms_scaling", "shared_axes"),
    },
    "optimizers": {
        *("ema_overwrite_frequency", "loss_scale_factor", "exclude_layers", "exclude_embeddings"),
        *("muon_a", "muon_b", "muon_c", "rms_rate"),
    },
    "losses": {"ignore_class", "from_logits"},
    "metrics": {
        *(
            "from_logits",
            "label_smoothing",
            "ignore_class",
            "class_id",
            "top_k",
            "num_thresholds",
            "curve",
            "summation_method",
        ),
        *(
            "thresholds",
            "threshold",
            "multi_label",
            "num_labels",
            "label_weights",
            "average",
            "class_aggregation",
            "num_regressors",
        ),
        "from_sorted_ids",
    },
    "callbacks": {
        *(
            "mode",
            "baseline",
            "raise_error",
            "separator",
            "append",
            "save_freq",
            "save_weights_only",
            "initial_value_threshold",
        ),
        *(
            "write_images",
            "update_freq",
            "profile_batch",
            "embeddings_freq",
            "embeddings_metadata",
            "double_checkpoint",
            "delete_checkpoint",
        ),
    },
    "constraints": set(),
    "optimizers.schedules": set(),
    "initializers": {"input_axes", "output_axes"},
    "regularizers": {"mode"},
}


def arguments(row: Row) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(getattr(importlib.import_module(row.module), row.name).__init__).parameters)


def follows_from_the_training(row: Row, argument: str) -> bool:
    """Whether the worker fills an argument in where it is empty: steps of a schedule that falls over the whole
    training.
    """
    return argument == "decay_steps" and getattr(row, "ends", False)


def as_keras_would(field, default):
    """A default of the catalog in the form that Keras keeps it."""
    if isinstance(field, Part) and default is not None:
        return keras.initializers.get(default["class"]).get_config()
    return default


@pytest.mark.parametrize("row", ROWS)
def test_the_arguments_are_those_of_keras_with_its_defaults(row):
    theirs = arguments(row)
    for field in row.fields:
        assert field.name in theirs
        if follows_from_the_training(row, field.name):
            continue
        default = theirs[field.name].default
        if field.required:
            assert default is inspect.Parameter.empty or row.name == "Activation"
            continue
        if isinstance(field, Part) and isinstance(default, str):
            default = keras.initializers.get(default).get_config()
        assert as_keras_would(field, field.default) == default
        assert not isinstance(field, Flag) or isinstance(default, bool)


@pytest.mark.parametrize("row", ROWS)
def test_what_keras_needs_is_required(row):
    needed = {
        name
        for name, one in arguments(row).items()
        if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD
    }
    # By the worker: from the table, and where the run lies.
    filled_in = {
        "self",
        "input_dim",
        *getattr(row, "files", ()),
    }
    needed = {name for name in needed - filled_in if not follows_from_the_training(row, name)}
    assert needed <= {field.name for field in row.fields if field.required}


@pytest.mark.parametrize("row", ROWS)
def test_every_other_argument_of_keras_is_left_out_on_purpose(row):
    offered = {field.name for field in row.fields} | set(getattr(row, "files", ()))
    assert set(arguments(row)) - offered <= EVERYWHERE | LEFT_OUT[row.module.removeprefix("keras.")]


@pytest.mark.parametrize("row", ROWS)
def test_a_form_starts_with_values_that_the_row_accepts(row):
    starting = row.starting_arguments()
    assert row.check(starting) == starting
    defaults = {field.name: field.default for field in row.fields}
    assert row.check(defaults) == defaults
    for field in row.fields:
        assert field.help.endswith(".")
        if isinstance(field, Pick):
            assert field.words()


@pytest.mark.parametrize(
    ("module", "known"),
    [
        ("layers", LAYERS.keys() | layers.LEFT_OUT),
        ("optimizers", OPTIMIZERS.keys() | optimizers.LEFT_OUT),
        ("losses", LOSSES.keys() | losses.LEFT_OUT),
        ("metrics", METRICS.keys() | metrics.LEFT_OUT),
        ("activations", ACTIVATIONS.keys() | layer_parts.LEFT_OUT),
        ("initializers", INITIALIZERS.keys() | layer_parts.LEFT_OUT),
        ("regularizers", REGULARIZERS.keys() | layer_parts.LEFT_OUT),
        ("constraints", CONSTRAINTS.keys() | layer_parts.LEFT_OUT),
        ("optimizers.schedules", SCHEDULES.keys() | schedules.LEFT_OUT),
        ("callbacks", CALLBACKS.keys() | callbacks.LEFT_OUT),
    ],
)
def test_nothing_of_keras_is_forgotten(module, known):
    space = importlib.import_module(f"keras.{module}")
    if module == "activations":
        theirs = {name for name in dir(space) if inspect.isfunction(getattr(space, name))} - {
            "get",
            "serialize",
            "deserialize",
        }
    else:
        theirs = {name for name in dir(space) if inspect.isclass(getattr(space, name)) and not name[0].islower()}
    assert theirs - set(known) == set()


@pytest.mark.parametrize(
    ("offered", "left_out"),
    [
        (LAYERS, layers.LEFT_OUT),
        (OPTIMIZERS, optimizers.LEFT_OUT),
        (LOSSES, losses.LEFT_OUT),
        (METRICS, metrics.LEFT_OUT),
        (ACTIVATIONS | INITIALIZERS | REGULARIZERS | CONSTRAINTS, layer_parts.LEFT_OUT),
        (SCHEDULES, schedules.LEFT_OUT),
        (CALLBACKS, callbacks.LEFT_OUT),
    ],
)
def test_what_is_left_out_is_there_and_not_offered(offered, left_out):
    for name, reason in left_out.items():
        assert name not in offered
        spaces = (
            "layers",
            "optimizers",
            "optimizers.schedules",
            "losses",
            "metrics",
            "activations",
            "initializers",
            "regularizers",
            "constraints",
        )
        assert any(hasattr(importlib.import_module(f"keras.{space}"), name) for space in (*spaces, "callbacks"))
        assert len(reason) > 5


@pytest.mark.parametrize(
    "row", [*ROWS, *(pytest.param(row, id=f"activations-{name}") for name, row in ACTIVATIONS.items())]
)
def test_every_row_has_a_sentence_and_names_what_keras_has(row):
    assert row.help.endswith(".")
    assert callable(getattr(importlib.import_module(row.module), row.name))


def test_sparsemax_is_left_out_for_as_long_as_keras_gets_it_wrong():
    shares = np.asarray(keras.activations.sparsemax(np.array([[2, 2, 2]], "float32")))
    assert shares.sum() < 0.5  # It should be a third each.


def test_generalized_cross_entropy_is_left_out_for_as_long_as_keras_mixes_up_rows():
    shares, truth = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]], "float32"), np.array([[0], [1], [0]])
    # It should be (3,).
    assert keras.losses.CategoricalGeneralizedCrossEntropy(reduction=None)(truth, shares).shape == (
        3,
        3,
    )


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("variant", [0, 1])
def test_the_rates_that_are_drawn_are_those_of_keras(name, variant):
    row = SCHEDULES[name]
    given = spread_over({"class": name, **row.starting_arguments()}, 1000)
    if variant:
        others = {
            "staircase": True,
            "cycle": True,
            "warmup_target": 0.5,
            "warmup_steps": 300,
            "alpha": 0.1,
            "m_mul": 0.5,
            "power": 2.0,
        }
        given |= {key: value for key, value in others.items() if row.field(key)}
    arguments = {
        key: list(value) if isinstance(value, tuple) else value for key, value in given.items() if key != "class"
    }
    theirs = getattr(keras.optimizers.schedules, name)(**arguments)
    for step in (0, 1, 299, 300, 999, 1000, 1001, 2500, 3100, 10_000):
        assert rate_at(given, step) == pytest.approx(float(theirs(step)), rel=1e-4, abs=1e-7)
