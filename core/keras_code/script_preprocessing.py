"""The printed program from the table's cells to the network's numbers: what is read, learned from the training rows and
built of Keras layers.
"""

from core.catalog.date_parts import USUAL_PARTS
from core.catalog.scalings import SCALINGS
from core.experiment.keras_calls import embedding_call
from core.experiment.spec import Experiment

_READERS = {
    "number": "numbers",
    "category": "words",
    "code": "codes",
    "text": "words",
    "boolean": "booleans",
    "date": "days",
}
_NEEDS = {
    "booleans": ("codes", "words"),
    "codes": ("words",),
    "days": ("numbers", "day_way"),
    "number_columns": ("number_statistics", "NumberStatistics"),
    "word_columns": ("vocabulary",),
    "word_numbers": ("vocabulary",),
    "date_columns": ("number_columns", "date_statistics", "DateStatistics"),
    "days_between": ("number_columns",),
    "text_columns": ("text_statistics", "TextStatistics", "tokens"),
}
_WORDS = ("category", "code")
_GROUPS = (
    ("number_columns", ("number", "boolean")),
    ("word_columns", _WORDS),
    ("date_columns", ("date",)),
    ("text_columns", ("text",)),
)


def preprocessing_functions(experiment: Experiment) -> set[str]:
    """The functions of ours that the part calls by name."""
    kinds = set(experiment.data.features.values())
    called = {_READERS[kind] for kind in kinds} | {"raw_inputs", "tensors"}
    called |= {build for build, built in _groups(experiment) if kinds.intersection(built)}
    if experiment.data.pairs_of("date"):
        called |= {"days_between"}
    if embedding_call(experiment):
        called |= {"embedded"}
    return called


def needed(functions: set[str]) -> set[str]:
    """What the functions call in turn."""
    found = set(functions)
    while further := {name for one in found for name in _NEEDS.get(one, ())} - found:
        found |= further
    return found


def _groups(experiment: Experiment) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The builders of columns and their kinds; for an embedding words come last, as numbers."""
    if embedding_call(experiment) is None:
        return _GROUPS
    return (*(group for group in _GROUPS if group[1] != _WORDS), ("word_numbers", _WORDS))


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
    settings, learn = _learned(experiment)
    lines += settings
    if pairs := experiment.data.pairs_of("date"):
        lines += [
            "# Days from the second date of a pair to the first.",
            f"PAIRS = {list(pairs)!r}",
            "found = [number_statistics(raw[first][train] - raw[second][train]) for first, second in PAIRS]",
            "columns += days_between([(inputs[first], inputs[second]) for first, second in PAIRS], found)",
        ]
    for build, built in _groups(experiment):
        names = [name for name, kind in kinds.items() if kind in built]
        if names:
            lines += [
                f"names = [name for name, kind in FEATURES.items() if kind in {built!r}]",
                f"found = [{learn[build]} for name in names]",
                f"columns += {build}([inputs[name] for name in names], found)",
            ]
            if build == "word_numbers":
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


def _learned(experiment: Experiment) -> tuple[list[str], dict[str, str]]:
    """Lines of settings, and builder -> what it must know of the training cells of a feature, as Python."""
    data, lines, scaling, parts = experiment.data, [], "", ""
    if data.scaling:
        measures = {kind: (SCALINGS[name].center, SCALINGS[name].scale) for kind, name in data.scaling.items()}
        lines += ["# Kind -> what is subtracted, and what the difference is divided by.", f"SCALING = {measures!r}"]
        scaling = ", *SCALING.get(FEATURES[name], ())"
    of_dates = {name: data.preparation_of(name).date_parts for name, kind in data.features.items() if kind == "date"}
    if any(shown != USUAL_PARTS for shown in of_dates.values()):
        lines += ["# What the network sees of dates.", f"PARTS = {of_dates!r}"]
        parts = ", parts=PARTS[name]"
    known = {
        name: one.words for name, one in data.preparation.items() if data.features.get(name) in _WORDS and one.words
    }
    most = ""
    if known:
        lines += ["# How many words of a column are known, of others 100.", f"KNOWN = {known!r}"]
        most = ", KNOWN.get(name, 100)"
    of_texts = {name: data.preparation_of(name) for name, kind in data.features.items() if kind == "text"}
    if of_texts:
        settings = {name: (one.text_words, one.text_weighting == "tf-idf") for name, one in of_texts.items()}
        lines += [
            "# Words of a text that have a column, and whether they are weighted by tf-idf.",
            f"TEXTS = {settings!r}",
        ]
    return lines, {
        "text_columns": "text_statistics(raw[name][train], *TEXTS[name])",
        "number_columns": f"number_statistics(raw[name][train]{scaling})",
        "date_columns": f"date_statistics(raw[name][train]{scaling}{parts})",
        "word_columns": f"vocabulary(raw[name][train]{most})",
        "word_numbers": f"vocabulary(raw[name][train]{most})",
    }


def _reading(dates: bool) -> list[str]:
    """How the program reads raw values; dates later on are read as the table writes them."""
    read = "READERS[kind](rows[name])"
    ways = []
    if dates:
        read = f'days(rows[name], WAYS[name]) if kind == "date" else {read}'
        ways = ['WAYS = {name: day_way(table[name]) for name, kind in FEATURES.items() if kind == "date"}']
    head = ["", "", "def read(rows):", '    """Raw values of a table: feature -> a value a row."""']
    return [*ways, *head, f"    return {{name: {read} for name, kind in FEATURES.items()}}", "", ""]
