"""How a column becomes the network's numbers: a part of the Data page, for one column at a time."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.catalog.date_parts import DATE_PARTS
from core.catalog.scalings import SCALINGS
from core.catalog.target_transforms import TARGET_TRANSFORMS
from core.catalog.text_weightings import TEXT_WEIGHTINGS
from core.experiment.preparation import MOST_BINS, MOST_WORDS, USUAL_BINS, USUAL_TEXT_WORDS, USUAL_WORDS, Preparation
from core.experiment.spec import Data, Experiment
from dashboard.panels.common import NOTHING, escape
from dashboard.session import state

_COLUMN = "prepared-column"
_WEIGHTINGS = "\n\n".join(f"**{one.name}**: {one.help}" for one in TEXT_WEIGHTINGS.values())
_PARTS = "\n\n".join(f"**{part.name}**: {part.help}" for part in DATE_PARTS.values())


def preparation(experiment: Experiment) -> None:
    """Draws it, folded away at first; nothing where no feature has settings of its own."""
    data = experiment.data
    amounts = [task.target for task in state.situation().tasks if task.kind == "regression"]
    columns = [*(name for name, kind in data.features.items() if kind in _FIELDS), *amounts]
    if not columns:
        return
    key = f"preparation@{state.revision()}"
    more = st.expander("Preparation", key=key, on_change="rerun", expanded=bool(data.preparation or data.pairs))
    if more.open:
        with more:
            _column(data, columns)


def _column(data: Data, columns: list[str]) -> None:
    if st.session_state.get(_COLUMN) not in columns:
        st.session_state[_COLUMN] = next((name for name in columns if name in data.preparation), columns[0])
    choice, fields = st.columns([1, 2])
    choice.selectbox("Column", columns, key=_COLUMN, help="The settings to the right are those of this column.")
    name = st.session_state[_COLUMN]
    with fields:
        (_FIELDS[data.features[name]] if name in data.features else _target)(data, name)
    if said := _summary(data):
        st.caption(escape(said))


def _target(data: Data, name: str) -> None:
    """The logarithm that is learned in place of a target's amounts."""
    key = f"data.preparation.{name}.target@{state.revision()}"
    names = [NOTHING, *TARGET_TRANSFORMS]
    st.selectbox(
        "Learn the logarithm",
        names,
        index=names.index(data.preparation_of(name).target or NOTHING),
        format_func=lambda chosen: chosen or "none",
        key=key,
        help="\n\n".join(f"**{one.name}**: {one.help}" for one in TARGET_TRANSFORMS.values()),
        on_change=_set,
        args=(name, "target", key),
    )
    if data.preparation_of(name).target:
        loss = state.experiment().compile.of(name).single_loss
        if loss.row.power is None:
            st.caption(f"No effect: {escape(loss.name)} is not a loss of differences.")
        else:
            st.caption("The loss is one of logarithms. Predictions, metrics and figures are in the target's own unit.")


def _number(data: Data, name: str) -> None:
    """The scaling; of a column in bins also how many."""
    scaling, bins = st.columns(2)
    _scaling(data, name, scaling)
    if data.preparation_of(name).scaled_by(data.features[name], data.scaling).transform == "bins":
        key = f"data.preparation.{name}.bins@{state.revision()}"
        bins.number_input(
            "Bins",
            2,
            MOST_BINS,
            data.preparation_of(name).most_bins,
            key=key,
            help="Each bin has about as many training rows as the others.",
            on_change=_set,
            args=(name, "bins", key),
        )


def _scaling(data: Data, name: str, box: Any) -> None:
    kind = data.features[name]
    names = [scaling for scaling, row in SCALINGS.items() if kind in row.kinds]
    shown = data.preparation_of(name).scaled_by(kind, data.scaling).name
    key = f"data.preparation.{name}.scaling@{state.revision()}"
    box.selectbox(
        "Scaling of the trend" if kind == "date" else "Scaling of the column",
        names,
        index=names.index(shown),
        key=key,
        help="\n\n".join(f"**{scaling}**: {SCALINGS[scaling].help}" for scaling in names),
        on_change=_set,
        args=(name, "scaling", key),
    )


def _date(data: Data, name: str) -> None:
    key = f"data.preparation.{name}.parts@{state.revision()}"
    st.multiselect(
        "Parts of the date",
        list(DATE_PARTS),
        default=list(data.preparation_of(name).date_parts),
        key=key,
        help=_PARTS,
        on_change=_set,
        args=(name, "parts", key),
        placeholder="trend, season, weekday",
    )
    _scaling(data, name, st)
    _pairs(data, name, ("date",), "Days since", "Adds the days from another date to this one as a feature.")


