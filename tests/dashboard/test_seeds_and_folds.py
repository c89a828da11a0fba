"""The section of seeds and folds by its widgets; the runs of a group as a worker would have left them."""

import json
import shutil

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.experiment.spec import read
from core.runs.journal import Journal
from core.workspace import workspace
from dashboard import services
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.seed_spread import seed_sentence
from tests.records import with_record

pytestmark = pytest.mark.usefixtures("home")

ORIGIN = "0123456789ab"
EXPERIMENT = {
    "name": "Homes",
    "data": {"table": "sample:sacramento_homes", "targets": ["price"], "features": {"sqft": "number"}},
    "layers": [{"layer": "Dense", "units": 1}],
    "compile": {"metrics": ["MeanAbsoluteError"]},
    "fit": {"epochs": 2, "seed": 7},
}


def page(asked) -> None:
    """The section alone."""
    import streamlit as st

    from dashboard.panels.seeds_and_folds import seeds_and_folds
    from dashboard.session import state

    state.attach()
    if told := state.take_note():
        st.error(told)
    seeds_and_folds(asked)


def leave(run: str, value: dict, folder, mae: float, simple: float) -> None:
    """Has a run end after two epochs: in its journal, and in the record of runs."""
    from dashboard.services import engine

    journal = Journal(workspace(), run)
    if not journal.exists():
        journal.begin(read(value).text())
    epochs = [[at, {"loss": 2.0 / at, "val_loss": 2.0 / at, "mae": mae, "val_mae": mae}] for at in (1, 2)]
    journal.say({"epochs": epochs})
    result = {
        "figures": {},
        "epochs": 2,
        "best_epoch": 2,
        "best_scores": {"loss": 1.0, "mae": mae},
        "seconds": 1.0,
        "scores": {part: {"loss": 1.0, "mae": mae} for part in ("train", "validation", "test")},
        "baselines": {"mean": {"test": {"loss": 9.0, "mae": 90_000.0}}, "linear model": {"test": {"mae": simple}}},
    }
    result["test"] = result["scores"]["test"]
    (folder / "as_run.json").write_text(json.dumps(value))
    (folder / "result.json").write_text(json.dumps(result))
    store = engine().store()
    store.begin(run, read(value))
    store.finish(run, "finished", "", folder, result, 652)
    journal.say({"state": "finished", "best": 2})


@pytest.fixture
def drawn(home, tmp_path_factory):
    """A function that draws the section of a run that is over, of an experiment with these changes."""
    from dashboard.services import engine

    with_record(home)
    engine()._open_store()

    def draw(**split) -> AppTest:
        value = json.loads(json.dumps(EXPERIMENT))
        value["data"]["split"] = split
        leave(ORIGIN, value, tmp_path_factory.mktemp("files"), 60_000.0, 61_000.0)
        asked = Asked(ORIGIN, read(value), {"epoch": 2}, {"targets": []}, None, "price")
        app = AppTest.from_function(page, default_timeout=60, args=(asked,)).run()
        assert not app.exception
        return app

    return draw


def groups() -> list:
    """The groups that repeat the run."""
    from dashboard.services import repeated_runs

    return repeated_runs().of(ORIGIN)


def told(app: AppTest) -> str:
    """All sentences on the page."""
    kinds = (app.error, app.warning, app.caption, app.markdown, app.info)
    return "\n".join(one.value for kind in kinds for one in kind).replace("\\", "")


def finish(app: AppTest, group, maes: list[float], simple: list[float], folder) -> None:
    """Has each run of a group end with these test errors."""
    for one, mae, baseline in zip(group.runs, maes, simple, strict=True):
        value = json.loads(Journal(workspace(), one.run).submitted()["experiment"])
        leave(one.run, value, folder, mae, baseline)
    app.run()
    assert not app.exception


@pytest.mark.slow
def test_folds_are_queued_and_their_mean_and_spread_are_told(drawn, tmp_path_factory):
    app = drawn()
    assert "Seeds show how far scores vary" in told(app)
    app.number_input(key="repeat-number").set_value(3).run()
    app.button(key="repeat-folds").click().run()
    assert not app.exception
    (group,) = groups()
    assert [(one.fold, one.seed) for one in group.runs] == [(1, 7), (2, 7), (3, 7)]
    ran = [read(Journal(workspace(), one.run).submitted()["experiment"]) for one in group.runs]
    assert [(one.data.split.folds, one.data.split.fold) for one in ran] == [(3, 1), (3, 2), (3, 3)]
    assert "**3-fold cross-validation** of Homes" in told(app)
    assert app.dataframe[0].value["state"].tolist() == ["Queued"] * 3
    assert not app.metric
    maes, simple = [60_000.0, 64_000.0, 62_000.0], [63_000.0, 66_000.0, 66_000.0]
    finish(app, group, maes, simple, tmp_path_factory.mktemp("files"))
    (tile,) = app.metric
    assert tile.label == "Test MAE, mean of 3"
    assert tile.value.replace("\\", "") == "$62,000 ± $2,000"  # Standard deviation of -2,000, 2,000 and 0
    assert (
        tile.delta.replace("\\", "") == "$3,000 better than the linear model, better in 3 of 3"
    )  # 3,000, 2,000 and 4,000
    assert "Mean ± standard deviation of 3 trainings, which differ by the rows that train and test." in told(app)
    assert app.dataframe[0].value["test MAE"].tolist() == ["$60,000", "$64,000", "$62,000"]
    assert not [one for one in app.button if one.key == "group-stop"]


