"""The experiments whose printed programs are tried, and their tables."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.catalog.layers import LAYERS
from core.catalog.schedules import cosine_decay
from core.tables.samples import load_sample

STOPPING = {"class": "EarlyStopping", "patience": 3, "restore_best_weights": True}


def deliveries(seed: int = 5, ten_digits: bool = False) -> pd.DataFrame:
    """A table of every kind, with missing cells and names that are no identifiers."""
    draw, rows = np.random.default_rng(seed), 240
    days = pd.Timestamp("2023-01-13") + pd.to_timedelta(draw.integers(0, 700, rows), unit="D")
    table = pd.DataFrame(
        {
            "km/h": draw.normal(60, 20, rows).round(1),
            "dense": (1.7e9 + draw.gamma(2, 1, rows)).round(3),
            'it\'s "{x}"': draw.choice(["a", "b", "größe"], rows),
            "zip code": draw.choice([10115, 20095, 80331], rows),
            "express": draw.choice(["yes", "no"], rows),
            "where": days.strftime("%d.%m.%Y"),
            "sent": draw.integers(0, 4, rows) / 2,
        }
    )
    table["cost"] = (
        table["km/h"] / 10 + 3 * (table["express"] == "yes") + days.month + draw.normal(0, 0.5, rows)
    ).round(2) + 1e9 * ten_digits
    moments = pd.Timestamp("2023-01-01 05:30") + pd.to_timedelta(draw.integers(0, 40_000, rows), unit="min")
    table["left at"] = moments.strftime("%Y-%m-%d %H:%M")
    said = [" ".join(draw.choice(["Late", "late.", "on-time", "GRÖSSE", "lost", "so"], 3)) for _ in range(rows)]
    table["said"], table["told"] = said, said[::-1]
    table["wide"] = np.exp(draw.normal(0, 3, rows)).round(4)
    for place, name in enumerate(["km/h", 'it\'s "{x}"', "express", "where", "cost"]):
        table.loc[place::17, name] = None
    table.loc[[7, 8], "where"] = ["31.12.9999", "00.00.0000"]  # No end, and no day: beyond nanoseconds, and missing.
    return table


# Each shape of a batch is traced and compiled once more, in the worker and in the program. So in most cases batches
# leave no smaller one over, as they do in "sacramento_homes both", and there are as many rows to validate as to test.
CASES = {
    "sacramento": {
        "data": {
            "targets": ["price"],
            "features": {"sqft": "number", "beds": "number", "type": "category"},
            "preparation": {"price": {"target": "log"}},
        },
        "layers": [{"layer": "Dense", "units": 8, "activation": "relu"}, {"layer": "Dense", "units": 1}],
        "compile": {
            "optimizer": "ScheduleFreeAdamW",
            "loss": {"class": "MeanSquaredError"},
            "metrics": ["MeanAbsoluteError", "RootMeanSquaredError", "R2Score", "LogCoshError"],
        },
        "fit": {
            "epochs": 3,
            "batch_size": 32,
            "seed": 3,
            "steps_per_epoch": 11,
            "validation_steps": 2,
            "callbacks": [
                "TensorBoard",
                "CSVLogger",
                {"class": "ModelCheckpoint", "save_best_only": True},
                "BackupAndRestore",
            ],
        },
    },
    "titanic": {
        "data": {
            "targets": ["survived"],
            "positive": {"survived": "0"},
            "features": {
                "age": "number",
                "fare": "number",
                "sex": "category",
                "pclass": "code",
                "embarked": "category",
            },
        },
        "layers": [
            {"layer": "Embedding", "output_dim": 3, "embeddings_regularizer": {"class": "L2", "l2": 0.001}},
            {"layer": "Dense", "units": 12, "activation": "tanh", "kernel_regularizer": {"class": "L2", "l2": 0.001}},
            {"layer": "Dense", "units": 1},
        ],
        "compile": {
            "optimizer": {"class": "AdamW", "learning_rate": 0.003, "clipnorm": 1.0},
            "loss": {"class": "BinaryCrossentropy", "from_logits": True},
            "metrics": ["BinaryAccuracy"],
            "weighted_metrics": ["BinaryAccuracy"],
        },
        "fit": {
            "class_weight": "balanced",
            "epochs": 10,
            "batch_size": 53,
            "callbacks": [STOPPING | {"monitor": "val_accuracy"}],
        },
    },
    "penguins": {
        "data": {
            "targets": ["species"],
            "features": {"bill_length_mm": "number", "bill_depth_mm": "number", "sex": "category", "year": "code"},
            "split": {
                "method": "group",
                "column": "bill_depth_mm",
                "train": 0.6,
                "validation": 0.2,
                "test": 0.2,
                "seed": 9,
            },
        },
        "layers": [
            {"layer": "Embedding", "output_dim": 2},
            {"layer": "Dense", "units": 8, "activation": "relu"},
            {"layer": "Dense", "units": 3, "activation": "softmax"},
        ],
        "compile": {
            "optimizer": {
                "class": "Muon",
                "learning_rate": {
                    "class": "PiecewiseConstantDecay",
                    "boundaries": [30, 60],
                    "values": [0.01, 0.003, 0.001],
                },
                "use_ema": True,
            },
            "loss": {"class": "CategoricalCrossentropy", "label_smoothing": 0.1},
            "metrics": ["CategoricalAccuracy", "F1Score", "AUC"],
        },
        "fit": {
            "epochs": 5,
            "batch_size": 16,
            "steps_per_epoch": 500,
            "validation_steps": 500,
            "class_weight": {"Adelie": 0.5, "Gentoo": 2.0},
            "callbacks": ["SwapEMAWeights"],
        },
    },
    "deliveries": {
        "data": {
            "targets": ["cost"],
            "features": {
                "km/h": "number",
                "dense": "number",
                'it\'s "{x}"': "category",
                "zip code": "code",
                "express": "boolean",
                "where": "date",
                "left at": "date",
                "said": "text",
                "told": "text",
                "wide": "number",
            },
            "weight": "sent",
            "preparation": {
                'it\'s "{x}"': {"words": 2},
                "km/h": {"scaling": "quantile bins", "bins": 5},
                "wide": {"scaling": "log"},
                "left at": {"parts": ["hour", "trend"]},
                "told": {"words": 4, "weighting": "tf-idf"},
            },
            "pairs": [["where", "left at"], ["zip code", 'it\'s "{x}"']],
            "scaling": {"number": "robust", "boolean": "none", "date": "min-max"},
            "split": {"method": "time", "column": "dense"},
        },
        "layers": [{"layer": "Dense", "units": 16, "activation": "relu"}, {"layer": "Dense", "units": 1}],
        "compile": {
            "optimizer": {"class": "SGD", "learning_rate": 0.05, "momentum": 0.9},
            "loss": "Huber",
            "metrics": ["MeanSquaredError", "RootMeanSquaredError", "R2Score"],
            "weighted_metrics": ["MeanAbsoluteError"],
        },
        "fit": {
            "epochs": 15,
            "batch_size": 20,
            "callbacks": [STOPPING | {"min_delta": 0.001}, {"class": "ReduceLROnPlateau", "patience": 2}],
        },
    },
    "several": {
        "data": {
            "targets": ["cost", "km/h", 'it\'s "{x}"', "express"],
            "positive": {"express": "no"},
            "features": {"dense": "number", "zip code": "code", "where": "date"},
            "weight": "sent",
        },
        "layers": [
            {"layer": "Embedding", "output_dim": 2},
            {"layer": "Dense", "units": 16, "activation": "relu"},
            {"layer": "Dense", "units": 1, "kernel_regularizer": {"class": "L2", "l2": 0.001}},
        ],
        "compile": {
            "optimizer": {
                "class": "Adam",
                "learning_rate": {**cosine_decay(0.0001), "warmup_target": 0.005, "warmup_steps": 4},
            },
            "loss": {
                "cost": "MeanSquaredError",
                "km/h": "Poisson",
                'it\'s "{x}"': "CategoricalCrossentropy",
                "express": {"class": "BinaryCrossentropy", "from_logits": True},
            },
            "metrics": {
                "cost": ["MeanAbsoluteError", "R2Score"],
                'it\'s "{x}"': ["CategoricalAccuracy"],
                "express": ["BinaryAccuracy"],
            },
            "weighted_metrics": {"cost": ["RootMeanSquaredError"]},
            "loss_weights": {"cost": 2.0, "express": 0.5},
        },
        "fit": {
            "epochs": 9,
            "batch_size": 29,
            "validation_freq": 2,
            "callbacks": [STOPPING | {"monitor": "val_cost_mae", "patience": 1}],
        },
    },
}


# Every layer that draws random numbers, the layer whose statistics XLA rounds otherwise, and a stop that any difference
# would move. Differences of rounding grow with the steps: several epochs of 2,816 training rows, and in the long trial
# 40 of 14,000.
CASES["random"] = {
    "data": {"targets": ["y"], "features": {f"x{at}": "number" for at in range(4)}},
    "layers": [
        {
            "layer": "Dense",
            "units": 16,
            "activation": "relu",
            "kernel_constraint": {"class": "MaxNorm", "max_value": 1.5},
        },
        {"layer": "BatchNormalization"},
        *({"layer": name, **row.starting_arguments()} for name, row in LAYERS.items() if row.random),
        {"layer": "Dense", "units": 16, "activation": "relu"},
        {"layer": "Dense", "units": 1, "bias_constraint": "NonNeg"},
    ],
    "compile": {
        "optimizer": {"class": "Adam", "learning_rate": cosine_decay(0.01)},
        "metrics": ["MeanAbsoluteError", "RootMeanSquaredError", "R2Score"],
    },
    "fit": {"epochs": 60, "batch_size": 128, "callbacks": [STOPPING]},
}
CASES["longer"] = {
    "data": CASES["random"]["data"],
    "layers": [
        {"layer": "Dense", "units": 32, "activation": "relu"},
        {"layer": "Dropout", "rate": 0.1},
        {"layer": "Dense", "units": 32, "activation": "relu"},
        {"layer": "Dense", "units": 1},
    ],
    "compile": {"metrics": ["MeanAbsoluteError", "RootMeanSquaredError"]},
    "fit": {"epochs": 40, "batch_size": 128},
}
# A plug-in that XLA cannot compile: it calls Python in the middle of the graph.
PLUGIN = """
import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="plugins")
class Detour(keras.layers.Layer):
    "Passes numbers through Python."

    def call(self, inputs):
        outputs = tf.py_function(lambda values: values, [inputs], tf.float32)
        outputs.set_shape(inputs.shape)
        return outputs
