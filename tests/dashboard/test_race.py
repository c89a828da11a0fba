"""The Race panel by the widgets that a person uses; the runs of a race as a worker would have left them."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.experiment.spec import read
from core.race.variants import NO_VALIDATION
from core.runs.journal import Journal
from dashboard.components.race import COLOURS
from dashboard.figures.loss_landscape import RacedPath, race_contours

pytestmark = pytest.mark.usefixtures("home")

SCORES = {"Adam": (50_000.0, 51_000.0, 52_000.0), "SGD": (60_000.0, 61_200.0, 61_900.0)}


def page() -> None:
    """The panel alone, and the experiment after it."""
    import streamlit as st

    from core.experiment.spec import read
    from dashboard.panels.race import race_panel
    from dashboard.session import state

    state.attach()
    if "given" in st.session_state:
        state.replace(read(st.session_state.pop("given")))
    told = state.take_note()
    if told:
        st.error(told)
    race_panel()
    st.button("Undo", key="undo", on_click=state.undo)
    st.session_state["seen"] = state.experiment().text()


@pytest.fixture
def app():
    """The page of a newcomer, in a workspace of their own."""
    return AppTest.from_function(page, default_timeout=30)


def seen(app: AppTest):
    """The experiment on screen."""
    return read(app.session_state["seen"])


def test_without_validation_rows_there_is_nothing_to_judge_a_race_by(app):
    app.run()
    value = seen(app).value()
    value["data"]["split"] |= {"train": 0.85, "validation": 0}
    app.session_state["given"] = json.dumps(value)
    app.run()
    assert not app.exception
    assert NO_VALIDATION in told(app)
    assert not [one for one in app.button if one.key == "race"]


def values_of(app: AppTest):
    return next(one for one in app.multiselect if one.key.startswith("race-values"))


def told(app: AppTest) -> str:
    """All sentences on the page."""
    return "\n".join(
        one.value for kind in (app.error, app.warning, app.caption, app.markdown, app.info) for one in kind
    ).replace("\\", "")


def race(app: AppTest, *values: str, seeds: int = 3):
    """Begins a race; what it handed over."""
    from dashboard.services import races

    values_of(app).set_value(list(values)).run()
    app.number_input(key="race-seeds").set_value(seeds).run()
    app.button(key="race").click().run()
    assert not app.exception
    return races().find(app.query_params["race"])


def finish(app: AppTest, found) -> None:
    """Has every run of a race end after two epochs, as its journal would tell."""
    from core.workspace import workspace

    for value, seed, run in found.runs:
        last = SCORES[value][seed]
        epochs = [
            [at, {"loss": loss, "val_loss": loss, "mae": mae, "val_mae": mae}]
            for at, loss, mae in ((1, 2.0, 1e5), (2, 1.0, last))
        ]
        journal = Journal(workspace(), run)
        journal.say({"epochs": epochs})
        journal.say({"state": "finished", "best": 2})
    app.run()
    assert not app.exception


def test_what_is_chosen_is_raced_with_all_seeds(app):
    app.run()
    assert not app.exception
    assert values_of(app).value == ["Adam", "SGD", "SGD with momentum"]
    assert "9 trainings" in told(app)
    found = race(app, "Adam", "SGD", seeds=2)
    assert [(value, seed) for value, seed, _ in found.runs] == [("Adam", 0), ("SGD", 0), ("Adam", 1), ("SGD", 1)]
    assert found.base == seen(app)
    assert "The comparison appears when all runs have ended." in told(app)


def test_values_of_ones_own_are_read_or_refused(app):
    app.run()
    app.selectbox(key="race-setting").set_value("learning_rate").run()
    values_of(app).set_value(["0.001", "0.5"]).run()
    assert not app.button(key="race").disabled
    values_of(app).set_value(["0.001", "0,5"]).run()
    assert not app.button(key="race").disabled
    values_of(app).set_value(["0.001", "quick"]).run()
    assert not app.exception
    assert "'quick' is not a number: write it like 0.0003." in told(app)
    assert app.button(key="race").disabled
    values_of(app).set_value(["0.001", "-1"]).run()
    app.button(key="race").click().run()
    assert "learning rate -1 is not possible" in told(app)
    assert "race" not in app.query_params


@pytest.mark.slow
def test_every_setting_begins_with_the_current_value_and_can_be_raced(app):
    app.run()
    for setting in ("optimizer", "learning_rate", "depth", "units", "activation", "dropout", "batch_size"):
        app.selectbox(key="race-setting").set_value(setting).run()
        assert len(values_of(app).value) == 3
        found = race(app, *values_of(app).value, seeds=1)
        assert found.setting.current(seen(app)) in found.values
        app.button(key="race-stop").click().run()
        app.button(key="race-new").click().run()


def test_the_verdict_has_numbers_in_the_targets_unit_and_a_variant_is_taken(app):
    app.run()
    finish(app, race(app, "Adam", "SGD"))
    assert "Adam is best: validation MAE $51,000 as mean of 3 seeds. SGD is significantly worse, by $10,033 (" in told(
        app
    )
    assert f"color: {COLOURS[1]}" in told(app)
    assert app.button(key="race-take-0").disabled  # On screen already.
    before = seen(app)
    app.button(key="race-take-1").click().run()
    assert not app.exception
    assert (seen(app).compile.optimizer.name, seen(app).data, seen(app).name) == ("SGD", before.data, before.name)
    app.button(key="undo").click().run()
    assert seen(app) == before


def test_one_seed_is_not_mistaken_for_a_difference(app):
    app.run()
    finish(app, race(app, "Adam", "SGD", seeds=1))
    assert "A test needs at least two seeds." in told(app)
    assert "worse" not in told(app)


def test_a_race_can_be_stopped_left_and_found_again(app):
    app.run()
    found = race(app, "Adam", "SGD", seeds=1)
    app.button(key="race-stop").click().run()
    assert not app.exception
    assert "No run of this race has a score." in told(app)
    app.button(key="race-new").click().run()
    assert "race" not in app.query_params
    again = AppTest.from_function(page, default_timeout=30)
    again.query_params["race"] = found.id
    again.run()
    assert not again.exception
    assert "No run of this race has a score." in told(again)


@pytest.mark.parametrize("name", ["ffffffffffff", "../../etc/passwd", ""])
def test_an_address_of_no_race_shows_the_form(app, name):
    app.query_params["race"] = name
    app.run()
    assert not app.exception
    assert app.button(key="race")


def landscape(found, **changes) -> dict:
    """As the worker writes it: a valley in x, and a straight path for each run, the first of which is left out."""
    drawn = [run for *_, run in found.runs][1:]
    paths = {
        run: {"epoch": [1, 2], "x": [-1.0, 0.0], "y": [float(at), 0.0], "loss": [1.5, 1.0], "best": 2}
        for at, run in enumerate(drawn)
    }
    value = {
        "version": 0, "state": "ready", "done": 1.0, "says": "", "x": [-1.0, 0.0, 1.0], "y": [-1.0, 0.0, 1.0],
        "loss": [[1.5, 1.0, 1.5]] * 3, "paths": paths, "centre": {"epoch": 2, "loss": 1.0}, "inside": 0.25,
        "explained": [0.75, 0.15], "rows": 652, "weights": 33, "left_out": [found.runs[0][2]],
    }  # fmt: skip
    return {**value, **changes}


def test_the_paths_are_drawn_on_the_landscape_of_the_best_run(app):
    from core.workspace import workspace

    app.run()
    found = race(app, "Adam", "SGD", seeds=2)
    finish(app, found)
    best = found.runs[0][2]  # Adam with the first seed has the lowest error.
    folder = workspace() / "races" / found.id
    folder.mkdir()
    for kind in ("path", "random"):
        (folder / f"{kind}-{best}.json").write_text(json.dumps(landscape(found)))
    app.toggle(key=f"race-land-{found.id}").set_value(True).run()
    assert not app.exception
    assert "The landscape is that of Adam, seed 0, around its weights of epoch 2" in told(app)
    assert "the shade the loss on 652 training rows. The lines are the saved epochs of 3 runs" in told(app)
    assert "they explain 90% of the variance, 75% the first and 15% the second" in told(app)
    assert "Not drawn, because of other shapes or no saved weights: Adam, seed 0." in told(app)
    app.button_group(key="race-land-kind").set_value("random").run()
    assert not app.exception
    assert "This plane contains 25% of the paths' squared distance from its centre." in told(app)
    failed = {"version": 0, "state": "failed", "done": 0.0, "says": "The table is gone."}
    (folder / f"random-{best}.json").write_text(json.dumps(failed))
    app.run()
    assert not app.exception
    assert "The table is gone." in told(app)


def test_a_raced_path_has_its_variants_colour_and_one_place_in_the_legend():
    landscape = {
        "x": [0.0, 1.0], "y": [0.0, 1.0], "loss": [[1.0, 2.0], [3.0, 4.0]],
        "paths": {run: {"epoch": [1, 4], "x": [1.0, 0.0], "y": [0.5, 0.0], "loss": [2.5, None]} for run in "ab"},
    }  # fmt: skip
    runs = [RacedPath(run, "rate <b>1</b>", "#123456", f"seed {at}") for at, run in enumerate("abc")]
    ground, *traces = race_contours(landscape, runs, "b", "path", log=False).data
    assert [list(row) for row in ground.z] == landscape["loss"]
    assert len(traces) == 6  # Edge, line and dots of two runs; the third was left out.
    assert [one.name for one in traces if one.showlegend is not False and one.name] == ["rate &lt;b&gt;1&lt;/b&gt;"]
    assert {traces[1].line.color, traces[2].marker.color, traces[4].line.color} == {"#123456"}
    assert [traces[at].marker.symbol for at in (2, 5)] == [("circle", "diamond"), ("circle", "star")]
    assert list(traces[5].text) == [
        "rate &lt;b&gt;1&lt;/b&gt;, seed 1<br>epoch 1<br>loss 2.50",
        "rate &lt;b&gt;1&lt;/b&gt;, seed 1<br>epoch 4<br>loss none",
    ]


def test_saved_runs_are_a_race_and_can_be_judged_by_rows_that_did_not_choose_the_epoch(app, monkeypatch):
    from dashboard.services import engine, races

    app.run()
    value = seen(app).value()
    value["compile"]["optimizer"] = {"class": "SGD", "learning_rate": 0.01}
    app.session_state["ld.race"] = races().start_again({"Adam": seen(app), "SGD": read(value)}, 3)
    app.run()
    assert not app.exception
    finish(app, found := races().find(app.query_params["race"]))
    app.selectbox(key=f"race-measure-{found.id}").set_value("mae").run()
    assert "**Saved runs**, 3 seeds" in told(app)
    assert "Adam is best: validation MAE $51,000 as mean of 3 seeds." in told(app)
    app.button(key="race-take-1").click().run()
    assert seen(app).compile.optimizer.name == "SGD"
    others = {run: {"scores": {"mae": 70_000.0 - 100 * seed}} for _, seed, run in found.runs}
    monkeypatch.setattr(engine(), "cross_fitted_scores", others.__getitem__, raising=False)
    app.toggle(key=f"race-cross-fitted-{found.id}").set_value(True).run()
    assert not app.exception
    assert "validation MAE $69,900 as mean of 3 seeds" in told(app)

    def none(_run: str) -> None:
        raise LookupError("18 validation rows are too few to split in half.")

    from dashboard.panels import cross_fitted_lanes

    cross_fitted_lanes._cross_fitted.cache_clear()
    monkeypatch.setattr(engine(), "cross_fitted_scores", none, raising=False)
    app.run()
    assert "The scores are those of the best epoch. 18 validation rows are too few" in told(app)
    assert "Adam is best: validation MAE $51,000" in told(app)
