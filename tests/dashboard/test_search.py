"""The Search panel by the widgets that a person uses; the trials of a search as its driver would have noted them."""

import json
import time

import pytest
from streamlit.testing.v1 import AppTest

from core.experiment.spec import read
from core.runs.search_files import Budget, Search, SearchFolder
from core.search.checked_space import NO_VALIDATION_ROWS
from core.search.space import Space
from core.workspace import workspace
from dashboard.panels.search_form import NO_METRIC

pytestmark = pytest.mark.usefixtures("home")

RATE = "compile.optimizer.learning_rate"
SPACE = {RATE: {"low": 1e-4, "high": 0.1, "log": True}, "activation": {"choices": ["relu", "tanh"]}}
RUNS = [f"{at:012x}" for at in range(1, 9)]


def page() -> None:
    """The panel alone, and the experiment after it."""
    import streamlit as st

    from core.experiment.spec import read
    from dashboard.panels.search import search_of_run, search_panel
    from dashboard.session import state

    state.attach()
    if "given" in st.session_state:
        state.replace(read(st.session_state.pop("given")))
    told = state.take_note()
    if told:
        st.error(told)
    search_panel()
    search_of_run(st.session_state.get("run", "0" * 12))
    st.button("Undo", key="undo", on_click=state.undo)
    st.session_state["seen"] = state.experiment().text()


@pytest.fixture
def app():
    """The page of a newcomer, in a workspace of their own."""
    return AppTest.from_function(page, default_timeout=60)


def seen(app: AppTest):
    """The experiment on screen."""
    return read(app.session_state["seen"])


def told(app: AppTest) -> str:
    """All sentences on the page."""
    return "\n".join(
        one.value for kind in (app.error, app.warning, app.caption, app.markdown, app.info, app.success) for one in kind
    ).replace("\\", "")


def widget(kind, start: str):
    """The widget whose key begins so; keys end with the revision of the experiment."""
    return next(one for one in kind if one.key.startswith(start))


def drawn(app: AppTest) -> AppTest:
    """The page, drawn again without a traceback."""
    app.run()
    assert not app.exception
    return app


def shown(app: AppTest):
    """The search that the address names."""
    from dashboard.services import searches

    return searches().find(app.query_params["search"])


def test_what_is_proposed_is_searched_at_a_press(app):
    drawn(app)
    usual = ["units", "depth", "dropout", RATE, "fit.batch_size", "data.scaling.number"]
    assert widget(app.multiselect, "search-vary").value == usual
    assert (
        "Up to 40 trials over 6 settings, compared by validation MAE. Then the 5 best trials and the start are trained "
        "again with 2 new seeds, to choose the best of them (up to 12 trainings)." in told(app)
    )
    before = seen(app)
    app.button(key="search").click().run()
    assert not app.exception
    found = shown(app)
    assert (found.base, found.budget, found.measure) == (before, Budget(40, None), "mae")
    assert (found.sampler, found.pruner, found.seeds, found.finalist_seeds) == ("tpe", "median", 5, 2)
    assert found.space.value()["units"] == {"low": 16, "high": 256, "log": True}
    assert found.space.value()["dropout"] == {"choices": [0.0, 0.1, 0.2, 0.3, 0.5]}
    assert found.space.value()["data.scaling.number"] == {"choices": ["standard", "log", "quantile bins"]}
    assert "Search around Homes in Sacramento, 6 settings" in told(app).replace("*", "")


def test_searches_are_left_at_once_while_the_worker_still_starts(app):
    from dashboard.services import searches

    drawn(app)
    app.button(key="search").click().run()
    (driver,) = searches()._drivers.values()
    assert driver.alive
    begun = time.monotonic()
    searches().close()
    assert not driver.alive
    assert time.monotonic() - begun < 5  # Ten, when it waited for the record of runs to be opened.