"""
# Classes that are numbers, the rows of a fold, and a rate by epoch besides.
CASES["without XLA"] = {
    "data": {
        "targets": ["pclass"],
        "features": {"age": "number", "fare": "number"},
        "split": {"folds": 4, "fold": 2, "seed": 3},
    },
    "layers": [
        {"layer": "Dense", "units": 8, "activation": "relu"},
        {"layer": "Dropout", "rate": 0.1},
        {"layer": "Detour"},
        {"layer": "Dense", "units": 3, "activation": "softmax"},
    ],
    "compile": {
        "optimizer": {"class": "SGD", "learning_rate": 0.1},
        "loss": "SparseCategoricalCrossentropy",
        "metrics": ["SparseCategoricalAccuracy"],
        "jit_compile": False,
    },
    "fit": {
        "epochs": 5,
        "callbacks": [
            {
                "class": "LearningRateScheduler",
                "schedule": {
                    "class": "ExponentialDecay",
                    "initial_learning_rate": 0.1,
                    "decay_steps": 1,
                    "decay_rate": 0.5,
                },
            }
        ],
    },
}


def apart(name: str) -> dict:
    """A case whose validation rows come from a table of their own, and whose costs are amounts of ten digits that
    differ in the last ones: float32 cannot tell them apart.
    """
    split = {"method": "table", "table": "validation.csv", "train": 0.696, "validation": 0.1, "test": 0.204, "seed": 4}
    return {**CASES[name], "data": {**CASES[name]["data"], "split": split}}


CASES |= {"deliveries apart": apart("deliveries"), "several apart": apart("several")}


def refit(name: str) -> dict:
    """A case whose validation rows train, too, so that no callback watches them."""
    value = CASES[name]
    split = {**value["data"].get("split", {}), "refit": True}
    return {**value, "data": {**value["data"], "split": split}, "fit": {**value["fit"], "callbacks": []}}


CASES["sacramento_homes both"] = {
    "data": {
        "targets": ["price", "type"],
        "features": {"sqft": "number", "beds": "number", "city": "category"},
        "preparation": {"price": {"target": "log1p"}},
        "split": {"folds": 4, "fold": 2, "seed": 3, "refit": True},  # Stratified by the type.
    },
    "layers": [{"layer": "Dense", "units": 8, "activation": "relu"}, {"layer": "Dense", "units": 1}],
    "compile": {
        "loss": {"price": "LogCosh", "type": "SparseCategoricalCrossentropy"},
        "metrics": {"price": ["RootMeanSquaredError"]},
    },
    "fit": {"epochs": 4, "batch_size": 64},
}
CASES["sacramento_homes mixed"] = {
    "data": {"targets": ["price"], "features": {"sqft": "number", "beds": "number"}},
    "layers": [
        {"layer": "Dense", "units": 16, "activation": "relu"},
        {"layer": "Dense", "units": 8, "activation": "relu"},
        {"layer": "Dense", "units": 1},
    ],
    "compile": {"metrics": ["MeanAbsoluteError"], "dtype_policy": "mixed_bfloat16"},
    "fit": {"epochs": 4, "batch_size": 109},
}
CASES |= {"titanic refit": refit("titanic"), "several apart refit": refit("several apart")}
# Of each there is a case among the tests that tries the same and more: validation rows of their own ("apart"), or that
# train, too ("titanic refit", "sacramento_homes both"), and fewer steps ("random"). What only these try others do, too:
# an early stop "random", "deliveries apart" and "several apart".
LONG_TRIALS = ("deliveries", "several", "longer", "titanic", "several apart refit")
NAMES = [pytest.param(name, marks=pytest.mark.soak if name in LONG_TRIALS else ()) for name in CASES]


def write(name: str, path: Path) -> None:
    """Writes the table of a case."""
    if name.startswith(("deliveries", "several")):
        deliveries(ten_digits="apart" in name).to_csv(path, sep=";", decimal=",", index=False)
    elif name == "sacramento":
        homes = load_sample("sacramento_homes")
        homes.assign(price=homes["price"].map("${:,}".format)).to_csv(path, index=False)
    elif name in ("random", "longer"):
        x = np.random.default_rng(8).normal(size=(20_000 if name == "longer" else 4022, 5))
        amount = 1000 * (3 * x[:, 0] - 2 * x[:, 1] + x[:, 0] * x[:, 2] + np.sin(2 * x[:, 3]) + 0.3 * x[:, 4]) + 9000
        pd.DataFrame({**{f"x{at}": x[:, at] for at in range(4)}, "y": amount}).to_csv(path, index=False)
    elif name == "without XLA":
        load_sample("titanic").to_csv(path, index=False)
    elif name == "titanic refit":  # A title, the names again in the middle, a note below.
        lines = load_sample("titanic").to_csv(index=False).splitlines()
        text = "\n".join(["Passengers", "", *lines[:300], lines[0], *lines[300:], "", "Source: Encyclopedia Titanica"])
        path.write_text(text, encoding="utf-8")
    else:
        load_sample(name.split()[0]).to_csv(path, index=False)
