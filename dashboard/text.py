"""Numbers and names as people read them. No streamlit."""

import html
import re
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

from core.experiment.counts import count as count
from core.experiment.counts import enumerated
from core.experiment.digits import significant
from core.experiment.metric_titles import in_sentence as in_sentence
from core.experiment.metric_titles import larger_is_better as larger_is_better
from core.experiment.metric_titles import metric_title as metric_title
from core.experiment.score_words import number as number
from core.experiment.score_words import score as score
from core.experiment.spec import Experiment
from core.experiment.task import Task

_MOST_TARGETS = 4  # Named in a title.
_LEAST_NAME = 12  # Letters of a column whose value needs the room.
_MOST_COMPARED = 60  # Names: each is held against each, for each of their words.
MISSING = "missing"  # In the place of a cell without a value.

TASK_WORDS = {
    "regression": "Regression: a number is predicted",
    "binary": "Binary classification: one of two classes is predicted",
    "multiclass": "Classification: one of several classes is predicted",
}
STATE_WORDS = {
    "queued": "Queued",
    "preparing": "Preparing",
    "training": "Training",
    "paused": "Paused",
    "stopping": "Stopping",
    "scoring": "Scoring",
    "finished": "Finished",
    "stopped": "Stopped",
    "failed": "Failed",
    "interrupted": "Interrupted",
    "running": "Running",
}


# What Markdown reads as formatting. The rest stays as it is: a label is also a control's accessible name, in which a
# backslash would be read out. An underscore within a word, a bracket or a full stop within a line mean nothing.
_MARKDOWN = re.compile(
    r"""[\\`*\[\]<$~]                       # Code, stress, links, tags, formulas, strokes.
    |(?<![^\W_])_|_(?![^\W_])              # An underscore at the edge of a word.
    |^[#+>=|-]                             # A heading, a list or a quotation begins a line,
    |(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=^\d{3})[.)]|(?<=^\d{4})[.)]|(?<=^\d{5})[.)]
    |(?<=^\d{6})[.)]|(?<=^\d{7})[.)]|(?<=^\d{8})[.)]|(?<=^\d{9})[.)]  # as does a number of at most nine digits.
    |&(?=\#?\w+;)                          # A letter by its name.
    """,
    re.VERBOSE,
)
# What Streamlit still makes of text after Markdown was read: addresses become links, :material/...: an icon, :+1: a
# picture, -> an arrow.
_MADE_OF_TEXT = re.compile(r":(?=[A-Za-z/+\d_-])|@(?=\w)|www(?=\.)|[-<>=~](?=[-<>=~])", re.IGNORECASE)
_JOINER = "\u2060"  # Neither seen nor a place to break a line, and in the way of such a pattern.


def escape(text: str) -> str:
    """Text from a table for Markdown, of whatever Streamlit shows as such: nothing in it is formatting, a link or an
    icon.
    """
    marked = _MARKDOWN.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))
    return _MADE_OF_TEXT.sub(lambda found: found[0] + _JOINER, marked)


def asked_in_short(tasks: Sequence[Task]) -> str:
    """What is asked, in a few words: "Regression of cost and yield, classification of grade"."""
    asked: dict[str, list[str]] = {}
    for one in tasks:
        asked.setdefault(TASK_WORDS[one.kind].split(":")[0], []).append(one.target)
    first, *others = (f"{kind} of {enumerated(targets, _MOST_TARGETS)}" for kind, targets in asked.items())
    return ", ".join([first, *(other[0].lower() + other[1:] for other in others)])


def plotly_text(text: str) -> str:
    """Text from a table for a Plotly figure, whose titles, ticks, names and hover texts are HTML of a few tags: nothing
    in it is one.
    """
    return html.escape(text, quote=False)


def amount(value: float, low: float | None = None, high: float | None = None) -> str:
    """A cell of a table as it stands there: 484.0 -> "484", 2007.0 -> "2007", -121.5507 -> "-121.551".

    Of a column from `low` to `high` with the digits that vary in it: 1000000003.52 of 999999950 to 1000000050 ->
    "1000000003.52".
    """
    whole = value == round(value) and abs(value) >= 10_000
    return f"{value:,.0f}" if whole else f"{value:.{significant(low, high)}g}"


def short_names(names: Sequence[str], most: int = 24) -> list[str]:
    """Names for an axis: long ones without the words that all of them begin or end with, then without their middle;
    where they would be alike, the beginnings of the words that not all of them have. Still different.

    ["Large wares of the house", "Used wares of the house"], 12 -> ["Large…", "Used…"].
    """
    if max(map(len, names), default=0) <= most:
        return list(names)
    words = [re.findall(r"\s*\S+", name) or [name] for name in names]
    least = min(map(len, words)) - 1
    first = next((at for at in range(least) if len({one[at] for one in words}) > 1), least)
    last = next((at for at in range(least - first) if len({one[-1 - at] for one in words}) > 1), least - first)
    told = ["".join(one[first : len(one) - last]).strip() for one in words]
    told = [one if len(one) < most else f"{one[: most // 2]}…{one[-(most // 2) :]}" for one in told]
    told = [f"{'…' if first else ''}{one}{'…' if last else ''}" for one in told]
    different = len(set(names))
    return next((some for some in (told, _beginnings(names, most)) if len(set(some)) == different), list(names))


