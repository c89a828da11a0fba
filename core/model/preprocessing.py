"""Raw values -> the network's numbers, as Keras layers and operations, so that it travels inside the `.keras` file.

Only classes of Keras itself are used, missing values included: the file opens wherever Keras does, in safe mode.
The printed program carries the source of the functions it needs.
"""

import keras
import numpy as np
import tensorflow as tf

from core.catalog.kinds import KINDS
from core.tables.feature_statistics import Statistic
from core.tables.statistics import (
    BinStatistics,
    CrossStatistics,
    DateStatistics,
    LogStatistics,
    NumberStatistics,
    TextStatistics,
)

_MOST_CELLS = 20_000_000  # Of a block's matrix: 80 MB.
# Of features and, under both names, of pairs of features.
Statistics = dict[str | tuple[str, str], Statistic]


def number_columns(inputs: list, statistics: list) -> list:
    """Float64, NaN where missing: the median fills in, values far from all training cells are drawn in, then they are
    scaled.

    Behind them stands a flag for each column whose training cells were missing in places.

    The differences are taken before anything is float32: Unix seconds have ten digits, and float32 keeps seven.
    """
    cells = keras.layers.Concatenate(dtype="float64")(inputs) if len(inputs) > 1 else inputs[0]
    missing = keras.ops.isnan(cells)
    filled = keras.ops.where(missing, np.array([one.median for one in statistics]), cells)
    low, high = np.array([one.low for one in statistics]), np.array([one.high for one in statistics])
    center, scale = np.array([one.center for one in statistics]), np.array([one.scale for one in statistics])
    bounded = keras.ops.minimum(keras.ops.maximum(filled, low), high)
    # Not Normalization: its numbers are float32, and its epsilon loses a deviation of 1e-9.
    columns = [keras.ops.cast((bounded - center) / scale, "float32")]
    flagged = [index for index, one in enumerate(statistics) if one.flagged]
    if flagged:
        columns.append(keras.ops.cast(keras.ops.take(missing, flagged, axis=1), "float32"))
    return columns


def log_columns(inputs: list, statistics: list) -> list:
    """Float64, NaN where missing: the logarithm, sign(x) log(1 + |x|), scaled as numbers are."""
    return number_columns([keras.ops.sign(x) * keras.ops.log1p(keras.ops.absolute(x)) for x in inputs], statistics)


def bin_columns(inputs: list, statistics: list) -> list:
    """Float64, NaN where missing: a column of 0 and 1 for each bin, and a flag where training cells were missing."""
    columns = []
    for cells, one in zip(inputs, statistics, strict=True):
        missing = keras.ops.isnan(cells)
        filled = keras.ops.where(missing, np.float64(one.median), cells)
        reached = keras.ops.cast(keras.ops.greater_equal(filled, np.array(one.edges)), "float32")  # Each edge.
        columns.append(keras.ops.subtract(np.float32(1), reached[:, :1]))
        if len(one.edges) > 1:
            columns.append(reached[:, :-1] - reached[:, 1:])
        columns.append(reached[:, -1:])
        if one.flagged:
            columns.append(keras.ops.cast(missing, "float32"))
    return columns


def word_columns(inputs: list, vocabularies: list) -> list:
    """Text: a column of 0 and 1 for each known word; an unknown word is all zeros."""
    # A word of the table may well be "[UNK]", Keras's own name for unknown words, but hardly a control character.
    lookups = [
        keras.layers.StringLookup(vocabulary=known, oov_token="\1", output_mode="one_hot") for known in vocabularies
    ]
    # Column 0 stands for unknown words.
    return [lookup(cells)[:, 1:] for lookup, cells in zip(lookups, inputs, strict=True)]


def word_numbers(inputs: list, vocabularies: list) -> list:
    """Text: the number of each known word, from 1; an unknown word is 0. For an embedding."""
    lookups = [keras.layers.StringLookup(vocabulary=known, oov_token="\1") for known in vocabularies]
    return [keras.ops.cast(lookup(cells), "float32") for lookup, cells in zip(lookups, inputs, strict=True)]


def embedded(columns, words, embedding):
    """A vector of its own in place of each word's number, in the last len(words) columns: `embedding(known)` makes the
    layer.

    `words` are the numbers of known words. An unknown word is all zeros: what stands for it would never be trained.
    """
    first = columns.shape[1] - len(words)
    parts = [columns[:, :first]] if first else []
    for place, known in enumerate(words):
        number = keras.ops.cast(columns[:, first + place], "int32")
        there = keras.ops.expand_dims(keras.ops.cast(number > 0, "float32"), -1)
        parts.append(embedding(known)(number) * there)
    return keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]


def text_columns(inputs: list, statistics: list) -> list:
    """Text: a column for each known word, which says whether the text has it or, with rarities, how much it tells."""
    columns = []
    for texts, one in zip(inputs, statistics, strict=True):
        mode = {"output_mode": "multi_hot"}
        if one.rarity is not None:
            mode = {"output_mode": "tf_idf", "idf_weights": one.rarity}
        words = keras.layers.TextVectorization(vocabulary=one.words, **mode)
        # Keras takes the symbolic shape for (rows, 1, columns). Column 0 stands for unknown words.
        columns.append(keras.layers.Reshape((len(one.words) + 1,))(words(texts))[:, 1:])
    return columns