def _pairs(data: Data, name: str, kinds: tuple[str, ...], label: str, help_text: str) -> None:
    """Other columns that make a feature together with this one; nothing where there is none."""
    others = [other for other, kind in data.features.items() if kind in kinds and other != name]
    if others:
        key = f"data.pairs.{name}@{state.revision()}"
        st.multiselect(
            label,
            others,
            default=[second for first, second in data.pairs_of(*kinds) if first == name],
            key=key,
            help=help_text,
            on_change=_set_pairs,
            args=(name, key),
            placeholder="none",
        )


def _words(data: Data, name: str) -> None:
    key = f"data.preparation.{name}.words@{state.revision()}"
    st.number_input(
        "Known categories",
        1,
        MOST_WORDS,
        data.preparation_of(name).known_words,
        key=key,
        help="How many of the most frequent categories of the training rows are known. Any other counts as unknown.",
        on_change=_set,
        args=(name, "words", key),
    )
    if cut := state.situation().cut.get(name):
        st.caption(
            f"{cut.kept:,} of {cut.words:,} categories are known; {cut.share:.1%} of the training rows hold another."
        )
    crossed = "Adds a column for each pair of categories that the training rows have, at most 1,000."
    _pairs(data, name, ("category", "code"), "Cross with", crossed)


def _text(data: Data, name: str) -> None:
    settings = data.preparation_of(name)
    words, weighting = st.columns(2)
    key = f"data.preparation.{name}.words@{state.revision()}"
    words.number_input(
        "Most frequent words",
        1,
        MOST_WORDS,
        settings.text_words,
        key=key,
        help="How many words of the training texts have a column. Letters are lower case and punctuation is removed.",
        on_change=_set,
        args=(name, "words", key),
    )
    key = f"data.preparation.{name}.weighting@{state.revision()}"
    names = list(TEXT_WEIGHTINGS)
    weighting.selectbox(
        "Weighting",
        names,
        index=names.index(settings.text_weighting),
        key=key,
        help=_WEIGHTINGS,
        on_change=_set,
        args=(name, "weighting", key),
    )


_FIELDS = {"number": _number, "boolean": _number, "date": _date, "category": _words, "code": _words, "text": _text}


def _summary(data: Data) -> str:
    """What is set, in a sentence for each column."""
    said = [
        f"{name}: {', '.join(_printed(data.features.get(name), *pair) for pair in settings.model_dump().items())}."
        for name, settings in data.preparation.items()
        if name in data.features or (settings.target and name in data.targets)
    ]
    said += [f"Days from {second} to {first}." for first, second in data.pairs_of("date")]
    said += [f"{first} crossed with {second}." for first, second in data.pairs_of("category", "code")]
    return " ".join(said)


_PRINTED: Mapping[str, Any] = {
    "scaling": str,
    "bins": "{} bins".format,
    "parts": " + ".join,
    "words": "{:,} categories".format,
    "weighting": str,
    "target": "learned as {}".format,
}


def _printed(kind: str | None, setting: str, value: Any) -> str:
    return f"{value:,} words" if (kind, setting) == ("text", "words") else _PRINTED[setting](value)


def _set(name: str, setting: str, key: str) -> None:
    """Takes a widget's value into a setting of a column; an empty one is the default again."""
    data = state.experiment().data
    chosen = st.session_state[key] or None
    kind = data.features.get(name, "")
    usual = {
        "bins": USUAL_BINS,
        "scaling": Preparation().scaled_by(kind, data.scaling).name,
        "words": USUAL_TEXT_WORDS if kind == "text" else USUAL_WORDS,
        "weighting": "multi-hot",
    }
    given = data.preparation_of(name).model_dump() | {setting: None if chosen == usual.get(setting) else chosen}
    kept = {**data.preparation, name: Preparation.model_validate(given)}
    if kept[name] == Preparation():
        del kept[name]
    value = {column: settings.model_dump(mode="json") for column, settings in kept.items()}
    state.edit({"op": "set", "path": "data.preparation", "value": value}, structural=False)


def _set_pairs(name: str, key: str) -> None:
    others = [pair for pair in state.experiment().data.pairs if pair[0] != name]
    pairs = [*others, *((name, second) for second in st.session_state[key])]
    state.edit({"op": "set", "path": "data.pairs", "value": [list(pair) for pair in pairs]}, structural=False)
