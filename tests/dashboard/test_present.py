"""The presenter's page for runs in every state, as their journals tell: it never trains by itself."""

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.model.weight_history import Keeper
from core.runs.journal import Journal

RUN = "0123456789ab"


def page() -> None:
    """The page alone, and what was noted."""
    import streamlit as st

    from dashboard.session import state
    from dashboard.views import present

    state.attach()
    st.session_state["told"] = state.take_note()
    present.view()


@pytest.fixture
def journal(home: Path) -> Journal:
    """A run of the first experiment, of six epochs, whose weights are kept."""
    from dashboard.session.openings import first_experiment

    found = Journal(home, RUN)
    found.begin(first_experiment().text())
    found.say(
        {
            "epochs": [
                [at, {"loss": 1 / at, "mae": 1e5 / at, "val_loss": 1 / at, "val_mae": 1e5 / at}] for at in range(1, 7)
            ]
        }
    )
    keeper = Keeper(found.weights)
    keeper.begin(0, 0)
    for epoch in range(1, 7):
        keeper.keep(epoch, lambda: [np.zeros(3, "float32")])
    keeper.flush()
    return found


def shown(**address: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def component(app: AppTest, name: str) -> dict | None:
    """What a component of ours was given."""
    found = [one.proto for one in app.get("bidi_component") if one.proto.component_name.endswith(f"layerdeck_{name}")]
    return json.loads(found[0].json or found[0].mixed.json) if found else None


def test_a_run_that_is_over_is_played(journal: Journal) -> None:
    journal.say({"state": "finished", "best": 5})
    app = shown(run=RUN)
    given = component(app, "playback")
    assert given["url"] == f"/api/runs/{RUN}/playback"
    assert list(given["words"]) == ["1", "2", "3", "4", "5", "6"]
    assert given["words"]["2"].startswith("Trained for 2 epochs. The validation MAE is $50,000.")
    assert component(app, "network")["url"] == ""  # Its scenes are handed over.
    assert app.button(key="present-train").label == "Train"


@pytest.mark.parametrize("state", ["failed", "interrupted", None])
def test_what_trains_or_did_not_end_well_is_not_played(journal: Journal, state: str | None) -> None:
    if state:
        journal.say({"state": state, "says": "It broke."})
    app = shown(run=RUN)
    assert component(app, "playback") is None
    assert component(app, "network")["run"] == RUN
    assert [one.key for one in app.button] == (["present-train"] if state else [])


def test_looking_trains_nothing_and_a_press_does(journal: Journal, home: Path) -> None:
    from core.runs.live_view_files import Viewer
    from dashboard.services import engine

    journal.say({"state": "finished", "best": 5})
    Viewer(journal).want([{"sqft": "1500"}], None)
    for _ in range(3):
        app = shown(run=RUN)
        app.run()
        assert component(app, "network")["pins"] == ["1500 sqft"]
    assert [path.name for path in (home / "runs").iterdir()] == [RUN]
    app.button(key="present-train").click().run()
    assert not app.exception
    (fresh,) = engine().active()
    assert app.query_params["run"] in (fresh.id, [fresh.id])
    assert Viewer(Journal(home, fresh.id)).wanted() == {"pins": [{"sqft": "1500"}], "plane": None}
    assert Viewer(journal).wanted() == {"pins": [{"sqft": "1500"}], "plane": None}


TRIALS = [(0.001, 42_500.0), (0.01, 41_000.0)]  # Rate and score.


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (
            "running",
            "2 of 40 trials have ended. Trial 2 is the best so far: validation MAE \\$41,000, the start \\$42,500.",
        ),
        (
            "stopped",
            "2 trials have ended. Trial 2 is the best: validation MAE \\$41,000, the start \\$42,500.",
        ),
    ],
)
def test_a_search_is_presented_with_its_curves_and_the_best_so_far(home: Path, state: str, says: str) -> None:
    from core.runs.search_files import Budget, Search, SearchFolder
    from core.search.space import Space
    from dashboard.session.openings import first_experiment

    rate = "compile.optimizer.learning_rate"
    space = Space.read({rate: {"low": 1e-4, "high": 0.1, "log": True}})
    folder = SearchFolder(home, "abcdefabcdef")
    name = "<b>*Search*</b>"
    base = first_experiment().model_copy(update={"name": name})
    folder.begin(Search(folder.id, base, space, Budget(40), "mae", False, "tpe", "median", 0, 1e9, "x"))
    assert "0 of 40 trials have ended." in [one.value.removeprefix("### ") for one in shown(search=folder.id).markdown]
    for number, (value, score) in enumerate(TRIALS, start=1):
        folder.say({"trial": number, "run": f"{number:012x}", "values": {rate: value}})
        end = {"state": "finished", "epoch": 2, "epochs": 5, "best": score, "best_epoch": 2}
        folder.say({"ended": number, "pruned": False, **end})
    folder.say({"state": state})
    app = shown(search=folder.id)
    assert app.title[0].value == r"Search around \<b>\*Search\*\</b>"
    assert f"### {says}" in [one.value for one in app.markdown]
    given = component(app, "search")
    assert (given["search"], given["table"], given["height"]) == (folder.id, False, 380)
    assert not app.button, "nothing is trained, stopped or opened from here"
    assert component(app, "network") is None


def test_without_a_run_and_with_one_that_is_gone_there_is_a_sentence(home: Path) -> None:
    assert home
    assert "nothing to present yet" in shown().info[0].value
    assert "There is no run" in shown(run="ffffffffffff").info[0].value
    assert "There is no search" in shown(search="ffffffffffff").info[0].value
