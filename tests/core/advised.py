"""Experiments for the advice: for each code, those that raise it and those that come near and do not."""

from core.experiment.columns import Column, TableProfile
from core.experiment.spec import MOST_LAYERS, Experiment, read
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

# Code -> experiments (with the rows of their parts, where they matter) that raise it.
RAISED: dict[str, list[Experiment | tuple[Experiment, tuple[int, int, int]]]] = {
    "no-target": [experiment(targets=[])],
    "no-such-target": [experiment("cost"), experiment(targets=["price", "cost"])],
    "target-twice": [experiment(targets=["price", "price"])],
    "no-heads": [
        several(layers=[HIDDEN, {"layer": "Dropout", "rate": 0.1}]),
        several(layers=[{"layer": "LayerNormalization"}] * MOST_LAYERS),
    ],
    "not-a-target": [
        experiment(loss={"price": "Huber", "rooms": "Huber"}),
        several(counts={"rooms": 2.0}),
        several(metrics={"rooms": ["R2Score"]}),
    ],
    "no-words": [experiment(layers=[EMBEDDING, HIDDEN, dense()])],
    "embedding-first": [
        experiment(features=TOWN, layers=[HIDDEN, EMBEDDING, dense()]),
        experiment(features=TOWN, layers=[EMBEDDING, HIDDEN, EMBEDDING, dense()]),
    ],
    "loss-weights": [experiment(counts={"price": 2.0})],
    "loss-weights-zero": [several(counts={"price": 0.0, "town": 0.0})],
    "target-not-predictable": [experiment("when"), experiment("same"), experiment("nothing"), experiment("ticket")],
    "target-missing": [experiment("sold")],
    "no-features": [
        SOUND["price"].model_copy(update={"data": SOUND["price"].data.model_copy(update={"features": {}})})
    ],
    "no-such-feature": [
        experiment(features={"size": "number", "area": "number"}),
        experiment(features={"a.b": "number", "c": "code", "area": "number"}),
    ],
    "target-among-features": [experiment(features={"area": "number", "price": "number"})],
    "empty-feature": [
        experiment(features={"area": "number", "same": "number"}),
        experiment(features={"area": "number", "nothing": "number"}),
    ],
    "log-without-effect": [
        experiment(
            loss="Poisson", layers=[HIDDEN, dense(activation="softplus")], preparation={"price": {"target": "log"}}
        )
    ],
    "cut-words": [experiment(features={"ticket": "category", "area": "number"})],
    "unused-text": [experiment(table="file:texts")],
    "identifying-feature": [experiment(features={"number": "number", "area": "number"})],
    "duplicate-feature": [experiment(features={"area": "number", "again": "number"})],
    "leaking-feature": [experiment(features={"area": "number", "commission": "number"})],
    "skewed-target": [
        experiment("income"),
        several(targets=["income", "town"], loss={"income": "MeanSquaredError", "town": LOSS["town"]}),
    ],
    "target-digits": [
        experiment("balance", loss="Poisson", layers=[HIDDEN, dense(activation="softplus")]),
        experiment("balance", metrics=["MeanAbsolutePercentageError", "R2Score"]),
        experiment("balance", weighted=["MeanSquaredLogarithmicError"]),
        experiment("balance", loss="MeanAbsolutePercentageError", metrics=["MeanAbsolutePercentageError"]),
    ],
    "percentage-of-zero": [experiment("income", loss="MeanAbsolutePercentageError")],
    "unbalanced-classes": [experiment("fraud"), experiment("grade")],
    "accuracy-alone": [experiment("fraud", metrics=["BinaryAccuracy"], classes="balanced")],
    "batch-beyond-rows": [(fitted(batch_size=64), (52, 20, 20))],
    "steps-beyond-rows": [fitted(steps_per_epoch=23, batch_size=32), fitted(validation_steps=6, batch_size=32)],
    "no-validation": [(SOUND["price"], (100, 0, 20))],
    "few-rows": [(SOUND["price"], (80, 19, 19)), (SOUND["price"], (80, 20, 19)), (SOUND["price"], (80, 19, 20))],
    "same-table": [experiment(split={"method": "table", "table": "file:x"})],
    "no-layers": [experiment(target, layers=[]) for target in LOSS],
    "output-units": [
        experiment(layers=[HIDDEN]),
        experiment(layers=[HIDDEN, dense(2)]),
        experiment(layers=[{"layer": "Dropout", "rate": 0.1}]),
        experiment("sold", layers=[dense(2, activation="softmax")]),
        experiment("town", layers=[HIDDEN, dense(3, activation="softmax")]),
        experiment("town", layers=[dense(3), {"layer": "Softmax"}]),
        experiment("town", layers=[HIDDEN, {"layer": "Activation", "activation": "relu"}]),
        experiment("town", layers=[{"layer": "LayerNormalization"}] * MOST_LAYERS),
    ],
    "softmax-of-one": [
        experiment(layers=[dense(activation="softmax")]),
        experiment(layers=[dense(activation="log_softmax")], loss="Poisson"),
        experiment("sold", layers=[HIDDEN, dense(), {"layer": "Softmax"}]),
    ],
    "bounded-output": [
        experiment(layers=[dense(activation="sigmoid")]),
        experiment(layers=[dense(), {"layer": "Activation", "activation": "tanh"}]),
    ],
    "negative-targets": [
        experiment("change", layers=[HIDDEN, dense(activation=name)]) for name in ("relu", "softplus")
    ],
    "positive-output": [
        experiment(layers=[dense()], loss="Poisson"),
        experiment(layers=[dense(activation="tanh")], loss="MeanSquaredLogarithmicError"),
    ],
    "output-activation": [
        experiment("sold", layers=[dense()]),
        experiment("sold", layers=[dense(activation="tanh")]),
        experiment(
            "sold", layers=[dense(activation="sigmoid")], loss={"class": "BinaryCrossentropy", "from_logits": True}
        ),
        experiment("sold", layers=[dense(activation="sigmoid")], loss="Hinge"),
        experiment("sold", layers=[dense(), {"layer": "ReLU"}]),
        experiment("town", layers=[dense(4, activation="sigmoid")]),
        experiment("town", layers=[dense(4)]),
        experiment(
            "town",
            layers=[dense(4), {"layer": "Softmax"}],
            loss={"class": "CategoricalCrossentropy", "from_logits": True},
        ),
        experiment("town", layers=[dense(4, activation="softmax")], loss="CategoricalHinge"),
    ],
    "loss-task": [
        experiment(targets=["price", "town"]),
        experiment(loss="BinaryCrossentropy"),
        experiment("sold", loss="MeanSquaredError"),
        experiment("town", loss="BinaryCrossentropy", metrics=["AUC", "BinaryAccuracy"]),
    ],
    "metric-task": [
        several(metrics=["MeanAbsoluteError"]),
        experiment(metrics=["BinaryAccuracy", "MeanAbsoluteError"]),
        experiment("sold", metrics=["MeanAbsoluteError"]),
        experiment("town", metrics=[{"class": "RecallAtPrecision", "precision": 0.8}], loss="CategoricalCrossentropy"),
        experiment("town", metrics=["SparseCategoricalAccuracy"], loss="CategoricalCrossentropy"),
    ],
    "metric-onehot": [
        experiment("town", metrics=["SparseCategoricalAccuracy", "F1Score"]),
        experiment("town", metrics=["AUC", "MeanAbsoluteError"]),
        experiment(
            "town",
            layers=[dense(4)],
            loss={"class": "SparseCategoricalCrossentropy", "from_logits": True},
            metrics=["F1Score"],
        ),
    ],
    "metric-probability": [
        experiment("sold", layers=[dense(activation="tanh")], loss="Hinge", metrics=["AUC", "BinaryAccuracy"]),
        experiment(
            "sold",
            layers=[dense()],
            loss={"class": "BinaryCrossentropy", "from_logits": True},
            metrics=["AUC", "Precision"],
        ),
    ],
    "metric-positive": [
        experiment(metrics=["Poisson"]),
        experiment(layers=[dense(activation="leaky_relu")], metrics=["Poisson"]),
    ],
    "metric-twice": [experiment(metrics=["MeanAbsoluteError", "MeanAbsoluteError"])],
    "clipping": [
        experiment(optimizer={"class": "SGD", "learning_rate": 0.01, "clipnorm": 1, "clipvalue": 2}),
        experiment(optimizer={"class": "Adam", "clipnorm": 1, "clipvalue": 2, "global_clipnorm": 3}),
    ],
    "two-rates": [experiment(optimizer=rate(), callbacks=["ReduceLROnPlateau"])],
    "pieces": [
        experiment(optimizer={"class": "Adam", "learning_rate": pieces(5, 6)}),
        experiment(callbacks=[{"class": "LearningRateScheduler", "schedule": pieces(6, 5, values=(0.1, 0.01, 0.001))}]),
    ],
    "no-average": [experiment(callbacks=["SwapEMAWeights"])],
    "weight-column": [experiment(weight="gone"), experiment(weight="town"), experiment(weight="price")],
    "weight-feature": [experiment(weight="area")],
    "class-weight": [experiment(classes="balanced"), several(classes="balanced"), experiment(classes={"1": 2})],
    "weighted-metrics": [experiment(weighted=["MeanAbsoluteError"])],
    "learning-rate": [
        experiment(optimizer={"class": "Adam", "learning_rate": 0.5}),
        experiment(optimizer={"class": "SGD", "learning_rate": 1e-6}),
        experiment(optimizer={"class": "Lion", "learning_rate": 0.1}),
        *(experiment(optimizer=name) for name in ("Adadelta", "Adagrad", "Ftrl")),  # Keras's own default hardly moves.
    ],
    "monitor": [
        experiment(callbacks=[stopping(monitor="val_mae")]),
        experiment(
            callbacks=[stopping(monitor="val_acc"), {"class": "ReduceLROnPlateau", "monitor": "val_acc"}],
            metrics=["R2Score"],
        ),
    ],
    "no-activation": [
        experiment(layers=[dense(8), dense()]),
        experiment(layers=[HIDDEN, dense(8), dense(8, activation="linear"), dense()]),
    ],
    "wide-sparse-layer": [
        experiment(features={"ticket": "category"}, layers=[dense()]),
        experiment("sold", features={"ticket": "category", "area": "number"}, layers=[OUTPUT["sold"]]),
    ],
    "too-many-weights": [experiment(layers=[dense(16_384), dense(16_384, activation="relu"), dense()])],
    "many-weights": [
        experiment(layers=WIDE),
        experiment(layers=WIDE, callbacks=[stopping()]),
        experiment(layers=[{"layer": "Dropout", "rate": 0.2}, *WIDE]),
        experiment(layers=[dense(16_384), dense()]),
        experiment(layers=[{"layer": "BatchNormalization"}] * (MOST_LAYERS - 3) + WIDE),
    ],
}
CASES = [
    (code, one if isinstance(one, tuple) else (one, (700, 150, 150))) for code, many in RAISED.items() for one in many
]


