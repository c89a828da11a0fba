"""The slider over epochs: which epoch is asked for, and what is said where it cannot be had."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.panels import epoch_slider

pytestmark = pytest.mark.usefixtures("home")
SCORES = {"loss": 9.0, "mae": 2.0}
POINTS = {"y": {"actual": [1.0, 2.0, 4.0], "predicted": [1.5, 2.0, 3.0]}}
RESULT = {
    "epoch": 3,
    "best_epoch": 3,
    "epochs": 3,
    "scores": dict.fromkeys(("test", "validation", "train"), SCORES),
    "test": SCORES,
    "baselines": {"mean": {"test": SCORES}},
    "figures": POINTS,
}
CARD = {"features": [], "targets": [{"target": "y", "task": "regression", "classes": []}]}


def page(value: dict, result: dict, card: dict, tab: str) -> None:
    """The slider with its sections, one of them open."""
    import streamlit as st

    from core.experiment.spec import read
    from dashboard.panels.epoch_slider import at_any_epoch
    from dashboard.session import state

    state.attach()
    st.session_state["evaluation-tabs"] = tab
    at_any_epoch("0" * 12, read(value), result, card, lambda: None)


def test_the_overview_alone_asks_for_the_epoch_of_the_slider(experiment_of, monkeypatch):
    """An epoch is asked for once, and where it cannot be had the model's own is shown and the line says why."""
    asked, gone = [], "This run saved no weights of its epochs."

    def look(_run: str, epoch: int, _rows: object = None) -> dict:
        asked.append(epoch)
        if epoch == 1:
            raise LookupError(gone)
        return {"epoch": epoch, "scores": RESULT["scores"], "figures": POINTS, "predictions": None}

    def evaluate(*_question: object, **_options: object) -> None:
        raise LookupError("There is no such run.")

    engine = SimpleNamespace(look=look, evaluate=evaluate, trouble="")
    monkeypatch.setattr(epoch_slider, "engine", lambda: engine)
    monkeypatch.setattr("dashboard.panels.asked_evaluation.engine", lambda: engine)
    monkeypatch.setattr(epoch_slider.Journal, "kept_epochs", lambda _self: [1, 2, 3])
    value = experiment_of().value()

    def shown(epoch: int, tab: str) -> AppTest:
        app = AppTest.from_function(page, default_timeout=30, args=(value, RESULT, CARD, tab)).run()
        app.select_slider(key=f"epoch-{'0' * 12}").set_value(epoch).run()
        assert not app.exception
        return app

    def line(app: AppTest) -> str:
        return " ".join(one.value for one in app.markdown)

    assert "**Epoch 2** of 3, best is 3." in line(shown(2, "Rows"))
    assert asked == []
    for _ in range(2):
        assert "**Epoch 2** of 3, best is 3." in line(shown(2, "Overview"))
    assert asked == [2]
    app = shown(1, "Overview")
    assert gone in line(app)
    labels = list(app.dataframe[0].value[""])
    assert labels[0] == "best epoch 3, test"
    assert len(set(labels)) == len(labels) == 4  # Test, validation and training once, and the baseline.
