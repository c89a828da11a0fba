"""The pages by the widgets that a person uses, in an empty workspace and in one that version 0.1 left: its run has 80
rows, 12 epochs and the target price.
"""

import json
import sqlite3
import tarfile
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from core.experiment.spec import Experiment, read
from core.runs.journal import Journal
from tests.records import with_record

pytestmark = pytest.mark.usefixtures("home")
SAVED = Path(__file__).parents[1] / "workspaces" / "0.1.tar.xz"
RUN = "edb62fb4ccbd"


def page(name: str) -> None:
    """One page, beside those it leads to, and the experiment after it."""
    import streamlit as st

    from core.experiment.spec import read
    from dashboard.session import state
    from dashboard.views import build, data, predict, result, runs

    state.attach()
    if "given" in st.session_state:
        state.replace(read(st.session_state.pop("given")))
    views = {"build": build, "data": data, "predict": predict, "result": result, "runs": runs}
    pages = [st.Page(view.view, url_path=path, default=path == name) for path, view in views.items()]
    st.navigation(pages).run()
    st.session_state["seen"] = state.experiment().text()


def shown(name: str, **address: str) -> AppTest:
    """A page as a newcomer sees it, at an address."""
    app = AppTest.from_function(page, default_timeout=30, args=(name,))
    for part, value in address.items():
        app.query_params[part] = value
    return done(app)


def done(app: AppTest) -> AppTest:
    """The page after what was asked of it; it has no traceback."""
    app.run()
    assert not app.exception
    return app


def seen(app: AppTest) -> Experiment:
    """The experiment on screen."""
    return read(app.session_state["seen"])


def told(app: AppTest) -> str:
    """All sentences on the page."""
    kinds = (app.error, app.warning, app.info, app.caption, app.markdown, app.header)
    return "\n".join(one.value for kind in kinds for one in kind).replace("\\", "")


def button(app: AppTest, key: str):
    return next(one for one in app.button if one.key == key)


def labelled(found, label: str):
    """The widget of that label among those of its kind."""
    return next(one for one in found if one.label == label)


@pytest.fixture
def record(home):
    """The workspace's record of runs, opened as the server opens it; no worker is started."""
    from dashboard.services import engine

    with_record(home)
    engine()._open_store()
    return home


@pytest.fixture
def saved(home):
    """The workspace that version 0.1 left; its record names files by whole paths."""
    with tarfile.open(SAVED) as packed:
        packed.extractall(home, filter="data")
    with sqlite3.connect(home / "mlflow.db") as record:
        for table, column in (("runs", "artifact_uri"), ("experiments", "artifact_location")):
            record.execute(f"UPDATE {table} SET {column} = replace({column}, 'file:///WORKSPACE', ?)", (home.as_uri(),))
    from dashboard.services import engine

    engine()._open_store()
    return home


def test_before_the_first_training_the_build_page_says_what_the_network_will_be():
    app = shown("build")
    words, experiment = told(app), seen(app)
    assert f"predict **{experiment.data.targets[0]}**" in words
    assert "Press **Train**: the curves appear here" in words
    assert not button(app, "train").disabled
    assert button(app, "stop").disabled
    assert button(app, "undo").disabled


def test_a_starting_point_and_a_name_are_taken_and_undone():
    app = shown("build")
    first = seen(app)
    labelled(app.text_input, "Name").set_value("Homes again")
    done(app)
    labelled(app.selectbox, "Starting points").select_index(0)
    done(app)
    changed = seen(app)
    assert changed.name == "Homes again"
    assert changed.layers != first.layers
    for _ in range(2):
        button(app, "undo").click()
        done(app)
    assert seen(app) == first
    button(app, "redo").click()
    assert seen(done(app)).name == "Homes again"


def test_what_cannot_be_trained_blocks_train_and_says_why():
    app = shown("build")
    app.session_state["given"] = json.dumps(seen(app).value() | {"layers": []})
    done(app)
    assert button(app, "train").disabled
    assert "layer" in told(app)


def test_optimizer_and_its_rate_are_chosen():
    app = shown("build")
    labelled(app.selectbox, "Optimizer").set_value("RMSprop")
    done(app)
    assert seen(app).compile.optimizer.name == "RMSprop"
    assert seen(app).compile.optimizer.row.help in told(app)
    labelled(app.toggle, "Cosine decay over the whole training").set_value(True)
    rate = seen(done(app)).compile.optimizer.value("learning_rate")
    assert rate["class"] == "CosineDecay"
    assert "The learning rate from step 0 to " in told(app)


