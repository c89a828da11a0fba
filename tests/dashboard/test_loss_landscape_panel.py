"""The landscape's figures as values, its sentences, and its panel by the widgets that a person uses."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.runs.journal import Journal
from core.workspace import workspace
from dashboard.figures.loss_landscape import contours, has_log, spread, surface

pytestmark = pytest.mark.usefixtures("home")

RUN = "0123456789ab"


def land(**changes) -> dict:
    """A plane of slope 1 in x and 10 in y, above 1, and a path of three epochs down it; the second is the best."""
    x, y = [-1.0, 0.0, 1.0], [0.0, 1.0, 2.0]
    path = {"epoch": [1, 2, 5], "x": [1.0, 0.5, 0.0], "y": [2.0, 0.5, 0.0], "loss": [24.0, 7.5, 2.0]}
    value = {
        "version": 0, "state": "ready", "done": 1.0, "says": "", "x": x, "y": y,
        "loss": [[2 + a + 10 * b for a in x] for b in y],
        "path": path, "best": 2, "centre": {"epoch": 5, "loss": 2.0}, "inside": 0.034, "explained": [0.9, 0.08],
        "rows": 250, "weights": 33,
    }  # fmt: skip
    return {**value, **changes}


def test_the_path_lies_on_the_drawn_surface():
    drawn = surface(land(), log=False)
    land_below, edge = drawn.data[0], drawn.data[1]
    assert [list(row) for row in land_below.z] == land()["loss"]
    height = 23 - 1  # From the lowest loss to the highest; the line lies a hair above.
    assert list(edge.z) == pytest.approx([23.0, 7.5, 2.0], abs=0.05 * height)
    assert list(edge.z) == pytest.approx([2 + a + 10 * b + 0.012 * height for a, b in zip(edge.x, edge.y, strict=True)])


def test_start_best_and_end_are_marked_and_what_falls_together_once():
    names = [trace.name for trace in contours(land(), "path", False).data if trace.name]
    assert names == ["start: epoch 1", "best: epoch 2", "end: epoch 5"]
    assert [trace.name for trace in surface(land(best=5), False).data if trace.name] == [
        "start: epoch 1",
        "best and end: epoch 5",
    ]


def test_a_logarithm_is_marked_with_the_losses_themselves():
    figure = contours(land(), "random", True)
    assert figure.data[0].z[0][1] == pytest.approx(0.30103)  # Of 2.
    assert list(figure.data[0].colorbar.ticktext) == ["1.00", "3.00", "10.00"]
    assert figure.layout.xaxis.title.text == "first random direction"
    assert (has_log(land()), spread(land())) == (True, 23.0)
    assert not has_log(land(loss=[[0.0, 1.0, 1.0]] * 3))


def test_losses_that_are_no_numbers_are_gaps():
    gaps = land(loss=[[None, 1.0, 2.0], [None, None, 3.0], [None] * 3])
    for figure in (contours(gaps, "path", True), surface(gaps, True)):
        assert [list(row) for row in figure.data[0].z][2] == [None] * 3
    assert surface(gaps, False).data[1].z[0] is None


def page() -> None:
    """The panel alone."""
    from dashboard.panels.loss_landscape import loss_landscape_panel

    loss_landscape_panel("0123456789ab")


@pytest.fixture
def app(experiment_of):
    """A page in a workspace with a run that is over, whose landscapes another process has computed; nothing of
    TensorFlow's is needed.
    """
    from core.model.weight_history import Keeper

    journal = Journal(workspace(), RUN)
    journal.begin(experiment_of().text())
    keeper = Keeper(journal.weights)
    keeper.begin(0, 0)
    for epoch in range(1, 6):
        keeper.keep(epoch, lambda epoch=epoch: [np.full(2, epoch, "float32")], last=epoch == 5)
    keeper.end(5, 2, None)
    journal.say({"epochs": [[epoch, {"loss": 1.0}] for epoch in range(1, 6)]})
    journal.say({"state": "finished", "says": "", "best": 2})
    (journal.folder / "terrain").mkdir()
    for kind in ("path", "random"):
        (journal.folder / "terrain" / f"{kind}.json").write_text(json.dumps(land()))
    return AppTest.from_function(page, default_timeout=30)


def told(app: AppTest) -> str:
    """All sentences on the page, without what Markdown needs."""
    return "\n".join(one.value for kind in (app.warning, app.caption, app.info) for one in kind).replace("\\", "")


def test_the_panel_says_what_is_seen_for_each_choice_of_directions(app):
    app.run()
    assert not app.exception
    assert (
        "the loss on 250 training rows. In this plane, the loss went from 24.00 at epoch 1 to 2.00 at epoch 5"
        in told(app)
    )
    assert "they explain 98% of its variance, 90% the first and 8.0% the second" in told(app)
    assert app.toggle[0].value  # The highest is 23 times the lowest.
    app.button_group(key="landscape-kind").set_value("random").run()
    assert not app.exception
    assert "and the loss is 1.00 to 23.00. This plane contains only 3.4% of the path of the 33 weights" in told(app)
    app.button_group(key="landscape-drawn").set_value("surface").run()
    app.toggle[0].set_value(False).run()
    assert not app.exception


def test_while_the_worker_starts_or_computes_there_is_a_sign_of_life(app):
    (workspace() / "runs" / RUN / "terrain" / "path.json").unlink()
    app.run()
    assert not app.exception
    assert app.toggle[0].disabled
    assert told(app) == ""
    assert app.get("progress")[0].proto.text.startswith("The worker is still starting")


def test_what_failed_is_said_and_can_be_tried_again(app):
    failed = {"version": 0, "state": "failed", "done": 0.0, "says": "The table is gone."}
    (workspace() / "runs" / RUN / "terrain" / "path.json").write_text(json.dumps(failed))
    app.run()
    assert not app.exception
    assert told(app) == "The table is gone."
    app.button(key="landscape-again").click().run()
    assert not app.exception


def without_a_run() -> None:
    """The panel before a training."""
    from dashboard.panels.loss_landscape import loss_landscape_panel

    loss_landscape_panel(None)


def test_without_a_run_the_panel_says_what_to_press():
    app = AppTest.from_function(without_a_run, default_timeout=30).run()
    assert not app.exception
    assert told(app).startswith("Press Train. After the training")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda journal: journal.weights.unlink(),
            "The training path needs the weights of at least 3 epochs; this run saved those of 0",
        ),
        (lambda journal: journal.say({"state": "queued"}), "It appears here when this training has ended"),
        (
            lambda journal: journal.say({"state": "queued"}) or journal.say({"state": "failed", "says": ""}),
            "ended without a model",
        ),
        (
            lambda journal: (journal.folder / "submitted.json").unlink(),
            "There is no run 0123456789ab in this workspace",
        ),
    ],
)
def test_a_run_without_a_loss_landscape_says_why(app, change, says):
    change(Journal(workspace(), RUN))
    app.run()
    assert not app.exception
    assert says in told(app)