def test_ranges_choices_and_method_are_ones_own_and_survive_another_tab(app):
    drawn(app)
    widget(app.multiselect, "search-vary").set_value([RATE, "activation", "layers.0.units"]).run()
    widget(app.number_input, f"search-low-{RATE}").set_value(0.0005).run()
    widget(app.number_input, "search-high-layers.0.units").set_value(24).run()
    widget(app.checkbox, "search-log-layers.0.units").uncheck().run()
    widget(app.multiselect, "search-choices-activation").set_value(["relu", "elu"]).run()
    app.number_input(key="search-trials").set_value(None).run()
    app.number_input(key="search-minutes").set_value(10).run()
    app.selectbox(key="search-sampler").set_value("random").run()
    app.selectbox(key="search-pruner").set_value("none").run()
    app.number_input(key="search-seeds").set_value(0).run()
    app.number_input(key="search-finalist-seeds").set_value(0).run()
    widget(app.selectbox, "search-measure").set_value("loss").run()
    drawn(app)
    assert "Up to 10 minutes over 3 settings, compared by validation loss (MeanSquaredError)." in told(app)
    assert "new seeds" not in told(app)
    app.button(key="search").click().run()
    found = shown(app)
    assert found.space.value() == {
        RATE: {"low": 0.0005, "high": 0.01, "log": True},
        "activation": {"choices": ["relu", "elu"]},
        "layers.0.units": {"low": 8, "high": 24},
    }
    assert (found.budget, found.measure, found.sampler, found.pruner, found.seeds) == (
        Budget(None, 10),
        "loss",
        "random",
        "none",
        0,
    )
    assert found.finalist_seeds == 0
    app.button(key="search-new").click().run()
    assert "search" not in app.query_params
    assert widget(app.multiselect, "search-vary").value == [RATE, "activation", "layers.0.units"]  # As it was.


def test_what_is_no_space_is_said_and_cannot_be_pressed(app):
    drawn(app)
    widget(app.number_input, f"search-low-{RATE}").set_value(0.5).run()
    assert not app.exception
    assert f"{RATE}: low < high must hold, but got low 0.5 and high 0.01." in told(app)
    assert app.button(key="search").disabled
    widget(app.number_input, f"search-low-{RATE}").set_value(0.0).run()
    assert "a logarithmic range starts above 0" in told(app)
    widget(app.multiselect, "search-vary").set_value([]).run()
    assert "Choose at least one setting to vary." in told(app)
    assert app.button(key="search").disabled


def test_a_range_that_the_experiment_refuses_is_a_sentence_at_the_press(app):
    drawn(app)
    widget(app.number_input, f"search-high-{RATE}").set_value(5000.0).run()
    app.button(key="search").click().run()
    assert not app.exception
    assert f"{RATE}: 5000 is not possible" in told(app)
    assert "search" not in app.query_params


def test_the_loss_is_no_measure_where_trials_change_its_meaning(app):
    drawn(app)
    value = seen(app).value()
    value["layers"][0]["kernel_regularizer"] = {"class": "L2", "l2": 0.01}
    app.session_state["given"] = json.dumps(value)
    drawn(app)
    widget(app.multiselect, "search-vary").set_value(["layers.0.kernel_regularizer.l2"]).run()
    assert "loss" not in [one.lower() for one in widget(app.selectbox, "search-measure").options]
    value["compile"]["metrics"] = []
    app.session_state["given"] = json.dumps(value)
    drawn(app)
    assert NO_METRIC in told(app)
    assert app.button(key="search").disabled


def test_without_validation_rows_there_is_nothing_to_search_by(app):
    drawn(app)
    value = seen(app).value()
    value["data"]["split"] |= {"train": 0.85, "validation": 0}
    app.session_state["given"] = json.dumps(value)
    drawn(app)
    assert NO_VALIDATION_ROWS in told(app)
    assert not [one for one in app.button if one.key == "search"]


def test_settings_of_a_layer_that_was_deleted_are_dropped(app):
    drawn(app)
    widget(app.multiselect, "search-vary").set_value([RATE, "layers.0.units"]).run()
    value = seen(app).value()
    del value["layers"][0]
    app.session_state["given"] = json.dumps(value)
    drawn(app)
    assert widget(app.multiselect, "search-vary").value == [RATE]


# ---------------------------------------------------------------- a search on screen