def date_columns(inputs: list, statistics: list) -> list:
    """Days since 1970-01-01: the trend, scaled as numbers are, and the other parts (the season of the year, the day of
    the week, the time of day) as points on a circle.
    """
    columns = number_columns(inputs, statistics)
    trends = [index for index, one in enumerate(statistics) if "trend" in one.parts]
    if len(trends) < len(inputs):
        columns[:1] = [keras.ops.take(columns[0], trends, axis=1)] if trends else []
    for cells, one in zip(inputs, statistics, strict=True):
        day = keras.ops.where(keras.ops.isnan(cells), np.float64(one.median), cells)
        periods = {"season": 365.2425, "weekday": 7.0, "hour": 1.0}  # Days.
        for period in [periods[part] for part in one.parts if part in periods]:
            angle = day * np.float64(2 * np.pi / period)
            columns += [keras.ops.cast(point, "float32") for point in (keras.ops.sin(angle), keras.ops.cos(angle))]
    return columns


def days_between(inputs: list, statistics: list) -> list:
    """Pairs of inputs of days since 1970-01-01: the days from the second to the first, scaled as numbers are; missing
    where one of the two is.
    """
    return number_columns([first - second for first, second in inputs], statistics)


def cross_columns(inputs: list, statistics: list) -> list:
    """Pairs of inputs of text: a column of 0 and 1 for each known pair of words."""
    columns = []
    for both, one in zip(inputs, statistics, strict=True):
        parts = []
        for cells, words in zip(both, zip(*one.pairs, strict=True), strict=True):
            known = list(dict.fromkeys(words))
            has = keras.layers.StringLookup(vocabulary=known, oov_token="\1", output_mode="one_hot")(cells)
            parts.append(keras.ops.take(has, [known.index(word) + 1 for word in words], axis=1))
        columns.append(parts[0] * parts[1])
    return columns


# What is known of a feature -> what builds its columns. Columns of one builder are built together: 5,000 numbers are
# one normalisation.
BUILDERS = {
    NumberStatistics: number_columns,
    LogStatistics: log_columns,
    BinStatistics: bin_columns,
    list: word_columns,
    DateStatistics: date_columns,
    TextStatistics: text_columns,
}


def raw_inputs(dtypes: dict[str, str]) -> dict[str, keras.KerasTensor]:
    """One input of shape (rows, 1) for each feature, under the feature's name.

    Two layers may not share a name, nor may one hold a slash: a column called "dense", "where_1" or "price/sqft" gets a
    layer of another name.
    """
    steps = {
        "expand_dims",
        "greater",
        "isnan",
        "where",
        "take",
        "cast",
        "sin",
        "cos",
        "multiply",
        "subtract",
        "absolute",
        "log1p",
        "sign",
        "minimum",
        "maximum",
        "true_divide",
        "greater_equal",
        "getitem",
        "output",
        "probabilities",
        "",
    }
    taken = {name.replace("_", "") for name in steps} | {name.lower() for name in dir(keras.layers)}
    inputs = {}
    for index, (name, dtype) in enumerate(dtypes.items()):
        free = "/" not in name and name.rstrip("_0123456789").replace("_", "") not in taken
        tensor = keras.KerasTensor((None, 1), dtype, name=name)
        inputs[name] = keras.Input(tensor=tensor, name=name if free else f"column {index}: {name.replace('/', ' ')}")
    return inputs


def preprocessing(kinds: dict[str, str], statistics: Statistics, numbered: bool = False) -> keras.Model:
    """A model from raw inputs, feature -> (rows, 1), to the network's matrix (rows, columns).

    Pairs of features come first. With `numbered` a feature of words is one column, the number of its word, behind all
    others.
    """
    inputs, columns = (
        raw_inputs({name: "string" if KINDS[kind].raw == "string" else "float64" for name, kind in kinds.items()}),
        [],
    )
    for of, pair in ((NumberStatistics, days_between), (CrossStatistics, cross_columns)):
        pairs = [names for names, one in statistics.items() if isinstance(names, tuple) and isinstance(one, of)]
        if pairs:
            both = [(inputs[first], inputs[second]) for first, second in pairs]
            columns += pair(both, [statistics[names] for names in pairs])
    for known, build in sorted(BUILDERS.items(), key=lambda item: numbered and item[1] is word_columns):
        names = [name for name in kinds if type(statistics[name]) is known]
        if names:
            build = word_numbers if numbered and build is word_columns else build
            columns += build([inputs[name] for name in names], [statistics[name] for name in names])
    matrix = keras.layers.Concatenate()(columns) if len(columns) > 1 else columns[0]
    return keras.Model(inputs, matrix, name="preprocessing")


def tensors(raw: dict[str, np.ndarray]) -> dict[str, tf.Tensor]:
    """Raw values as a Keras model takes them: (rows, 1), float64 or text."""
    return {
        name: tf.constant(values.reshape(-1, 1), tf.string)
        if values.dtype == object
        else tf.constant(values.reshape(-1, 1), tf.float64)
        for name, values in raw.items()
    }


def matrix(model: keras.Model, raw: dict[str, np.ndarray], block: int = 65_536) -> np.ndarray:
    """The network's matrix (rows, columns), float32, made block by block so that memory stays small."""
    rows = len(next(iter(raw.values())))
    block = max(1, min(block, _MOST_CELLS // model.output.shape[-1]))
    blocks = [
        model(tensors({name: values[at : at + block] for name, values in raw.items()})).numpy()
        for at in range(0, max(1, rows), block)
    ]
    return np.concatenate(blocks)
