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
    "not-ready": ("A network learns from rows whose answers are known. This table gives none as it is chosen.", _FIT),
    "no-target": ("A network is trained to predict one thing or several. All else follows from what that is.", _FIT),
    "no-such-target": ("The target's cells are the answers to learn from. Without the column there are none.", _FIT),
    "target-not-predictable": (
        "A target is an amount, or one of a few classes. Anything else has no loss to be measured by.",
        _LOSSES,
    ),
    "too-many-weights": (
        "Weights, slopes, the optimizer's own numbers and the best epoch's copy are in memory at once. Beyond it "
        "nothing is trained.",
        _DENSE,
    ),
    "target-twice": (
        "Each target gets an output layer of its own. Two outputs for one answer would only count it twice.",
        _COMPILE,
    ),
    "no-features": (
        "A network turns what is known of a row into an answer. With nothing to go by, it can only guess.",
        _FIT,
    ),
    "target-among-features": (
        "A network that is shown the answer learns nothing else. On new rows, where the answer is unknown, it is lost.",
        _FIT,
    ),
    "no-such-feature": (
        "The network's inputs are made of the table's columns. One that is not there gives none.",
        _FIT,
    ),
    "no-layers": (
        "A network needs at least one layer, which gives the answer. Those before it bend what a straight line "
        "cannot follow.",
        _DENSE,
    ),
    "loss-task": (
        "The loss is what training makes small. One made for another kind of answer measures nothing that is meant.",
        _LOSSES,
    ),
    "output-units": (
        "Each unit of the last layer stands for one answer. More or fewer of them cannot be compared with the truth.",
        _DENSE,
    ),
    "softmax-of-one": (
        "Softmax makes shares that add up to 1, and a single share is always 1. Nothing the network learns could "
        "change it.",
        "layers/activations/#softmax-function",
    ),
    "no-heads": (
        "The last layer is made once for each target, as its task asks. Only a Dense layer has units that can be set.",
        _DENSE,
    ),
    "no-words": ("An embedding learns a few numbers for each word. Without words it has nothing to learn.", _EMBEDDING),
    "embedding-first": (
        "An embedding reads the numbers of words, which only the input holds. After another layer they are gone.",
        _EMBEDDING,
    ),
    "not-a-target": (
        "Losses and metrics are given by the name of a target. What is given for another column is never used.",
        _COMPILE,
    ),
    "loss-weights-zero": (
        "What is trained is the sum of all losses, each times its weight. With zeros alone that never changes.",
        _COMPILE,
    ),
    "metric-task": (
        "A metric compares predictions with the truth in its own way. One for another kind of answer fails, or "
        "misleads.",
        _METRICS,
    ),
    "metric-onehot": (
        "The metric wants a column for each class, the loss the number of the class. Both read the same truth.",
        _METRICS,
    ),
    "metric-probability": (
        "The metric wants numbers from 0 to 1. A raw score can be anything.",
        "metrics/classification_metrics/",
    ),
    "metric-twice": ("Numbers are logged by name. Of two with one name only the second would be seen.", _METRICS),
    "monitor": (
        "Keras would only warn when the number is not there. The callback would then never do anything.",
        "callbacks/",
    ),
    "two-rates": (
        "A schedule sets the learning rate at each step, the callback between epochs. Keras lets only one of them do "
        "it.",
        _RATES,
    ),
    "pieces": (
        "Between two boundaries one learning rate holds. So there is one more rate than boundaries, which follow "
        "each other.",
        _RATES,
    ),
    "clipping": (
        "Clipping shortens gradients that are too long. Two ways of it at once would shorten what is short already.",
        _OPTIMIZERS,
    ),
    "no-average": (
        "The callback puts averaged weights in place of the latest. Only an optimizer that keeps an average has them.",
        _OPTIMIZERS,
    ),
    "weight-column": (
        "The weight of a row says how much its error counts. So it must be a number that is there before training.",
        _FIT,
    ),
    "class-weight": (
        "A class weight says how much the errors of a class count. An amount, or several targets, have no such "
        "classes.",
        _FIT,
    ),
    # What would train, but not to what is meant.
    "diverged": (
        "Steps that are too large jump over the goal, further each time. Smaller ones come down into it.",
        _OPTIMIZERS,
    ),
    "worse-than-guessing": (
        "A network that guesses the mean has learned nothing from the columns. Most often its steps are too large or "
        "too small.",
        _OPTIMIZERS,
    ),
    "output-activation": (
        "A loss that reads probabilities as raw scores, or the other way round, trains but learns badly. "
        "What comes out is then no probability either.",
        _CLASSES,
    ),
    "positive-output": (
        "The logarithm of a negative number is not a number. An activation that stays above 0 keeps the loss defined.",
        _AMOUNTS,
    ),
    "negative-targets": (
        "An output that is cut off at 0 can never say what is below. There its gradient is 0, too, so it may never "
        "learn.",
        _ACTIVATIONS,
    ),
    "bounded-output": (
        "Targets beyond the bounds could never be reached. Near them learning slows down to nothing.",
        _ACTIVATIONS,
    ),
    "leaking-feature": (
        "What is written down after the answer makes scores that look perfect. "
        "A new row lacks it, and the network has learned nothing else.",
        _FIT,
    ),
    "target-digits": (
        "Networks compute in float32, which keeps seven digits. Losses and metrics of differences let the mean be "
        "taken away first.",
        _FIT,
    ),
    "same-table": (
        "Rows that it knows by heart do not show when a network overfits. Only rows it never learned from do.",
        _SPLIT,
    ),
    "learning-rate": (
        "The learning rate is the size of each step. Of all settings it decides most whether a network learns.",
        _OPTIMIZERS,
    ),
    "other-monitor": (
        "A few rows that are wrong and ever surer make a cross-entropy rise, though more rows are right. "
        "Where right answers are what counts, they should choose the best epoch.",
        _STOPPING,
    ),
    "overfitting": (
        "It learns its rows by heart, and what it learns there does not hold for others. "
        "Less freedom, or an earlier end, keeps what does hold.",
        _DROPOUT,
    ),
    "dead-units": (
        "A unit that is 0 for every row has no gradient and never comes back. A slope below 0 keeps it alive.",
        "layers/activation_layers/leaky_relu/",
    ),
    "saturated": (
        "Where the curve of an activation is flat, its gradient is all but 0. Layers before it then learn next to "
        "nothing.",
        "layers/activations/#relu-function",
    ),
    "no-activation": (
        "A sum of sums is one sum: without a bend two layers are no more than one. An activation between them is the "
        "bend.",
        _ACTIVATIONS,
    ),
    "metric-positive": (
        "The metric takes the logarithm of predictions. With softplus on the last layer they stay above 0.",
        "metrics/probabilistic_metrics/",
    ),
    "batch-beyond-rows": (
        "A batch is the rows between two steps. Steps are what a network learns by, so smaller batches learn more an "
        "epoch.",
        _FIT,
    ),
    "steps-beyond-rows": (
        "An epoch ends when its rows are used up. More steps would show the same rows again, which further epochs do.",
        _FIT,
    ),
    "no-validation": (
        "Validation rows tell learning from memorizing while it trains. Without them early stopping goes by the "
        "training rows.",
        _FIT,
    ),
    "few-rows": (
        "A score from a handful of rows is mostly luck. It takes four times the rows to halve its error.",
        _SPLIT,
    ),
    "weight-feature": ("The weight of a row says how much it counts. A row to be predicted has none.", _FIT),
    # What would be better.
    "stopped-too-soon": (
        "A loss that jumps from epoch to epoch seems to stand still for a while. More patience tells a pause from an "
        "end.",
        _STOPPING,
    ),
    "slow-rate": (
        "Each step is a small share of the way that is left. Larger ones get there in fewer epochs.",
        _OPTIMIZERS,
    ),
    "noisy-rate": (
        "Steps that are too large for the bottom of the valley jump from side to side. Smaller ones settle down in it.",
        _OPTIMIZERS,
    ),
    "underfitting": (
        "It misses what its own training rows would teach. More units, or less that holds it back, let it follow them.",
        _DENSE,
    ),
    "no-better-than-line": (
        "What it learned beyond the straight line holds for its own rows only. "
        "Noise while training and an earlier end keep it to what is common.",
        _DROPOUT,
    ),
    "still-improving": (
        "It was ended while it was still learning. More epochs cost time, and early stopping ends them when they "
        "bring no more.",
        _FIT,
    ),
    "validation-better": (
        "Dropout and noise are on while training and off for validation, which makes the same network look worse in "
        "training. "
        "A gap this wide says that they take away much of what it could use.",
        _DROPOUT,
    ),
    "plateau": (
        "Epochs without a gain cost time and teach it its rows by heart. Early stopping ends with the best of them.",
        _STOPPING,
    ),
    "unbalanced-classes": (
        "Each row counts the same, so a rare class hardly moves the loss. With class weights each class counts as "
        "much as any other.",
        _FIT,
    ),
    "percentage-of-zero": (
        "An error divided by 0 is endless, so those rows alone decide and pull every prediction towards 0. "
        "The absolute error is measured in the target's own unit.",
        _AMOUNTS,
    ),
    "skewed-target": (
        "The square of a large error outweighs a hundred small ones. "
        "The absolute error counts each by its size, so that the usual rows decide.",
        _AMOUNTS,
    ),
    "duplicate-feature": (
        "The second column tells nothing that the first does not. It only brings weights to learn, and counts the "
        "same thing twice.",
        _DENSE,
    ),
    "identifying-feature": (
        "What differs in each row can be learned by heart and says nothing of new rows. Weights are spent on it all "
        "the same.",
        _DROPOUT,
    ),
    "many-weights": (
        "With more weights than there are facts, a network can store the rows. "
        "Watch validation: when it turns up while training goes down, it does.",
        _DROPOUT,
    ),
    "accuracy-alone": (
        "Accuracy hardly moves when a rare class is missed. AUC asks how often a yes is ranked above a no, whatever "
        "their numbers.",
        "metrics/classification_metrics/#auc-class",
    ),
    "empty-feature": ("A column that is always the same cannot tell rows apart. It only brings weights.", _DENSE),
    "loss-weights": (
        "Loss weights say which of several targets counts more. A single one has nothing to be weighed against.",
        _COMPILE,
    ),
    "weighted-metrics": (
        "A weighted metric counts rows by their weights. Where all weigh the same, it says what the plain one says.",
        _COMPILE,
    ),
    "target-missing": (
        "A network can only learn from rows whose answer is known. The others can still be predicted.",
        _FIT,
    ),
}

REASONS: dict[str, Reason] = {code: Reason(*row) for code, row in _ROWS.items()}
