"""The printed program from the table's cells to the network's numbers: what is read, learned from the training rows and
built of Keras layers.
"""

from dataclasses import dataclass

from core.catalog.date_parts import USUAL_PARTS
from core.experiment.keras_calls import embedding_call
from core.experiment.spec import Data, Experiment

_READERS = {
    "number": "numbers",
    "category": "words",
    "code": "codes",
    "text": "words",
    "boolean": "booleans",
    "date": "days",
}
# Function of ours -> what it calls, or what is learned for it.
_NEEDS = {
    "booleans": ("codes", "words"),
    "codes": ("words",),
    "days": ("numbers", "day_way"),
    "number_columns": ("number_statistics", "NumberStatistics"),
    "log_columns": ("number_columns", "log_statistics", "LogStatistics", "logarithms"),
    "bin_columns": ("bin_statistics", "BinStatistics"),
    "word_columns": ("vocabulary",),
    "word_numbers": ("vocabulary",),
    "date_columns": ("number_columns", "date_statistics", "DateStatistics"),
    "days_between": ("number_columns",),
    "cross_columns": ("cross_statistics", "CrossStatistics"),
    "text_columns": ("text_statistics", "TextStatistics", "tokens"),
}
_WORDS = ("category", "code")


@dataclass(frozen=True)
class _Group:
    """Features whose columns one function builds.

    Attributes:
        build: The function.
        settings: Lines before it.
        names: Of the features, as Python.
        learn: What it must know of the training cells of the feature `name`, as Python.
    """

    build: str
    settings: tuple[str, ...]
    names: str
    learn: str


def preprocessing_functions(experiment: Experiment) -> set[str]:
    """The functions of ours that the part calls by name."""
    data = experiment.data
    called = {_READERS[kind] for kind in data.features.values()} | {"raw_inputs", "tensors"}
    called |= {group.build for group in _groups(experiment)}
    called |= {"days_between"} if data.pairs_of("date") else set()
    called |= {"cross_columns"} if data.pairs_of(*_WORDS) else set()
    if embedding_call(experiment):
        called |= {"embedded"}
    return called


def needs_dataclass(experiment: Experiment) -> bool:
    """Whether a value of ours is among the functions."""
    return bool(set(experiment.data.features.values()) - set(_WORDS) or experiment.data.pairs_of(*_WORDS))


def needed(functions: set[str]) -> set[str]:
    """What the functions call in turn."""
    found = set(functions)
    while further := {name for one in found for name in _NEEDS.get(one, ())} - found:
        found |= further
    return found


def preprocessing_part(experiment: Experiment) -> str:
    """The part of the program."""
    second = experiment.data.split.method == "table"
    kinds = experiment.data.features
    used = {kind: reader for kind, reader in _READERS.items() if kind in kinds.values()}
    readers = ", ".join(f"{kind!r}: {reader}" for kind, reader in used.items())
    lines = [
        "# Preprocessing: Keras layers that know the training rows' medians, means, spreads and words, and nothing "
        "of the other rows.",
        f"READERS = {{{readers}}}",
        *_reading("date" in used),
        "raw = read(table)",
        *(
            [
                "more = read(second)",
                "raw = {name: np.concatenate([values, more[name]]) for name, values in raw.items()}",
            ]
            if second
            else []
        ),
        "text = {name for name, values in raw.items() if values.dtype == object}",
        'inputs = raw_inputs({name: "string" if name in text else "float64" for name in FEATURES})',
        "columns = []",
    ]
    lines += _pairs(experiment.data)
    for group in _groups(experiment):
        lines += [
            *group.settings,
            f"names = {group.names}",
            f"found = [{group.learn} for name in names]",
            f"columns += {group.build}([inputs[name] for name in names], found)",
        ]
        if group.build == "word_numbers":
            lines.append("WORDS = [len(known) for known in found]")
    lines += [
        "features = keras.Model(inputs, keras.layers.Concatenate()(columns) if len(columns) > 1 else columns[0])",
        "",
        "",
        "def matrix(rows):",
        '    """The network\'s numbers for some rows of the table: (rows, columns)."""',
        "    return features(tensors({name: values[rows] for name, values in raw.items()})).numpy()",
    ]
    return "\n".join(lines)


def _pairs(data: Data) -> list[str]:
    """Lines for features that are two features together."""
    lines = []
    if dates := data.pairs_of("date"):
        lines += [
            "# Days from the second date of a pair to the first.",
            f"PAIRS = {list(dates)!r}",
            "found = [number_statistics(raw[first][train] - raw[second][train]) for first, second in PAIRS]",
            "columns += days_between([(inputs[first], inputs[second]) for first, second in PAIRS], found)",
        ]
    if words := data.pairs_of(*_WORDS):
        lines += [
            "# Crosses: a column for each pair of words.",
            f"CROSSES = {list(words)!r}",
            "found = [cross_statistics(raw[first][train], raw[second][train]) for first, second in CROSSES]",
            "columns += cross_columns([(inputs[first], inputs[second]) for first, second in CROSSES], found)",
        ]
    return lines


