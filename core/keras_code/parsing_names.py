"""How Keras's names and arguments are written in programs: the order of arguments, short names, old names, and what
says nothing here.

`tests/parity/test_reading_back.py` holds the tables to Keras itself.
"""

from collections.abc import Mapping
from typing import Any

from core.catalog.callbacks import CALLBACKS
from core.catalog.fields import Row
from core.catalog.layer_parts import ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS
from core.catalog.layers import LAYERS, LayerRow
from core.catalog.losses import LOSSES
from core.catalog.metrics import METRICS
from core.catalog.optimizers import OPTIMIZERS
from core.catalog.schedules import SCHEDULES

_CLIPPED = (
    "weight_decay clipnorm clipvalue global_clipnorm use_ema ema_momentum ema_overwrite_frequency loss_scale_factor "
    "gradient_accumulation_steps name"
)
_AFTER_DECAY = _CLIPPED.removeprefix("weight_decay ")
_WITHOUT = "reduction name dtype"

# Module -> class -> its arguments in Keras's order; a class that is not listed has those of its row, in the row's
# order.
_ORDER: dict[str, dict[str, str]] = {
    "keras.layers": {
        "Dense": "units activation use_bias kernel_initializer bias_initializer kernel_regularizer bias_regularizer "
        "activity_regularizer kernel_constraint bias_constraint lora_rank lora_alpha quantization_config",
        "Embedding": "input_dim output_dim embeddings_initializer embeddings_regularizer embeddings_constraint "
        "mask_zero weights "
        "lora_rank lora_alpha quantization_config",
        "Dropout": "rate noise_shape seed",
        "GaussianDropout": "rate seed",
        "AlphaDropout": "rate noise_shape seed",
        "GaussianNoise": "stddev seed",
        "BatchNormalization": "axis momentum epsilon center scale beta_initializer gamma_initializer "
        "moving_mean_initializer "
        "moving_variance_initializer beta_regularizer gamma_regularizer beta_constraint gamma_constraint renorm "
        "renorm_clipping "
        "renorm_momentum synchronized",
        "LayerNormalization": "axis epsilon center scale beta_initializer gamma_initializer beta_regularizer "
        "gamma_regularizer "
        "beta_constraint gamma_constraint",
        "RMSNormalization": "axis epsilon",
        "UnitNormalization": "axis",
        "PReLU": "alpha_initializer alpha_regularizer alpha_constraint shared_axes",
        "Softmax": "axis",
    },
    "keras.initializers": {
        **dict.fromkeys(
            ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"),
            "seed input_axes output_axes",
        ),
        "RandomNormal": "mean stddev seed",
        "RandomUniform": "minval maxval seed",
        "TruncatedNormal": "mean stddev seed",
        "Orthogonal": "gain seed",
    },
    "keras.regularizers": {"OrthogonalRegularizer": "factor mode"},
    "keras.constraints": {
        "MaxNorm": "max_value axis",
        "UnitNorm": "axis",
        "MinMaxNorm": "min_value max_value rate axis",
    },
    "keras.optimizers": {
        "Adam": f"learning_rate beta_1 beta_2 epsilon amsgrad {_CLIPPED}",
        "SGD": f"learning_rate momentum nesterov {_CLIPPED}",
        "AdamW": f"learning_rate weight_decay beta_1 beta_2 epsilon amsgrad {_AFTER_DECAY}",
        "RMSprop": f"learning_rate rho momentum epsilon centered {_CLIPPED}",
        "Adagrad": f"learning_rate initial_accumulator_value epsilon {_CLIPPED}",
        "Adadelta": f"learning_rate rho epsilon {_CLIPPED}",
        "Nadam": f"learning_rate beta_1 beta_2 epsilon {_CLIPPED}",
        "Adamax": f"learning_rate beta_1 beta_2 epsilon {_CLIPPED}",
        "Ftrl": "learning_rate learning_rate_power initial_accumulator_value l1_regularization_strength "
        "l2_regularization_strength "
        f"l2_shrinkage_regularization_strength beta {_CLIPPED}",
        "Adafactor": f"learning_rate beta_2_decay epsilon_1 epsilon_2 clip_threshold relative_step {_CLIPPED}",
        "Lion": f"learning_rate beta_1 beta_2 {_CLIPPED}",
        "Lamb": f"learning_rate beta_1 beta_2 epsilon {_CLIPPED}",
        "Muon": f"learning_rate adam_beta_1 adam_beta_2 adam_weight_decay epsilon {_CLIPPED} exclude_layers "
        "exclude_embeddings muon_a "
        "muon_b muon_c adam_lr_ratio momentum ns_steps nesterov rms_rate",
        "ScheduleFreeAdamW": f"learning_rate beta_1 beta_2 epsilon warmup_steps {_CLIPPED}",
    },
    "keras.optimizers.schedules": {
        "ExponentialDecay": "initial_learning_rate decay_steps decay_rate staircase name",
        "CosineDecay": "initial_learning_rate decay_steps alpha name warmup_target warmup_steps",
        "CosineDecayRestarts": "initial_learning_rate first_decay_steps t_mul m_mul alpha name",
        "PolynomialDecay": "initial_learning_rate decay_steps end_learning_rate power cycle name",
        "InverseTimeDecay": "initial_learning_rate decay_steps decay_rate staircase name",
        "PiecewiseConstantDecay": "boundaries values name",
    },
    "keras.losses": {
        "Huber": f"delta {_WITHOUT}",
        "BinaryCrossentropy": f"from_logits label_smoothing axis {_WITHOUT}",
        "BinaryFocalCrossentropy": f"apply_class_balancing alpha gamma from_logits label_smoothing axis {_WITHOUT}",
        "Dice": "reduction name axis dtype",
        "Tversky": "alpha beta reduction name axis dtype",
        "SparseCategoricalCrossentropy": "from_logits ignore_class reduction axis name dtype",
        "CategoricalCrossentropy": f"from_logits label_smoothing axis {_WITHOUT}",
        "CategoricalFocalCrossentropy": f"alpha gamma from_logits label_smoothing axis {_WITHOUT}",
    },
    "keras.metrics": {
        "R2Score": "class_aggregation num_regressors name dtype",
        "BinaryAccuracy": "name dtype threshold",
        "AUC": "num_thresholds curve summation_method name dtype thresholds multi_label num_labels label_weights "
        "from_logits",
        **dict.fromkeys(("Precision", "Recall"), "thresholds top_k class_id name dtype"),
        "F1Score": "average threshold name dtype",
        "FBetaScore": "average beta threshold name dtype",
        "SparseTopKCategoricalAccuracy": "k name dtype from_sorted_ids",
        "TopKCategoricalAccuracy": "k name dtype",
        "BinaryCrossentropy": "name dtype from_logits label_smoothing",
        "SparseCategoricalCrossentropy": "name dtype from_logits ignore_class axis",
        "CategoricalCrossentropy": "name dtype from_logits label_smoothing axis",
        "PrecisionAtRecall": "recall num_thresholds class_id name dtype",
        "RecallAtPrecision": "precision num_thresholds class_id name dtype",
        "SensitivityAtSpecificity": "specificity num_thresholds class_id name dtype",
        "SpecificityAtSensitivity": "sensitivity num_thresholds class_id name dtype",
        **dict.fromkeys(
            ("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"), "thresholds name dtype"
        ),
    },
    "keras.callbacks": {
        "EarlyStopping": "monitor min_delta patience verbose mode baseline restore_best_weights start_from_epoch",
        "ReduceLROnPlateau": "monitor factor patience verbose mode min_delta cooldown min_lr",
        "TerminateOnNaN": "raise_error",
        "LearningRateScheduler": "schedule verbose",
        "TensorBoard": "log_dir histogram_freq write_graph write_images write_steps_per_second update_freq "
        "profile_batch "
        "embeddings_freq embeddings_metadata",
        "CSVLogger": "filename separator append",
        "ModelCheckpoint": "filepath monitor verbose save_best_only save_weights_only mode save_freq "
        "initial_value_threshold",
        "BackupAndRestore": "backup_dir save_freq double_checkpoint delete_checkpoint",
    },
}
_PLAIN = {"keras.losses": _WITHOUT, "keras.metrics": "name dtype"}  # Of their classes without arguments of their own.

