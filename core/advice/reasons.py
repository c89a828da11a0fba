"""Why each piece of advice matters, in two sentences, and the page of Keras's documentation about it.

A row for each code, the most useful first: advice of one level is ranked in this order.
"""

from dataclasses import dataclass

KERAS = "https://keras.io/api/"
_FIT, _COMPILE = "models/model_training_apis/#fit-method", "models/model_training_apis/#compile-method"
_DENSE, _ACTIVATIONS, _DROPOUT = (
    "layers/core_layers/dense/",
    "layers/activations/",
    "layers/regularization_layers/dropout/",
)
_LOSSES, _AMOUNTS, _CLASSES = "losses/", "losses/regression_losses/", "losses/probabilistic_losses/"
_METRICS, _OPTIMIZERS, _RATES = "metrics/", "optimizers/", "optimizers/learning_rate_schedules/"
_STOPPING, _EMBEDDING = "callbacks/early_stopping/", "layers/core_layers/embedding/"
_SPLIT = "models/model_training_apis/#evaluate-method"


@dataclass(frozen=True)
class Reason:
    """Why a piece of advice matters: two sentences; and where to read on, below `KERAS`."""

    why: str
    link: str


_ROWS: dict[str, tuple[str, str]] = {
    # What keeps a training from starting.
    "not-ready": ("Training needs rows whose target is known. With these choices the table has none.", _FIT),
    "no-target": (
        "A network is trained to predict one or more columns. Loss, metrics and output layer depend on them.",
        _FIT,
    ),
    "no-such-target": (
        "The cells of the target are the labels that the network learns from. Without that column there are none.",
        _FIT,
    ),
    "target-not-predictable": (
        "A target is a number or one of a few classes. No loss is defined for anything else.",
        _LOSSES,
    ),
    "too-many-weights": (
        "Weights, gradients, the optimizer's state and a copy of the best epoch are in memory together. A "
        "larger network does not fit.",
        _DENSE,
    ),
    "target-twice": (
        "Each target gets an output layer of its own. A second output for the same target would only count "
        "its loss twice.",
        _COMPILE,
    ),
    "no-features": (
        "A network predicts from the features. Without any it can only predict a constant.",
        _FIT,
    ),
    "target-among-features": (
        "A network that sees the target as a feature only copies it. For new rows the target is unknown.",
        _FIT,
    ),
    "no-such-feature": (
        "The network's inputs are columns of the table. A missing column cannot be an input.",
        _FIT,
    ),
    "no-such-column": (
        "A setting applies to the column of that name. Without such a column it does nothing.",
        _FIT,
    ),
    "no-such-class": (
        "Of two classes the network gives the probability of the positive one. It has to be one of the two.",
        _FIT,
    ),
    "no-layers": (
        "A network needs at least an output layer. Hidden layers before it let it fit nonlinear relations.",
        _DENSE,
    ),
    "loss-task": (
        "The loss is what training minimizes. A loss for another kind of target does not measure the error of "
        "this one.",
        _LOSSES,
    ),
    "output-units": (
        "Each unit of the last layer is one output. More or fewer of them cannot be compared with the target.",
        _DENSE,
    ),
    "softmax-of-one": (
        "Softmax outputs sum to 1, so a single output is always 1. No weight can change it.",
        "layers/activations/#softmax-function",
    ),
    "no-heads": (
        "The last layer is built once for each target, as its task requires. Only a Dense layer has units "
        "that can be set.",
        _DENSE,
    ),
    "no-words": (
        "An embedding learns a vector for each category. Without a category or code feature it has no input.",
        _EMBEDDING,
    ),
    "embedding-first": (
        "An embedding reads category indices, which only the input has. After another layer they are gone.",
        _EMBEDDING,
    ),
    "not-a-target": (
        "Losses and metrics are assigned by the name of a target. One that is assigned to another column is "
        "never used.",
        _COMPILE,
    ),
    "loss-weights-zero": (
        "The total loss is the weighted sum of the targets' losses. With weights of 0 its gradient is 0.",
        _COMPILE,
    ),
    "metric-task": (
        "A metric compares predictions with targets of one kind. For another kind it fails or misleads.",
        _METRICS,
    ),
    "metric-onehot": (
        "The metric needs one-hot targets, the loss needs class numbers. Both have to read the same targets.",
        _METRICS,
    ),
    "metric-probability": (
        "The metric needs probabilities from 0 to 1. Logits can be any number.",
        "metrics/classification_metrics/",
    ),
    "metric-twice": (
        "Metrics are logged by name. Of two with the same name only the second would be logged.",
        _METRICS,
    ),
    "monitor": (
        "Keras only warns when the monitored metric is missing. The callback would then never act.",
        "callbacks/",
    ),
    "two-rates": (
        "A schedule sets the learning rate at each step, the callback between epochs. Keras allows only one of them.",
        _RATES,
    ),
    "pieces": (
        "Between two boundaries the learning rate is constant. So there is one more learning rate "
        "than boundaries, and the boundaries increase.",
        _RATES,
    ),
    "clipping": (
        "Gradient clipping limits the norm or the values of the gradient. Keras allows only one way at a time.",
        _OPTIMIZERS,
    ),
    "no-average": (
        "The callback replaces the latest weights by their average. Only an optimizer with use_ema keeps one.",
        _OPTIMIZERS,
    ),
    "weight-column": (
        "A sample weight scales the loss of its row. It has to be a number that is known before training.",
        _FIT,
    ),
    "class-weight": (
        "A class weight scales the loss of the rows of one class. A numeric target, or several targets, have "
        "no such classes.",
        _FIT,
    ),
    # What would train, but not to what is meant.
    "diverged": (
        "Steps that are too large overshoot the minimum, each time by more. Steps that are small enough converge.",
        _OPTIMIZERS,
    ),
    "worse-than-guessing": (
        "A network that is no better than the mean has learned nothing from the features. The usual reason is "
        "a learning rate that is too high or too low.",
        _OPTIMIZERS,
    ),
    "output-activation": (
        "A network whose loss takes probabilities for logits, or logits for probabilities, learns "
        "badly. Its outputs are then not probabilities.",
        _CLASSES,
    ),
    "positive-output": (
        "The logarithm of a negative number is NaN. A positive output activation keeps the loss defined.",
        _AMOUNTS,
    ),
    "negative-targets": (
        "An output that is never negative cannot predict negative targets. Its gradient is 0 there, so it may "
        "never learn.",
        _ACTIVATIONS,
    ),
    "bounded-output": (
        "Targets outside the bounds cannot be predicted. Near the bounds the gradient vanishes.",
        _ACTIVATIONS,
    ),
    "leaking-feature": (
        "Target leakage: a feature that is known only after the target gives scores that look perfect. New "
        "rows lack it, and the network has learned nothing else.",
        _FIT,
    ),
    "target-digits": (
        "Networks compute in float32, which keeps seven digits. Losses and metrics of differences "
        "stay the same when the mean is subtracted first.",
        _FIT,
    ),
    "same-table": (
        "Rows of the training set do not show overfitting. Only rows that are not in it do.",
        _SPLIT,
    ),
    "learning-rate": (
        "The learning rate is the size of each step. It is the most important hyperparameter.",
        _OPTIMIZERS,
    ),
    "other-monitor": (
        "A few wrong predictions of growing confidence raise the cross-entropy while the accuracy still "
        "grows. If accuracy is what matters, it should choose the best epoch.",
        _STOPPING,
    ),
    "overfitting": (
        "The network memorizes the training rows, which does not generalize. Regularization or an earlier "
        "stop reduces this.",
        _DROPOUT,
    ),
    "dead-units": (
        "A unit that is 0 for every row has no gradient and rarely recovers. A slope below 0 keeps its gradient.",
        "layers/activation_layers/leaky_relu/",
    ),
    "saturated": (
        "Where an activation is flat, its gradient is nearly 0. The layers before it then hardly learn.",
        "layers/activations/#relu-function",
    ),
    "no-activation": (
        "A linear function of a linear function is linear: two such layers are one. An activation between "
        "them makes the network nonlinear.",
        _ACTIVATIONS,
    ),
    "metric-positive": (
        "The metric takes the logarithm of predictions. With softplus on the last layer they are positive.",
        "metrics/probabilistic_metrics/",
    ),
    "batch-beyond-rows": (
        "A batch is the rows of one step. Smaller batches give more steps per epoch.",
        _FIT,
    ),
    "steps-beyond-rows": (
        "An epoch ends when all rows have been used. For more steps, train for more epochs.",
        _FIT,
    ),
    "no-validation": (
        "Validation rows show overfitting during training. Without them early stopping monitors the training loss.",
        _FIT,
    ),
    "few-rows": (
        "A score on few rows has a large standard error. Halving that error takes four times the rows.",
        _SPLIT,
    ),
    "weight-feature": ("A sample weight says how much a row counts. Rows to be predicted have none.", _FIT),
    # What would be better.
    "stopped-too-soon": (
        "A loss that fluctuates from epoch to epoch can seem constant for a while. A larger patience "
        "tells a pause from a lasting plateau.",
        _STOPPING,
    ),
    "slow-rate": (
        "Each step covers a small part of the remaining distance. A higher learning rate needs fewer epochs.",
        _OPTIMIZERS,
    ),
    "noisy-rate": (
        "Steps that are too large oscillate around the minimum. Smaller steps come closer to it.",
        _OPTIMIZERS,
    ),
    "underfitting": (
        "The network does not even fit its training rows. More units, or less regularization, allow a better fit.",
        _DENSE,
    ),
    "no-better-than-line": (
        "What the network learned beyond the linear model may hold for the training rows only. Dropout and early "
        "stopping regularize it.",
        _DROPOUT,
    ),
    "still-improving": (
        "The training ended while the loss was still decreasing. Early stopping ends longer trainings when "
        "they no longer improve.",
        _FIT,
    ),
    "validation-better": (
        "Dropout and noise are active in training and off in validation, so the training loss is higher. A "
        "gap this wide says that they are too strong.",
        _DROPOUT,
    ),
    "plateau": (
        "Epochs without improvement cost time and favor overfitting. Early stopping ends with the best weights.",
        _STOPPING,
    ),
    "unbalanced-classes": (
        "Every row has the same weight, so a rare class hardly influences the loss. Balanced class weights "
        "give each class the same total weight.",
        _FIT,
    ),
    "percentage-of-zero": (
        "Keras divides by 1e-7 in place of 0, so such rows have enormous errors and pull predictions towards 0. The "
        "absolute error is in the target's own unit.",
        _AMOUNTS,
    ),
    "log-without-effect": (
        "A loss like Poisson is defined for the amounts themselves. Learning the logarithm needs a "
        "loss of differences.",
        _AMOUNTS,
    ),
    "skewed-target": (
        "Squared errors let a few large values dominate. The absolute error grows only linearly, so that "
        "typical rows decide.",
        _AMOUNTS,
    ),
    "duplicate-feature": (
        "The second column adds no information. It only adds weights.",
        _DENSE,
    ),
    "identifying-feature": (
        "A value that is unique in each row can be memorized and says nothing about new rows. It only adds weights.",
        _DROPOUT,
    ),
    "cut-words": (
        "Rows with an unknown category look alike to the network. With a column or a vector for each category it can "
        "tell them apart.",
        "layers/preprocessing_layers/categorical/string_lookup/",
    ),
    "unused-text": (
        "The text may say more than the other columns. Keras's TextVectorization makes each of the "
        "most frequent words a column of the network's input.",
        "layers/preprocessing_layers/text/text_vectorization/",
    ),
    "many-weights": (
        "With many more weights than training rows a network can memorize the rows. A validation loss that "
        "rises while the training loss falls shows this.",
        _DROPOUT,
    ),
    "wide-sparse-layer": (
        "Most inputs of a row are 0, so each weight is trained by few rows. FTRL adapts the rate of each weight, and "
        "its L1 regularization sets useless weights to 0.",
        "optimizers/ftrl/",
    ),
    "large-steps": (
        "Products of matrices take most of a large step's time. Mixed precision computes them in bfloat16, which has "
        "the range of float32 and fewer digits, and keeps the weights in float32.",
        "mixed_precision/policy/",
    ),
    "accuracy-alone": (
        "Accuracy hardly changes when a rare class is missed. AUC is the probability that a random positive "
        "is ranked above a random negative, whatever their numbers.",
        "metrics/classification_metrics/#auc-class",
    ),
    "empty-feature": ("A constant column cannot distinguish rows. It only adds weights.", _DENSE),
    "loss-weights": (
        "Loss weights balance the losses of several targets. With a single target they only scale its loss.",
        _COMPILE,
    ),
    "weighted-metrics": (
        "A weighted metric uses sample weights. Without weights it equals the unweighted one.",
        _COMPILE,
    ),
    "target-missing": (
        "Only rows with a known target can be used for training. The others can still be predicted.",
        _FIT,
    ),
}

REASONS: dict[str, Reason] = {code: Reason(*row) for code, row in _ROWS.items()}
