"""What raises each piece of advice, and what does not."""

from core.experiment.spec import MOST_LAYERS, Experiment
from tests.core.advised import (
    EMBEDDING,
    HIDDEN,
    LOSS,
    OUTPUT,
    SOUND,
    TOWN,
    WIDE,
    dense,
    experiment,
    fitted,
    large,
    pieces,
    rate,
    several,
    stopping,
)

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
    "no-such-column": [
        experiment(preparation={"aera": {"scaling": "min-max"}}),
        experiment(preparation={"Price": {"target": "log"}}),
    ],
    "no-such-class": [experiment("even", positive={"even": "true"})],
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
    "large-steps": [(large(), (9000, 500, 500)), (large(jit_compile=False), (9000, 500, 500))],
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
    ("no-such-column", experiment(preparation={"price": {"target": "log"}, "area": {"scaling": "min-max"}})),
    ("no-such-class", experiment("even", positive={"even": "False", "price": "1"})),
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
    ("large-steps", large(batch=2048)),
    ("large-steps", large("mixed_bfloat16")),
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