_COMPILE = (
    "optimizer loss loss_weights metrics weighted_metrics run_eagerly steps_per_execution jit_compile auto_scale_loss"
)
_FIT = (
    "x y batch_size epochs verbose callbacks validation_split validation_data shuffle class_weight sample_weight "
    "initial_epoch "
    "steps_per_epoch validation_steps validation_batch_size validation_freq"
)
COMPILE, FIT = _COMPILE.split(), _FIT.split()


def order(row: Row) -> list[str]:
    """The arguments of a row's class, in Keras's order."""
    listed = _ORDER.get(row.module, {}).get(row.name) or ("" if row.fields else _PLAIN.get(row.module, ""))
    return listed.split() or [field.name for field in row.fields]


FAMILIES: dict[str, Mapping[str, Row]] = {
    "layer": LAYERS,
    "activation": ACTIVATIONS,
    "initializer": INITIALIZERS,
    "regularizer": REGULARIZERS,
    "constraint": CONSTRAINTS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "loss": LOSSES,
    "metric": METRICS,
    "callback": CALLBACKS,
}
_SHORT = {
    "mse": "MeanSquaredError",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError",
    "rmse": "RootMeanSquaredError",
    "bce": "BinaryCrossentropy",
    "kld": "KLDivergence",
    "logcosh": "LogCosh",
    "swish": "silu",
    "hardswish": "hard_silu",
    "normal": "RandomNormal",
    "uniform": "RandomUniform",
    "zero": "Zeros",
    "one": "Ones",
    "orthogonalinitializer": "Orthogonal",
}