def test_the_data_page_takes_a_sample_a_target_and_a_further_one():
    app = shown("data")
    labelled(app.selectbox, "Sample table").set_value("titanic")
    done(app)
    assert (seen(app).data.table, seen(app).data.targets) == ("sample:titanic", ("survived",))
    labelled(app.selectbox, "Target").set_value("fare")
    done(app)
    data = seen(app).data
    assert data.targets == ("fare",)
    assert "fare" not in data.features
    labelled(app.multiselect, "Additional targets").set_value(["age"])
    several = seen(done(app)).data
    assert several.targets == ("fare", "age")
    assert set(data.features) - set(several.features) == {"age"}
    labelled(app.multiselect, "Additional targets").set_value([])
    assert seen(done(app)).data.features == data.features


def test_without_a_run_the_pages_that_need_one_say_where_to_get_it():
    for name in ("result", "predict"):
        assert "No run yet. Press Train on the Build page" in told(shown(name))


@pytest.mark.slow
def test_a_run_without_a_model_says_why_where_it_is_asked_to_predict(record):
    """It has no card, and a file's name tells nobody anything."""
    from dashboard.session.openings import first_experiment

    why = "The loss was NaN from the first epoch on, so no model was saved."
    journal = Journal(record, "0123456789ab")
    journal.begin(first_experiment().text())
    journal.say({"state": "failed", "says": why})
    app = shown("predict", run=journal.run)
    assert [one.value for one in app.info] == [f"This run has no model, so it predicts nothing. {why}"]


def test_without_runs_the_runs_page_says_how_to_get_one(record):
    assert record
    app = shown("runs")
    assert "No runs yet." in told(app)
    assert not app.dataframe


# pyarrow asks pandas for the times of a column without their zone.
@pytest.mark.filterwarnings("ignore:Series.values returning an ndarray that drops timezone")
def test_the_runs_page_lists_a_run_with_its_test_scores_when_they_are_wanted(saved, monkeypatch):
    assert saved
    app = shown("runs")
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["State"], row["Table"], row["Epochs"]) == ("Finished", "parts.csv", 12)
    assert isinstance(row["Started"], pd.Timestamp)
    assert json.loads(app.dataframe[0].proto.columns)["Training rows"]["type_config"]["format"] == "localized"
    assert not any(name.endswith("(test)") for name in row)
    labelled(app.toggle, "Test scores").set_value(True)
    (row,) = done(app).dataframe[0].value.to_dict("records")
    assert row["MAE (test)"] == 10.46
    assert not app.metric
    # AppTest selects no rows.
    monkeypatch.setattr("dashboard.views.runs.run_selection", lambda shown, *_: shown[:1])
    assert next(one.label for one in done(app).metric) == "Test MAE"
    labelled(app.toggle, "Test scores").set_value(False)
    assert not done(app).metric
    app.text_input[0].set_value("no such words")
    assert "No run matches." in told(done(app))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Series.values returning an ndarray that drops timezone")
def test_a_race_is_one_row_of_the_runs_page_and_its_runs_are_reached_by_words_and_deleted_together(record, monkeypatch):
    from dashboard.services import engine
    from dashboard.session.openings import first_experiment

    store, base = engine().store(), first_experiment()
    runs = [f"00000000000{at}" for at in range(4)]
    for run in runs:
        store.begin(run, base.model_copy(update={"name": f"Run {run[-1]}"}))
        store.finish(run, "finished", "")
    race = {"setting": "optimizer", "base": base.value(), "runs": [[f"w{run[-1]}", 0, run] for run in runs[:3]]}
    (record / "races").mkdir()
    (record / "races" / "aaaaaaaaaaaa.json").write_text(json.dumps(race))
    app = shown("runs")
    assert set(app.dataframe[0].value["Kind"]) == {"Run", "Race: optimizer, 3 runs"}
    assert "which its arrow lists" in told(app)
    app.session_state["ld.runs-toggled"] = ["aaaaaaaaaaaa"]  # AppTest presses no button of a table.
    assert sorted(done(app).dataframe[0].value["Kind"]) == ["Race: optimizer, 3 runs", "Run", "w0", "w1", "w2"]
    labelled(app.text_input, "Filter").set_value("w1")
    assert done(app).dataframe[0].value["Kind"].tolist() == ["w1"]
    labelled(app.text_input, "Filter").set_value("")
    # AppTest selects no rows.
    monkeypatch.setattr("dashboard.views.runs.run_selection", lambda rows, *_: [r for r in rows if r.children])
    assert button(done(app), "open-parent").label == "Open race"
    button(app, "delete").click()
    assert "Deleted: 3 runs." in told(done(app))
    assert [one.id for one in store.records()] == runs[3:]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Series.values returning an ndarray that drops timezone")