def _beginnings(names: Sequence[str], most: int) -> list[str]:
    """Each name as the beginnings of the words that not all of them have, in a room of `most` letters.

    ["Renewed permit of the north", "Revoked permit of the north"], 9 -> ["Renewed", "Revoked"].
    """
    words = [name.split() for name in names]
    shared = set(words[0]).intersection(*words)
    told = []
    for own in _telling([[word for word in one if word not in shared] or one for one in words]):
        sizes = [len(word) for word in own]
        while sum(sizes) + len(sizes) - 1 > most and max(sizes) > 1:
            sizes[sizes.index(max(sizes))] -= 1
        told.append(" ".join(word[:size] for word, size in zip(own, sizes, strict=True)))
    return told


def _telling(names: list[list[str]]) -> list[list[str]]:
    """The words of names without those that are not needed to tell them apart, the last ones first: of "taxi
    concession, north" and "food licence, south" concession and licence.
    """
    if len(names) > _MOST_COMPARED:
        return names
    for word in reversed(list(dict.fromkeys(word for one in names for word in one))):
        without = [[other for other in one if other != word] for one in names]
        sets = [frozenset(one) for one in without]
        if not any(one <= other for one, other in permutations(sets, 2)):  # Each has a word that another lacks.
            names = without
    return names


def output_words(target: Mapping[str, Any], label: str | None) -> str:
    """What a curve or a bar is about: "predicted price", or of a class "probability that type is Condo".

    Args:
        target: Of a run's card.
        label: The class; None of an amount.
    """
    if label is None:
        return f"predicted {target['target']}"
    if target.get("margin"):
        return f"score of {target['target']} {label}"
    return f"probability that {target['target']} is {label}"


def cut_name(text: str, most: int = 40) -> str:
    """A name in little room, as beside an axis: "Remaining useful life until next sch…"."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def names_with_values(pairs: Sequence[tuple[str, str]], between: str, most: int) -> list[str]:
    """Columns with their values in a room of `most` letters beside an axis, still different; the value, which tells
    those of a column apart, is cut last: "Average basket value…: 56.73 to 78.58".
    """
    told = []
    for column, value in pairs:
        name = cut_name(column, max(_LEAST_NAME, most - len(between) - len(value)))
        told.append(f"{name}{between}{cut_name(value, most - len(between) - len(name))}" if value else name)
    if len(set(told)) == len(set(pairs)):
        return told
    return short_names([f"{column}{between}{value}" for column, value in pairs], most)


def what_is_seen(
    snapshot: Mapping[str, Any],
    latest: Sequence[Sequence[float | None]],
    experiment: Experiment,
    units: Mapping[str, str] = {},
) -> str:
    """A run in two or three sentences, for those who look on: how far it is, how good on unseen rows, and beside what
    is simple.

    `latest` is the last row of its epochs, as the snapshot has rows; of a run that is over it may be an earlier one,
    with the snapshot's epoch.
    """
    state, epoch, when = snapshot["state"], snapshot["epoch"], ""
    if not latest:
        return {"queued": "The run is queued.", "failed": snapshot["says"], "interrupted": snapshot["says"]}.get(
            state, "The network is being built."
        )
    over = state in ("finished", "stopped")
    told = [f"Trained for {count(epoch, 'epoch')}." if over else f"Epoch {epoch:,} of {snapshot['epochs']:,}."]
    name = next(iter(experiment.logged()), "loss")
    numbers = dict(zip(["epoch", *snapshot["names"]], latest[-1], strict=False))
    value, where = numbers.get(f"val_{name}"), "validation"
    # As the result of a run that is over shows.
    if numbers["epoch"] == snapshot["best"] and snapshot["best_scores"].get(name) is not None:
        value, when = snapshot["best_scores"][name], f" at the best epoch, {snapshot['best']:,},"
    elif value is None:
        value, where = numbers.get(name), "training"
    if value is not None:
        title = in_sentence(metric_title(name, experiment), name, experiment)
        told.append(f"The {where} {title}{when} is {score(name, value, experiment, units)}.")
    beside = [
        f"{simple} {score(name, numbers[name], experiment, units)}"
        for simple, numbers in snapshot["baselines"].items()
        if numbers.get(name) is not None
    ]
    if beside:
        told.append(f"Baselines: {', '.join(beside)}.")
    if snapshot["best"] and snapshot["validated"] and not when:
        told.append(
            f"Best so far: epoch {snapshot['best']:,}."
            if state == "training"
            else f"The best epoch was {snapshot['best']:,}."
        )
    return " ".join(told)