def row_of(family: str, name: str) -> Row | None:
    """The row that a name stands for, however it is written: "glorot_uniform", "GlorotUniform", "mse", "l2"."""
    rows = FAMILIES[family]
    if name in rows:
        return rows[name]
    plain = _plain(name)
    return rows.get(_SHORT.get(plain, "")) or next((row for row in rows.values() if _plain(row.name) == plain), None)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


_OLD = {"lr": "learning_rate", "l": "l2"}


def new_name(row: Row, argument: str) -> str:
    """What an argument is called today: LeakyReLU(alpha=0.1), Adam(lr=0.01)."""
    if row.name == "LeakyReLU" and argument == "alpha":
        return "negative_slope"
    renamed = _OLD.get(argument, argument)
    return renamed if row.field(renamed) else argument


OF_THE_INPUT = ("input_shape", "input_dim", "batch_input_shape")
_ALWAYS = ("name", "verbose", "exclude_layers")  # Layerdeck sets these itself.
_SAYS_NOTHING: dict[str, tuple[Any, ...]] = {
    "trainable": (True,),
    "mode": ("auto", "max", "min", "rows"),
    "axis": (-1, [-1]),
    "label_smoothing": (0,),
    "reduction": ("sum_over_batch_size", "auto"),
    "renorm_momentum": (0.99,),
    "beta_initializer": ("Zeros",),
    "gamma_initializer": ("Ones",),
    "moving_mean_initializer": ("Zeros",),
    "moving_variance_initializer": ("Ones",),
    "alpha_initializer": ("Zeros",),
    "exclude_embeddings": (True,),
    "muon_a": (3.4445,),
    "muon_b": (-4.775,),
    "muon_c": (2.0315,),
    "rms_rate": (0.2,),
    "num_thresholds": (200,),
    "curve": ("ROC",),
    "summation_method": ("interpolation",),
    "class_aggregation": ("uniform_average",),
    "num_regressors": (0,),
    "average": ("macro",),
    "threshold": (0.5, 0.0),
    "multi_label": (True,),
    "save_freq": ("epoch",),
    "update_freq": ("epoch",),
    "profile_batch": (0,),
    "separator": (",",),
    "embeddings_freq": (0,),
}


def says_nothing(row: Row, argument: str, value: Any) -> bool:
    """Whether an argument that no form offers may be dropped in silence: it is Keras's default, or what Layerdeck sets
    itself.
    """
    if (
        argument in _ALWAYS
        or argument in getattr(row, "files", ())
        or value is None
        or (value is False and argument != "trainable")
    ):
        return True
    if argument == "axis" and row.module == "keras.constraints":
        return value == 0
    if argument == "dtype":
        return isinstance(row, LayerRow) or value == "float32"  # Of layers it is read of all together.
    return value in _SAYS_NOTHING.get(argument, ())