def _groups(experiment: Experiment) -> list[_Group]:
    """The groups in the order in which the worker builds them; for an embedding words come last, as numbers."""
    data, kinds = experiment.data, set(experiment.data.features.values())
    embeds = embedding_call(experiment) is not None
    found = _number_groups(data)
    if kinds & set(_WORDS):
        words = _word_group(data, "word_numbers" if embeds else "word_columns")
        found += [] if embeds else [words]
    if "date" in kinds:
        found.append(_date_group(data))
    if "text" in kinds:
        texts = {name: data.preparation_of(name) for name, kind in data.features.items() if kind == "text"}
        settings = {name: (one.text_words, one.text_weighting == "tf-idf") for name, one in texts.items()}
        said = "# Words of a text that have a column, and whether they are weighted by tf-idf."
        learn = "text_statistics(raw[name][train], *TEXTS[name])"
        found.append(_Group("text_columns", (said, f"TEXTS = {settings!r}"), "list(TEXTS)", learn))
    return [*found, words] if embeds and kinds & set(_WORDS) else found


def _number_groups(data: Data) -> list[_Group]:
    """Numbers that are scaled as they are, by their logarithms, and that are put into bins."""
    numbers = [name for name, kind in data.features.items() if kind in ("number", "boolean")]
    by = {name: data.preparation_of(name).scaled_by(data.features[name], data.scaling).transform for name in numbers}
    logs = [name for name in numbers if by[name] == "log"]
    bins = {name: data.preparation_of(name).most_bins for name in numbers if by[name] == "bins"}
    found = []
    if plain := [name for name in numbers if not by[name]]:
        names = "[name for name, kind in FEATURES.items() if kind in ('number', 'boolean')]"
        settings, scaling = _scaling(data, ("number", "boolean"))
        names = repr(plain) if logs or bins else names
        found.append(_Group("number_columns", settings, names, f"number_statistics(raw[name][train]{scaling})"))
    if logs:
        said = ("# Numbers whose logarithms are scaled.",)
        found.append(_Group("log_columns", said, repr(logs), "log_statistics(raw[name][train])"))
    if bins:
        binned = ("# Numbers that are put into bins, and how many.", f"BINS = {bins!r}")
        found.append(_Group("bin_columns", binned, "list(BINS)", "bin_statistics(raw[name][train], BINS[name])"))
    return found


def _scaling(data: Data, kinds: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Lines that say how columns of these kinds are scaled, where that is not the usual way, and the arguments."""
    scalings = {
        name: data.preparation_of(name).scaled_by(kind, data.scaling)
        for name, kind in data.features.items()
        if kind in kinds
    }
    measures = {
        name: (row.center, row.scale) for name, row in scalings.items() if not row.transform and row.name != "standard"
    }
    if not measures:
        return (), ""
    said = "# Column -> what is subtracted, and what the difference is divided by."
    return (said, f"SCALING = {measures!r}"), ", *SCALING.get(name, ())"


def _word_group(data: Data, build: str) -> _Group:
    """Categories and codes."""
    known = {
        name: one.words for name, one in data.preparation.items() if data.features.get(name) in _WORDS and one.words
    }
    names = f"[name for name, kind in FEATURES.items() if kind in {_WORDS!r}]"
    if not known:
        return _Group(build, (), names, "vocabulary(raw[name][train])")
    said = ("# How many words of a column are known, of others 100.", f"KNOWN = {known!r}")
    return _Group(build, said, names, "vocabulary(raw[name][train], KNOWN.get(name, 100))")


def _date_group(data: Data) -> _Group:
    """Dates."""
    settings, scaling = _scaling(data, ("date",))
    parts = {name: data.preparation_of(name).date_parts for name, kind in data.features.items() if kind == "date"}
    shown = ""
    if any(one != USUAL_PARTS for one in parts.values()):
        settings = (*settings, "# What the network sees of dates.", f"PARTS = {parts!r}")
        shown = ", parts=PARTS[name]"
    names = "[name for name, kind in FEATURES.items() if kind == 'date']"
    return _Group("date_columns", settings, names, f"date_statistics(raw[name][train]{scaling}{shown})")


def _reading(dates: bool) -> list[str]:
    """How the program reads raw values; dates later on are read as the table writes them."""
    read = "READERS[kind](rows[name])"
    ways = []
    if dates:
        read = f'days(rows[name], WAYS[name]) if kind == "date" else {read}'
        ways = ['WAYS = {name: day_way(table[name]) for name, kind in FEATURES.items() if kind == "date"}']
    head = ["", "", "def read(rows):", '    """Raw values of a table: feature -> a value a row."""']
    return [*ways, *head, f"    return {{name: {read} for name, kind in FEATURES.items()}}", "", ""]
