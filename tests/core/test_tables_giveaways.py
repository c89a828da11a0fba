"""Which features alone tell a target: those that were made from it, and none that a good measurement would be."""

import numpy as np
import pandas as pd
import pytest

from core.experiment.spec import Data
from core.tables.giveaways import giveaways
from core.tables.prepared import prepare
from core.tables.profile import profile, suggest
from core.tables.samples import SAMPLES, load_sample

DRAW = np.random.default_rng(0)
N = 400
X, NOISE = DRAW.normal(size=(2, N))
AMOUNT = 3 * X + NOISE
CLASS = np.where(X + NOISE > 1.2, "yes", "no")
KINDS = {"amount": "number", "class": "category"}


def told(target, kind="number", **columns):
    """The features that give the target away, of an honest one and those that are given."""
    frame = pd.DataFrame({"x": X, **columns, "amount": AMOUNT, "class": CLASS})
    kinds = dict.fromkeys(columns, kind)
    data = Data(table="t", targets=(target,), features={"x": "number", **kinds})
    return [one.feature for one in giveaways(prepare(frame, data, KINDS[target]))[0]]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(AMOUNT * 0.06, ["leak"], id="a share of it"),
        pytest.param(-np.exp(AMOUNT), ["leak"], id="a bent one"),
        pytest.param(AMOUNT + 0.01 * NOISE, ["leak"], id="rounded a little"),
        pytest.param(np.where(NOISE > 1, np.nan, AMOUNT), ["leak"], id="with gaps"),
        pytest.param(np.where(NOISE > -0.2, np.nan, AMOUNT), [], id="mostly gaps"),
        pytest.param(AMOUNT + 0.3 * NOISE, [], id="a good measurement"),
        pytest.param(np.full(N, 2.0), [], id="constant"),
        pytest.param(np.arange(N), [], id="running"),
    ],
)
def test_an_amount_is_told_by_what_was_made_from_it(cells, expected):
    assert told("amount", leak=cells) == expected


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        pytest.param(np.where(CLASS == "yes", "paid", "due"), "category", ["leak"], id="other words for it"),
        pytest.param(
            np.where(CLASS == "yes", DRAW.choice(["b1", "b2"], N), ""),
            "category",
            ["leak"],
            id="filled in for one class only",
        ),
        pytest.param(
            np.where(CLASS == "yes", DRAW.uniform(5, 6, N), DRAW.uniform(0, 4, N)),
            "number",
            ["leak"],
            id="parted numbers",
        ),
        pytest.param(np.where(CLASS == "yes", 1.0, np.nan), "number", ["leak"], id="gaps for one class only"),
        pytest.param(
            np.where(DRAW.random(N) < 0.1, "due", np.where(CLASS == "yes", "paid", "due")),
            "category",
            [],
            id="a good sign",
        ),
        pytest.param([f"name {at}" for at in range(N)], "category", [], id="names of the rows"),
        pytest.param(np.where(CLASS == "yes", 5.0, 0.0) + 2.5 * NOISE, "number", [], id="overlapping numbers"),
    ],
)
def test_a_class_is_told_by_what_was_made_from_it(cells, kind, expected):
    assert told("class", kind, leak=cells) == expected


def test_the_only_feature_may_well_be_all_there_is():
    frame = pd.DataFrame({"x": X, "amount": 2 * X})
    assert giveaways(prepare(frame, Data(table="t", targets=("amount",), features={"x": "number"}), "number")) == (
        (),
        {},
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_no_sample_gives_its_target_away(name):
    frame, target = load_sample(name), SAMPLES[name].target
    found = profile(frame)
    data = Data(table="t", targets=(target,), features=suggest(found, target))
    assert giveaways(prepare(frame, data, found.column(target).target_kind)) == ((), {})