def test_runs_that_two_visitors_delete_hinder_no_others_and_one_that_goes_on_again_stays(record, monkeypatch):
    from dashboard.services import engine
    from dashboard.session.openings import first_experiment

    store, base = engine().store(), first_experiment()
    runs = [f"00000000000{at}" for at in range(4)]
    for run in runs:
        store.begin(run, base)
        store.finish(run, "interrupted", "")
    # AppTest selects no rows.
    monkeypatch.setattr("dashboard.views.runs.run_selection", lambda rows, *_: list(rows))
    app = shown("runs")
    store.delete(runs[1])
    Journal(record, runs[2]).begin(base.text())
    engine().find(runs[2])  # It waits for a worker.
    button(app, "delete").click()
    done(app)
    assert [one.id for one in store.records()] == [runs[2]]
    assert app.session_state["ld.note"] == (
        f"The run {runs[2]} has not ended. Stop it first. There is no run {runs[1]} in this workspace."
    )
    # One that another visitor puts back a moment before is back.
    monkeypatch.setattr("dashboard.views.runs.run_selection", lambda *_: [])
    app = shown("runs")
    store.undelete(runs[3])
    button(app, "undelete").click()
    done(app)
    assert app.session_state["ld.note"] == ""
    assert {one.id for one in store.records()} == set(runs)


def test_the_result_page_has_the_scores_beside_the_baselines_and_what_is_taken_away(saved):
    result = json.loads(next(saved.rglob("result.json")).read_text())
    app = shown("result", run=RUN)
    tiles = {one.label: one for one in app.metric}
    assert float(tiles["Test MAE"].value.replace("\\", "")) == pytest.approx(result["test"]["mae"], rel=0.01)
    assert "worse than the linear model]" in told(app)  # Without an interval as long as no worker is there.
    assert f"after 12 epochs, best epoch {result['best_epoch']}" in told(app)
    button(app, "edit-run").click()
    done(app)
    assert seen(app).data.targets == ("price",)


def test_a_stop_by_hand_is_said_once_and_is_no_warning(saved):
    file = next(saved.rglob("result.json"))
    says = "Stopped after epoch 12; the weights of the best epoch, 9, were kept."
    file.write_text(json.dumps({**json.loads(file.read_text()), "ended": "stopped", "says": says}))
    app = shown("result", run=RUN)
    assert [one.value for one in app.warning] == []
    assert [one.value.startswith(f"{says} ") for one in app.caption].count(True) == told(app).count(says) == 1


def test_what_is_said_of_a_run_moves_nothing_on_the_result_page(saved):
    """To Streamlit a fragment whose place moves is another one, and the browser goes on asking for the one before."""
    file = next(saved.rglob("result.json"))
    result, places = json.loads(file.read_text()), []
    for said in ({"says": ""}, {"restored": True}, {"says": "It ended early.", "log": ["A line.", "And another one."]}):
        file.write_text(json.dumps({**result, **said}))
        app = shown("result", run=RUN)
        assert set(said.get("log", ())) <= {one.value for one in app.info}
        parts = {at: part for at, part in app.main.children.items() if isinstance(part, Block)}
        places.append([at for at, part in parts.items() if part.get("metric") or part.get("button")])
    assert len(places[0]) > 1
    assert places[0] == places[1] == places[2]


def test_the_build_page_has_a_finished_runs_scores_and_says_when_the_experiment_is_another(saved):
    assert saved
    app = shown("build", run=RUN)
    assert "Test MAE" in [one.label for one in app.metric]
    assert "These curves are of an earlier version" not in told(app)
    value = seen(app).value()
    value["fit"]["epochs"] = 99
    app.session_state["given"] = json.dumps(value)
    done(app)
    assert "These curves are of an earlier version" in told(app)
    button(app, "bring-back").click()
    done(app)
    assert seen(app).fit.epochs == 12


def _fields() -> None:
    """The fields of a free text and of a truth value, and which of them have a place for a curve."""
    import streamlit as st

    from dashboard.views.predict import _inputs

    curves = {}
    features = [{"name": "review", "kind": "text", "usual": "Good"}, {"name": "hot", "kind": "boolean", "usual": 0.0}]
    _inputs("0123456789ab", features, [], {}, {}, curves)
    st.session_state["seen"] = list(curves)


def test_below_the_field_of_a_free_text_there_is_no_room_for_a_curve():
    assert done(AppTest.from_function(_fields)).session_state["seen"] == ["hot"]


def test_the_predict_page_asks_for_each_feature_and_says_that_the_worker_starts(saved, monkeypatch):
    assert saved
    looks = []  # That the page is drawn anew by itself a started worker shows, which takes 16 s of a browser test.
    monkeypatch.setattr("dashboard.panels.common.redraw_once_warm", lambda: looks.append(True))
    app = shown("predict", run=RUN)
    assert looks
    labels = [one.label for kind in (app.number_input, app.slider, app.selectbox, app.date_input) for one in kind]
    for name in ("length", "made", "shape", "hot"):
        assert any(name in label for label in labels), (name, labels)
    assert "TensorFlow" in told(app) or "starting" in told(app)
