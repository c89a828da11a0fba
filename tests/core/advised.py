"""Experiments for the advice: for each code, those that raise it and those that come near and do not."""

from core.experiment.columns import Column, TableProfile
from core.experiment.spec import Experiment, read
from core.experiment.task import MOST_CLASSES, CutWords, Giveaway, Situation, tasks_of

TABLE = TableProfile(
    rows=1000,
    columns=(
        Column(name="area", kind="number", target_kind="number", distinct=400, low=10, high=900),
        Column(name="rooms", kind="number", target_kind="code", distinct=5, low=1, high=5),
        Column(name="town", kind="category", target_kind="category", distinct=4),
        Column(name="sold", kind="boolean", target_kind="boolean", distinct=2, low=0, high=1, missing=0.25),
        Column(name="price", kind="number", target_kind="number", distinct=900, low=1, high=9e5),
        Column(name="same", kind="number", distinct=1, low=3, high=3, left_out="constant"),
        Column(name="nothing", kind="number", missing=1.0, left_out="all missing"),
        Column(name="commission", kind="number", target_kind="number", distinct=900, low=1, high=9e4),
        Column(name="when", kind="date", distinct=300, low=1, high=9000),
        Column(name="change", kind="number", target_kind="number", distinct=900, low=-50, high=50),
        Column(name="income", kind="number", target_kind="number", distinct=900, low=1, high=9e5, skew=6.5),
        Column(
            name="fraud",
            kind="boolean",
            target_kind="boolean",
            distinct=2,
            low=0,
            high=1,
            top=(("False", 970), ("True", 30)),
        ),
        Column(
            name="grade",
            kind="category",
            target_kind="category",
            distinct=4,
            top=(("a", 500), ("b", 300), ("c", 190), ("d", 10)),
        ),
        Column(
            name="even",
            kind="boolean",
            target_kind="boolean",
            distinct=2,
            low=0,
            high=1,
            top=(("True", 520), ("False", 480)),
        ),
        Column(
            name="number", kind="number", target_kind="number", distinct=1000, low=1, high=1000, left_out="identifier"
        ),
        Column(name="again", kind="number", target_kind="number", distinct=400, low=10, high=900, same_as="area"),
        Column(name="balance", kind="number", target_kind="number", distinct=900, low=999_999_950, high=1_000_000_050),
        Column(name="year", kind="number", target_kind="number", distinct=60, low=1960, high=2020),
        Column(name="ticket", kind="category", target_kind="category", distinct=MOST_CLASSES + 1),
    ),
)
TEXTS = TABLE.model_copy(
    update={
        "columns": (*TABLE.columns, Column(name="remarks", kind="text", distinct=990, left_out="free text")),
    }
)
LOSS = {"price": "MeanSquaredError", "sold": "BinaryCrossentropy", "town": "SparseCategoricalCrossentropy"}
OUTPUT = {
    "price": {"layer": "Dense", "units": 1},
    "sold": {"layer": "Dense", "units": 1, "activation": "sigmoid"},
    "town": {"layer": "Dense", "units": 4, "activation": "softmax"},
}
ALIKE = {"fraud": "sold", "even": "sold", "grade": "town"}  # Targets of the same task.
LOSS |= {name: LOSS[other] for name, other in ALIKE.items()}
OUTPUT |= {name: OUTPUT[other] for name, other in ALIKE.items()}
HIDDEN = {"layer": "Dense", "units": 16, "activation": "relu"}


def experiment(
    target="price",
    layers=None,
    loss=None,
    metrics=(),
    optimizer="Adam",
    callbacks=(),
    features=None,
    weighted=(),
    classes=None,
    counts=None,
    **data,
) -> Experiment:
    """A sound experiment, but for what is given."""
    return read(
        {
            "version": 1,
            "data": {
                "table": "file:x",
                "targets": [target],
                "features": features or {"area": "number", "rooms": "number"},
                **data,
            },
            "layers": [HIDDEN, OUTPUT.get(target, OUTPUT["price"])] if layers is None else layers,
            "compile": {
                "loss": loss or LOSS.get(target, "MeanSquaredError"),
                "metrics": metrics if isinstance(metrics, dict) else list(metrics),
                "weighted_metrics": list(weighted),
                "optimizer": optimizer,
                "loss_weights": counts,
            },
            "fit": {"callbacks": list(callbacks), "class_weight": classes},
        }
    )


def situation(of: Experiment, rows=(700, 150, 150), inputs: int | None = 2) -> Situation:
    words = tuple(
        60 if name == "ticket" else 4 for name, kind in of.data.features.items() if kind in ("category", "code")
    )
    kept = of.data.preparation_of("ticket").known_words
    cut = {"ticket": CutWords(kept, 1001, 0.4)} if "ticket" in of.data.features and kept < 1001 else {}
    profile = TEXTS if of.data.table == "file:texts" else TABLE
    return Situation(
        profile,
        tasks_of(of, profile),
        inputs,
        rows,
        words=words,
        giveaways=(Giveaway("commission", "price", 0.9995),),
        zeros={"income": 35},
        offsets={"balance": 1e9},
        cut=cut,
        bfloat16="AVX512_BF16",
    )


def dealt(of: Experiment, rows: tuple[int, int, int]) -> tuple[int, int, int]:
    """The same rows by the shares of the experiment's split, where a fix changed them."""
    split, total = of.data.split, sum(rows)
    if (split.validation, split.test) == (0.15, 0.15):
        return rows
    validation, test = round(split.validation * total), round(split.test * total)
    return total - validation - test, validation, test


def fitted(**fit) -> Experiment:
    """A sound experiment with some arguments of fit."""
    sound = experiment()
    return sound.model_copy(update={"fit": sound.fit.model_copy(update=fit)})


def large(policy="float32", batch=8192, **compiled):
    """Two hidden layers of 512 units: 264,000 weights, 1.3e10 operations a step of 8,192 rows."""
    hidden = dense(512, activation="relu")
    value = experiment(layers=[hidden, hidden, dense()], callbacks=[stopping()]).value()
    value["compile"] |= {"dtype_policy": policy, **compiled}
    value["fit"]["batch_size"] = batch
    return read(value)


def stopping(**more):
    return {"class": "EarlyStopping", "restore_best_weights": True, **more}


def rate(name="CosineDecay", **more):
    given = {"class": name, "initial_learning_rate": 0.01, "decay_steps": 100, **more}
    return {"class": "Adam", "learning_rate": given}


def pieces(*boundaries, values=(0.1, 0.01)):
    return {"class": "PiecewiseConstantDecay", "boundaries": boundaries, "values": values}


def dense(units=1, **more):
    return {"layer": "Dense", "units": units, **more}


def several(**more):
    """An amount and a town from one stack."""
    losses = {"price": "MeanSquaredError", "town": "SparseCategoricalCrossentropy"}
    return experiment(**{"targets": ["price", "town"], "loss": losses, "metrics": {}, **more})


SOUND = {target: experiment(target) for target in ("price", "sold", "town")}
EMBEDDING = {"layer": "Embedding", "output_dim": 3}
TOWN = {"area": "number", "town": "category"}
WIDE = [dense(128, activation="relu"), dense(128, activation="relu"), dense()]  # 384 + 16,512 + 129 weights