def test_gradient_boosting_has_no_article():
    from dashboard.panels.seeds_and_folds import _named

    assert (_named("gradient boosting"), _named("linear model")) == ("gradient boosting", "the linear model")


def test_seeds_count_up_from_the_runs_own_and_a_draw_is_grey(drawn, tmp_path_factory):
    app = drawn()
    app.number_input(key="repeat-number").set_value(2).run()
    app.button(key="repeat-seeds").click().run()
    (group,) = groups()
    assert [(one.fold, one.seed) for one in group.runs] == [(None, 8), (None, 9)]
    assert "**2 seeds** of Homes" in told(app)
    finish(app, group, [60_000.0, 64_000.0], [61_000.0, 61_000.0], tmp_path_factory.mktemp("files"))
    (tile,) = app.metric
    assert tile.delta.replace("\\", "") == "$1,000 worse than the linear model, worse in 1 of 2"
    assert tile.proto.color == tile.proto.MetricColor.GRAY
    assert "which differ by initial weights and the order of the rows" in told(app)


def test_what_goes_on_can_be_stopped_and_an_older_group_is_chosen(drawn):
    app = drawn()
    app.button(key="repeat-seeds").click().run()
    app.button(key="group-stop").click().run()
    assert not app.exception
    assert app.dataframe[0].value["state"].tolist() == ["Stopped"] * 5
    app.button(key="repeat-folds").click().run()
    newest, oldest = groups()
    assert (newest.folds, oldest.folds) == (5, None)
    choice = app.selectbox(key=f"group-{ORIGIN}")
    assert "**5-fold cross-validation** of Homes" in told(app)
    choice.set_value(oldest.id).run()
    assert not app.exception
    assert "**5 seeds** of Homes" in told(app)


def test_groups_whose_runs_or_files_are_gone_are_no_traceback(drawn):
    app = drawn()
    app.button(key="repeat-seeds").click().run()
    (group,) = groups()
    for one in group.runs:
        shutil.rmtree(Journal(workspace(), one.run).folder)
    services.engine()._runs.clear()
    app.run()
    assert not app.exception
    assert "The trainings of this group were deleted." in told(app)
    (workspace() / "repetitions" / f"{group.id}.json").write_bytes(f'\xff "{ORIGIN}"'.encode("latin-1"))
    app.run()
    assert not app.exception
    assert groups() == []


def test_without_validation_rows_there_are_tiles_and_no_curves(drawn, tmp_path_factory):
    app = drawn(train=0.8, validation=0, test=0.2)
    app.number_input(key="repeat-number").set_value(2).run()
    app.button(key="repeat-folds").click().run()
    (group,) = groups()
    for one in group.runs:
        Journal(workspace(), one.run).say({"rows": [466, 0, 466]})
    finish(app, group, [60_000.0, 64_000.0], [61_000.0, 61_000.0], tmp_path_factory.mktemp("files"))
    assert "there are no curves of the validation scores" in told(app)
    assert len(app.metric) == 1


def test_a_column_that_says_the_test_rows_offers_no_folds(drawn):
    app = drawn(method="column", column="city")
    assert app.button(key="repeat-folds").disabled
    assert "no folds of them" in app.button(key="repeat-folds").help
    assert not app.button(key="repeat-seeds").disabled


def test_what_the_seeds_predict_is_said_in_the_targets_terms():
    amounts = [pd.Series({"predicted price": value}) for value in (231_000.0, 240_000.0, 249_000.0)]
    target = {"target": "price", "classes": [], "low": 50_000.0, "high": 900_000.0}
    said = seed_sentence(amounts, target, "$", "")
    assert said == "3 seeds predict $231,000 to $249,000, $240,000 on average."
    yes = [("yes", 0.9), ("yes", 0.6), ("no", 0.3)]
    classes = [pd.Series({"predicted z": label, "probability yes": p, "probability no": 1 - p}) for label, p in yes]
    said = seed_sentence(classes, {"target": "z", "classes": ["no", "yes"]}, "", "")
    assert said == "2 of 3 seeds predict yes, with a probability of 30% to 90%, 60% on average."
    margins = [pd.Series({"predicted z": "no", "margin": -1.0})] * 2
    assert seed_sentence(margins, {"target": "z", "classes": ["no", "yes"]}, "", "") == "2 of 2 seeds predict no."
