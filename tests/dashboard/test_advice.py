"""Advice on screen: the sentence, why, and a click that takes it; undo brings back what was there."""

import json

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.experiment.fork import fork
from core.experiment.spec import read
from core.runs.journal import Journal
from core.runs.live_view_files import Stage
from core.tables.sources import TableStore
from core.workspace import workspace

pytestmark = pytest.mark.usefixtures("home")

RUN = "0123456789ab"


def page() -> None:
    """The advice before a training and that on a run, and the experiment after it."""
    import streamlit as st

    from core.experiment.spec import read
    from dashboard.panels.advice import advice_list, run_advice
    from dashboard.services import engine
    from dashboard.session import state

    state.attach()
    if "given" in st.session_state:
        state.replace(read(st.session_state.pop("given")))
    advice_list()
    if "run" in st.session_state:
        engine().snapshot(st.session_state["run"])
        run_advice(st.session_state["run"])
    st.button("Undo", on_click=state.undo)
    st.session_state["seen"] = state.experiment().text()


@pytest.fixture
def shown():
    """A function that shows an experiment on a table of 100 rows, one column of which is there twice."""
    x = np.random.default_rng(0).normal(size=100)
    frame = pd.DataFrame({"x_1": x, "x_2": x, "y": x**2})
    ref = TableStore(workspace()).keep("rows.csv", frame.to_csv(index=False).encode()).ref

    def show(run=None, **more):
        layers = [{"layer": "Dense", "units": 8, "activation": "relu"}, {"layer": "Dense", "units": 1}]
        value = {
            "version": 1,
            "data": {"table": ref, "targets": ["y"], "features": {"x_1": "number"}},
            "layers": layers,
            **more,
        }
        app = AppTest.from_function(page, default_timeout=30)
        app.session_state["given"] = json.dumps(value)
        if run:
            app.session_state["run"] = run
        return app.run(), read(value)

    return show


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label.replace("\\", "") == label)


def words(app: AppTest) -> str:
    return " ".join(one.value for one in app.markdown).replace("\\", "")


def test_a_fix_is_one_click_and_undo_another(shown):
    app, before = shown(compile={"optimizer": {"class": "Adam", "learning_rate": 0.5}})
    assert not app.exception
    assert "A learning rate of 0.5 is high for Adam" in words(app)
    assert "The learning rate is the size of each step. It is the most important" in words(app)
    assert "[Keras's documentation](https://keras.io/api/optimizers/)" in words(app)
    assert button(app, "Use 0.001").label == "Use 0.001"
    button(app, "Use 0.001").click().run()
    assert read(app.session_state["seen"]).compile.optimizer.value("learning_rate") == 0.001
    assert "A learning rate" not in words(app)
    button(app, "Undo").click().run()
    assert app.session_state["seen"] == before.text()


def test_three_at_once_and_the_others_are_counted(shown):
    layers = [{"layer": "Dense", "units": 8}, {"layer": "Dense", "units": 1, "activation": "tanh"}]
    optimizer = {"class": "Adam", "learning_rate": 0.5}
    split = {"train": 0.8, "validation": 0.1, "test": 0.1}
    app, before = shown(layers=layers, compile={"optimizer": optimizer})
    value = before.value()
    value["data"] |= {"features": {"x_1": "number", "x_2": "number"}, "split": split}
    app.session_state["given"] = json.dumps(value)
    app.run()
    assert sum(one.value.count("material/") for one in app.markdown) == 3
    assert (
        words(app).index("tanh bounds")
        < words(app).index("A learning rate")
        < words(app).index("Layer 1 has no activation")
    )
    assert app.caption[0].value.endswith("more.")


@pytest.mark.parametrize("over", [False, True])
def test_the_curves_of_a_run_advise_on_its_own_experiment(shown, over):
    app, before = shown(name="On screen")
    journal = Journal(workspace(), RUN)
    ran = fork(read({**before.value(), "name": "That ran", "fit": {"epochs": 290}}), "ba9876543210", 10)
    journal.begin(ran.text())
    journal.say({"begins": True})
    journal.say({"baselines": {"mean": {"loss": 9.0}, "linear model": {"loss": 8.0}}})
    losses = [(11 + at, {"loss": 1.0 / (1 + at), "val_loss": 1.0 + abs(at - 9) / 9}) for at in range(40)]
    journal.say({"epochs": losses})
    Stage(journal).scene(
        {"columns": [{"health": {"dead": 0.5, "saturated": None}}, {"health": {"dead": None, "saturated": None}}]}
    )
    if over:
        journal.say({"state": "interrupted", "says": "The worker died."})
    app.session_state["run"] = RUN
    app.run()
    assert not app.exception
    assert "Overfitting since epoch 20" in words(app)
    assert "Layer 1 (relu): 50% of its units are dead (0 for every row)." in words(app)
    button(app, "Add Dropout and early stopping").click().run()
    taken = read(app.session_state["seen"])
    assert (taken.name, taken.start, taken.fit.initial_epoch, taken.fit.epochs) == ("That ran", None, 0, 290)
    assert [layer.name for layer in taken.layers] == ["Dense", "Dropout", "Dense"]
    assert button(app, "Add Dropout and early stopping").disabled  # It is what is on screen.
    button(app, "Undo").click().run()
    assert read(app.session_state["seen"]).name == "On screen"
