"""Help texts of the catalog: two sentences for what is chosen, one for its arguments, in the field's terms."""

import re
from pathlib import Path

import pytest

from core.advice.reasons import REASONS
from core.catalog.callbacks import CALLBACKS
from core.catalog.fields import Row
from core.catalog.kinds import KINDS
from core.catalog.layer_parts import ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS
from core.catalog.layers import LAYERS
from core.catalog.losses import LOSSES
from core.catalog.metrics import METRICS
from core.catalog.optimizers import OPTIMIZERS
from core.catalog.scalings import SCALINGS
from core.catalog.schedules import SCHEDULES
from core.experiment.lessons import LESSONS
from core.experiment.templates import TEMPLATES

CHOSEN = {"optimizer": OPTIMIZERS, "loss": LOSSES, "metric": METRICS, "callback": CALLBACKS}
PARTS = (ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS, LAYERS, SCHEDULES)
# What a reader would have to translate, with the usual word for it.
TRANSLATED = {
    r"\btruths?\b": "target, y_true",
    r"\banswers?\b": "prediction",
    r"\bby heart\b": "memorize",
    r"\bprice on\b": "penalizes, regularization",
    r"\blet (it|them) go\b": "remove",
    r"\bno (longer a )?number\b|\bnot a number\b": "NaN",
    r"\btake[ns]? (it|them) (away|along|back)\b": "export, restore",
    r"\bput aside\b|\bbring (it )?back\b": "disable, enable",
    r"\bmend(s|ed)?\b": "fix",
    r"\bstays as it is\b": "constant",
    r"\bagainst the slope\b": "along the negative gradient",
    r"\bwatche[ds]\b|\bwatches\b": "validation, monitor",
    r"\bjudged?\b(?! the probabilities)": "score",
    r"\bterrain\b": "loss landscape",
    r"\byeses\b|\bnoes\b": "positives, negatives",
    r"\bwritten down after\b": "target leakage",
    r"\bbelieve\b": "label smoothing",
    r"\bcounts? (more|the same)\b": "sample weights",
    r"\bkept beside\b|\bkeep beside\b": "saved",
    r"\bgo(es)? on\b": "continue, resume",
    r"\bbreaks? down\b|\bbroke\b": "crash",
    r"\bsays nothing about chance\b|\bcan be told\b": "not significant",
    r"\bsee to\b": "check",
    r"\banew\b": "again, new",
}
ROWS = [(f"{kind} {name}", row) for kind, rows in CHOSEN.items() for name, row in rows.items()]


def sentences(text: str) -> list[str]:
    """The sentences of a text: each ends with a full stop before a blank or the end, and begins with a capital."""
    return re.split(r"(?<=[.!?]) (?=[A-Z])", text)


def translated(text: str) -> list[str]:
    """The phrases of a text that have a usual word."""
    return [found[0] for phrase in TRANSLATED if (found := re.search(phrase, text, re.IGNORECASE))]


@pytest.mark.parametrize(("_name", "row"), ROWS, ids=[name for name, _ in ROWS])
def test_a_choice_says_what_it_does_and_when_to_choose_it(_name: str, row: Row) -> None:
    what, when = sentences(row.help)
    assert all(one.endswith(".") and len(one.split()) >= 4 for one in (what, when)), row.help
    assert re.match(r"(Choose|Try|It is the usual)", when), when
    assert len(row.help) <= 260


def test_no_text_of_the_catalog_has_to_be_translated() -> None:
    rows = [row for family in (*CHOSEN.values(), *PARTS) for row in family.values()]
    texts = [row.help for row in rows] + [field.help for row in rows for field in row.fields]
    texts += [one.help for family in (KINDS, SCALINGS, TEMPLATES) for one in family.values()]
    texts += [reason.why for reason in REASONS.values()] + [lesson.says for lesson in LESSONS.values()]
    assert len(texts) > 300
    assert {text: found for text in texts if (found := translated(text))} == {}


def test_the_lectures_optimizers_say_what_a_lecture_says() -> None:
    said = {
        "SGD": ("negative gradient of one batch", "momentum", "oscillation", "local minima"),
        "Adagrad": ("of each weight", "sparse features", "shrinks without end"),
        "Adadelta": ("moving window", "does not shrink"),
        "Adam": ("momentum", "every weight", "usual first choice"),
        "Ftrl": ("wide, sparse", "one layer"),
    }
    for name, phrases in said.items():
        assert [phrase for phrase in phrases if phrase not in OPTIMIZERS[name].help] == []


def test_the_glossary_has_one_text_for_each_concept() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ") and "---" not in line]
    meanings = {term: meaning for term, meaning in rows if term != "term"}
    assert len(meanings) == len([row for row in rows if row[0] != "term"]) > 40
    assert {term: found for term, text in meanings.items() if (found := translated(text)) and term != "NaN"} == {}
    assert all((text.endswith(".") and text[0].isupper()) or term == "NaN" for term, text in meanings.items())