def noted(base, trials, state: str | None = None, seeds: int = 5, again=None) -> SearchFolder:
    """A search that nobody drives: (rate, activation, score, pruned) of each trial that ended."""
    folder = SearchFolder(workspace(), "abcdefabcdef")
    folder.begin(Search(folder.id, base, Space.read(SPACE), Budget(40), "mae", False, "tpe", "median", seeds, 1e9, "x"))
    for number, (rate, activation, score, pruned) in enumerate(trials, start=1):
        run = RUNS[number - 1]
        folder.say({"trial": number, "run": run, "values": {RATE: rate, "activation": activation}})
        end = {"state": "stopped" if pruned else "finished", "epoch": 2, "epochs": 5, "best": score, "best_epoch": 2}
        folder.say({"ended": number, "pruned": pruned, **end})
    if again:
        folder.plan(again)
    if state:
        folder.say({"state": state})
    return folder


TRIALS = [(0.001, "tanh", 42_500.0, False), (0.01, "relu", 41_000.0, False), (0.1, "relu", 60_000.0, True)]


def test_the_best_is_opened_as_the_experiment_and_undone(app):
    drawn(app)
    before = seen(app)
    folder = noted(before, TRIALS)
    app.query_params["search"] = folder.id
    again = AppTest.from_function(page, default_timeout=60)
    again.query_params["search"] = folder.id
    drawn(again)
    assert "Search around Homes in Sacramento, 2 settings" in told(again).replace("*", "")
    base = seen(again)
    again.button(key="search-best").click().run()
    assert not again.exception
    assert seen(again) == Space.read(SPACE).experiment(before, {RATE: 0.01, "activation": "relu"})
    again.button(key="undo").click().run()
    assert seen(again) == base


def test_the_best_before_any_trial_has_ended_is_a_sentence(app):
    drawn(app)
    folder = noted(seen(app), [])
    app.session_state["ld.search"] = folder.id
    drawn(app)
    app.button(key="search-best").click().run()
    assert not app.exception
    assert "No trial has ended with a score yet." in told(app)


def test_stop_keeps_the_best_and_asks_for_its_confirmation(app):
    drawn(app)
    folder = noted(seen(app), TRIALS)
    app.session_state["ld.search"] = folder.id
    drawn(app)
    app.button(key="search-stop").click().run()
    assert not app.exception
    assert folder.stopped() == {"confirm": True}
    folder.say({"state": "confirming"})
    drawn(app)
    app.button(key="search-stop").click().run()
    assert folder.stopped() == {"confirm": False}
    folder.say({"state": "stopped"})
    drawn(app)
    assert not [one for one in app.button if one.key == "search-stop"]
    assert "chosen by its validation score among many" in told(app)


def test_the_end_says_whether_the_best_is_better_than_the_start(app):
    drawn(app)
    runs = {"start": RUNS[3:5], "best": RUNS[5:7]}
    scores = {"start": [42_000.0, 43_000.0], "best": [41_000.0, 42_100.0]}
    tests = {"start": [52_000.0, 53_000.0], "best": [51_000.0, 52_100.0]}
    intervals = {name: {"value": 52_000.0, "low": 47_000.0, "high": 58_000.0} for name in runs}
    again = {"seeds": [1, 2], "runs": runs, "validation": scores, "test": tests, "intervals": intervals, "rows": 140}
    app.session_state["ld.search"] = noted(seen(app), TRIALS, "finished", again=again).id
    drawn(app)
    table = app.dataframe[0].value
    assert list(table[""]) == ["Start", "Trial 2, best"]
    # (42,000 + 43,000) / 2 and (41,000 + 42,100) / 2; (52,000 + 53,000) / 2 and (51,000 + 52,100) / 2.
    assert list(table["validation MAE"]) == ["$42,500", "$41,550"]
    assert list(table["test MAE"]) == ["$52,500", "$51,550"]
    assert list(table["95% interval"]) == ["$47,000 to $58,000"] * 2
    assert "Means of 2 new seeds. The test rows had no part in the search" in told(app)
    assert "rial 2" in told(app)


