"""Numbers and names of scores within sentences."""

import pytest

from core.experiment.metric_titles import in_sentence, is_share, metric_title, score_title, short, usual_title
from core.experiment.spec import read


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.03456, "0.0346"),
        (-0.5, "-0.5"),
        (999.4, "999"),
        (46921.4, "46,900"),
        (999_999.0, "1 million"),
        (4.937e9, "4.94 billion"),
        (-2.5e12, "-2.5 trillion"),
        (3e15, "3e+15"),
        (float("nan"), "nan"),
    ],
)
def test_a_number_is_short_and_readable(value, text):
    assert short(value) == text


def test_a_score_of_one_of_several_targets_is_named_with_its_target_behind():
    def experiment(*targets: str, **compiled: object):
        data = {"table": "sample:none", "targets": list(targets), "features": {"x": "number"}}
        return read({"version": 1, "data": data, "layers": [{"layer": "Dense", "units": 1}], "compile": compiled})

    several = experiment(
        "price",
        "type",
        loss={"price": "MeanSquaredError", "type": "SparseCategoricalCrossentropy"},
        metrics={"price": ["MeanAbsoluteError"], "type": ["Precision"]},
    )
    alone = experiment("price", loss="MeanSquaredError", metrics=["MeanAbsoluteError"])

    def said(name: str, of=several, title=score_title) -> str:
        return in_sentence(title(name, of), name, of)

    assert [metric_title("price_mae", several), said("price_mae")] == ["price: MAE", "MAE for price"]
    assert said("type_precision") == "precision (macro) for type"
    assert said("price_loss", title=metric_title) == "loss (MeanSquaredError) for price"
    assert said("loss") == "loss of all targets"
    assert said("mae", alone) == "MAE"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("mae", "MAE"),
        ("loss", "Loss"),
        ("weighted_mae", "MAE, weighted"),
        ("stay_loss", "stay: Loss"),
        ("days in hospital_precision_at_recall", "days in hospital: Precision at recall"),
        ("weighted_of_mine", "weighted_of_mine"),
    ],
)
def test_a_name_without_its_experiment_has_its_usual_title(name, title):
    assert usual_title(name) == title


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("accuracy", True),
        ("Accuracy", True),
        ("days in hospital_precision", True),
        ("outcome: Top-k accuracy", True),
        ("weighted_accuracy", True),
        ("auc", False),
        ("MAE", False),
        ("loss", False),
    ],
)
def test_shares_of_rows_are_known_without_their_experiment(name, share):
    assert is_share(name) is share