# (code, experiment) that comes near it, and does not raise it.
KEPT_BACK = [
    ("no-target", SOUND["price"]),
    ("no-such-target", SOUND["price"]),
    ("target-not-predictable", experiment("rooms")),
    ("target-missing", SOUND["town"]),
    ("no-features", experiment(features={"area": "number"})),
    ("no-such-feature", experiment(features={"town": "category"})),
    ("target-among-features", experiment("town", features={"price": "number"})),
    ("empty-feature", experiment(features={"sold": "boolean"})),
    ("log-without-effect", experiment(loss="Huber", preparation={"price": {"target": "log1p"}})),
    ("skewed-target", experiment("income", preparation={"income": {"target": "log1p"}})),
    ("cut-words", experiment(features={"ticket": "category"}, preparation={"ticket": {"words": 1001}})),
    ("unused-text", experiment(table="file:texts", features={"area": "number", "remarks": "text"})),
    ("identifying-feature", experiment(features={"number": "number"})),  # It may be all that the target depends on.
    ("duplicate-feature", experiment(features={"again": "number", "rooms": "number"})),
    ("duplicate-feature", experiment(features={"area": "category", "again": "number"})),
    ("leaking-feature", experiment(features={"commission": "number"})),
    ("percentage-of-zero", experiment("income", loss="MeanAbsoluteError")),
    ("percentage-of-zero", experiment("price", loss="MeanAbsolutePercentageError")),
    ("skewed-target", experiment("price")),
    ("skewed-target", experiment("income", loss="Huber")),
    ("target-digits", experiment("balance")),
    ("target-digits", experiment("balance", loss="LogCosh", metrics=["R2Score"], weighted=["MeanAbsoluteError"])),
    ("target-digits", experiment("year", metrics=["MeanAbsolutePercentageError"])),
    ("target-digits", experiment("change")),
    ("unbalanced-classes", experiment("even")),
    ("unbalanced-classes", experiment("fraud", classes="balanced")),
    ("unbalanced-classes", experiment("fraud", loss="BinaryFocalCrossentropy")),
    ("accuracy-alone", experiment("even", metrics=["BinaryAccuracy"])),
    ("accuracy-alone", experiment("fraud", metrics=["BinaryAccuracy", "Recall"])),
    ("batch-beyond-rows", fitted(batch_size=700)),
    # 700 rows are 22 batches, 150 are 5.
    (
        "steps-beyond-rows",
        fitted(steps_per_epoch=22, validation_steps=5, batch_size=32),
    ),
    ("no-validation", experiment()),
    ("few-rows", experiment()),
    ("same-table", experiment(split={"method": "table", "table": "file:y"})),
    ("same-table", experiment(split={"method": "random", "table": "file:x"})),
    ("no-layers", experiment(layers=[dense()])),
    ("output-units", experiment("town", layers=[dense(4, activation="softmax"), {"layer": "Dropout", "rate": 0.1}])),
    ("softmax-of-one", experiment("town")),
    ("bounded-output", experiment(layers=[dense(activation="leaky_relu")])),
    ("negative-targets", experiment(layers=[HIDDEN, dense(activation="relu")])),
    ("positive-output", experiment(layers=[dense(activation="relu")], loss="Poisson")),
    (
        "output-activation",
        experiment("sold", layers=[dense()], loss={"class": "BinaryCrossentropy", "from_logits": True}),
    ),
    ("output-activation", experiment("town", layers=[dense(4), {"layer": "Softmax"}])),
    ("loss-task", experiment("sold", loss="Dice")),
    ("metric-task", experiment("sold", metrics=["AUC", "BinaryAccuracy"])),
    ("metric-onehot", experiment("town", loss="CategoricalCrossentropy", metrics=["F1Score"])),
    (
        "metric-probability",
        experiment("sold", loss="Hinge", layers=[dense(activation="tanh")], metrics=["BinaryAccuracy", "Hinge"]),
    ),
    ("metric-positive", experiment(layers=[dense(activation="softplus")], loss="Poisson", metrics=["Poisson"])),
    ("metric-twice", experiment(metrics=["MeanAbsoluteError", "MeanSquaredError"])),
    ("clipping", experiment(optimizer={"class": "Adam", "clipnorm": 1, "clipvalue": None})),
    ("learning-rate", experiment(optimizer={"class": "Adadelta", "learning_rate": 1.0})),
    ("wide-sparse-layer", experiment(features={"ticket": "category"}, layers=[dense()], optimizer="Ftrl")),
    ("wide-sparse-layer", experiment(features={"ticket": "category"})),  # It has a hidden layer.
    ("wide-sparse-layer", experiment(features={"town": "category"}, layers=[dense()])),
    ("two-rates", experiment(callbacks=["ReduceLROnPlateau"])),
    ("pieces", experiment(optimizer={"class": "Adam", "learning_rate": pieces(5)})),
    ("no-average", experiment(callbacks=["SwapEMAWeights"], optimizer={"class": "Adam", "use_ema": True})),
    ("weight-column", experiment(weight="same")),
    ("weight-feature", experiment(weight="same")),
    ("class-weight", experiment("town", classes={"Bonn": 2})),
    ("weighted-metrics", experiment("sold", weighted=["BinaryAccuracy"], classes="balanced")),
    ("monitor", experiment(metrics=["MeanAbsoluteError"], callbacks=[stopping(monitor="val_mae"), "TerminateOnNaN"])),
    ("no-activation", experiment(layers=[dense(8), {"layer": "ReLU"}, dense()])),
    ("too-many-weights", experiment(layers=[dense(8192), dense(8192, activation="relu"), dense()])),
    ("many-weights", experiment(layers=[{"layer": "Dropout", "rate": 0.2}, *WIDE], callbacks=[stopping()])),
    ("target-twice", several()),
    ("no-heads", several()),
    ("not-a-target", several(counts={"town": 2.0})),
    ("loss-weights", several(counts={"town": 2.0})),
    ("loss-weights-zero", several(counts={"price": 0.0, "town": 1.0})),
    ("no-words", experiment(features=TOWN, layers=[EMBEDDING, HIDDEN, dense()])),
    ("embedding-first", experiment(features=TOWN, layers=[EMBEDDING, HIDDEN, dense()])),
]