def test_the_finalists_choose_the_best_and_their_scores_are_shown(app):
    drawn(app)
    folder = noted(seen(app), TRIALS, "confirming")
    scores = {"2": [43_000.0, 44_000.0], "1": [42_000.0, 42_400.0]}
    runs = {"2": RUNS[3:5], "1": RUNS[5:7]}
    folder.plan_finalists({"seeds": [8, 9], "runs": runs})
    app.session_state["ld.search"] = folder.id
    drawn(app)
    assert feed()["again"] == [0, 4 + 2 * 5]  # The finalists, then start and best with 5 seeds each.
    assert feed()["best"] == 2
    folder.plan_finalists({"seeds": [8, 9], "runs": runs, "validation": scores})
    folder.say({"state": "stopped"})
    drawn(app)
    assert (
        "The best trial and the start were trained again with 2 new seeds: no trial was better, so the start stays the "
        "best, mean validation MAE 42,200." in told(app)
    )
    assert app.dataframe[0].value.to_dict("records") == [
        {"": "Start", "validation MAE, new seeds": "$42,200", "of its trial": "$42,500"},
        {"": "Trial 2", "validation MAE, new seeds": "$43,500", "of its trial": "$41,000"},
    ]
    assert feed()["best"] == 1


def test_a_start_that_stays_the_best_is_one_row(app):
    drawn(app)
    runs = {"start": RUNS[3:5]}
    again = {"seeds": [1, 2], "runs": runs, "validation": {"start": [42_000.0, 43_000.0]}, "test": {}, "intervals": {}}
    app.session_state["ld.search"] = noted(seen(app), TRIALS[:1], "finished", again={**again, "rows": 0}).id
    drawn(app)
    assert "No trial is better than where you started" in told(app)
    assert app.dataframe[0].value.to_dict("records") == [{"": "Trial 1, start and best", "validation MAE": "$42,500"}]
    assert "on the validation rows, by which the trials were chosen" in told(app)


@pytest.mark.parametrize("name", ["ffffffffffff", "../../etc/passwd", ""])
def test_an_address_of_no_search_shows_the_form(app, name):
    app.query_params["search"] = name
    drawn(app)
    assert app.button(key="search")


def test_an_earlier_search_is_opened_from_the_form(app):
    drawn(app)
    folder = noted(seen(app), TRIALS, "stopped")
    drawn(app)
    app.selectbox(key="search-earlier").set_value(folder.id).run()
    assert not app.exception
    assert app.query_params["search"] == folder.id


def test_a_run_leads_to_the_search_that_it_was_trained_for(app):
    drawn(app)
    noted(seen(app), TRIALS, "stopped")
    drawn(app)
    assert not [one for one in app.button if one.key == "search-of-run"]
    app.session_state["run"] = RUNS[1]
    drawn(app)
    assert app.button(key="search-of-run").label == "Trained for a search around Homes in Sacramento"


# ---------------------------------------------------------------- what the browser asks for


def feed(known: int = 0, going_on=None) -> dict:
    from dashboard.search_feed import search_feed
    from dashboard.services import engine, searches

    return search_feed(searches(), engine(), "abcdefabcdef", known, going_on or {})


def test_the_feed_has_what_is_new_of_the_trials(app):
    drawn(app)
    folder = noted(seen(app), TRIALS)
    first = feed()
    assert [one["number"] for one in first["trials"]] == [1, 2, 3]
    assert (first["state"], first["best"], first["again"]) == ("running", 2, None)
    assert first["trials"][1]["values"] == {RATE: 0.01, "activation": 0}  # The first of the choices.
    assert [one["ranked"] for one in first["trials"]] == [True, True, False]
    assert feed(known=3)["trials"] == []
    folder.say({"trial": 4, "run": "", "values": {RATE: 0.02, "activation": "tanh"}})
    assert [one["number"] for one in feed(known=3)["trials"]] == [4]
    assert [one["number"] for one in feed(known=4, going_on={4: 0})["trials"]] == [4]
    assert json.dumps(feed())


def test_a_search_that_is_not_there_is_a_lookup_error(app):
    drawn(app)
    with pytest.raises(LookupError):
        feed()
