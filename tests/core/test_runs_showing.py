"""How a training and its watchers meet over what is drawn: files that are whole, and nothing that no one asked for."""

import json
import os
import time

import pytest

from core.runs.commands import Orders, check_order
from core.runs.journal import Journal
from core.runs.live_view_files import Stage, Viewer


@pytest.fixture
def journal(tmp_path):
    """A run that was submitted."""
    found = Journal(tmp_path, "0123456789ab")
    found.begin("{}")
    return found


def test_a_training_shows_itself_only_to_those_who_look(journal):
    stage, viewer = Stage(journal), Viewer(journal)
    assert not stage.watched()
    viewer.watch()
    assert Stage(journal).watched()
    longer_ago = time.time() - 60
    os.utime(journal.folder / "show" / "watched", (longer_ago, longer_ago))
    assert not Stage(journal).watched()


def test_a_run_that_is_not_there_is_not_made_by_looking(tmp_path):
    viewer = Viewer(Journal(tmp_path, "ffffffffffff"))
    viewer.watch()
    assert viewer.scene(0, 0) is None
    assert not (tmp_path / "runs").exists()


def test_a_scene_is_handed_out_once_with_what_does_not_move(journal):
    stage, viewer = Stage(journal), Viewer(journal)
    assert viewer.scene(0, 0) is None
    stage.still({"inputs": ["a"]})
    stage.scene({"epoch": 1})
    first = json.loads(viewer.scene(0, 0))
    assert (first["scene"], first["still"]) == ({"epoch": 1}, {"inputs": ["a"]})
    assert viewer.scene(first["number"], first["of"]) is None
    stage.scene({"epoch": 2})
    second = json.loads(viewer.scene(first["number"], first["of"]))
    assert second["scene"] == {"epoch": 2}
    assert "still" not in second
    later = Stage(journal)  # Of a worker that took the run over: its numbers go on growing.
    later.still({"inputs": ["b"]})
    later.scene({"epoch": 3})
    third = json.loads(viewer.scene(second["number"], second["of"]))
    assert third["number"] > second["number"]
    assert third["still"] == {"inputs": ["b"]}


def test_a_wish_is_heard_once(journal):
    stage, viewer = Stage(journal), Viewer(journal)
    assert stage.looks() is None
    assert viewer.want([{"sqft": "1500"}] * 20, ["sqft", "beds"])
    assert not viewer.want([{"sqft": "1500"}] * 20, ["sqft", "beds"])
    looks = stage.looks()
    assert (len(looks.pins), looks.plane) == (8, ["sqft", "beds"])
    assert stage.looks() is None
    assert viewer.want([], None)
    assert stage.looks().plane is None


@pytest.mark.parametrize("damage", ["", "7", "7 x {}", "{", "\x00"])
def test_a_damaged_scene_is_no_scene(journal, damage):
    Stage(journal).scene({"epoch": 1})
    (journal.folder / "show" / "scene.json").write_text(damage)
    assert Viewer(journal).scene(0, 0) is None
    (journal.folder / "show" / "looks.json").write_text(damage)
    assert Stage(journal).looks() is None


def test_batches_and_epochs_are_asked_for_while_it_waits(journal):
    orders = Orders(journal)
    for order in ({"do": "epoch"}, {"do": "step"}, {"do": "step"}, {"do": "speed", "value": 5}):
        journal.order(order)
    orders.look()
    assert (orders.paused, orders.waits, orders.more_epochs, orders.more_steps, orders.speed) == (
        True,
        False,
        1,
        2,
        5.0,
    )
    # The same orders, read before the training begins for the first time, still hold; read again after a break they
    # were made.
    assert Orders(journal).more_steps == 2
    assert Orders(journal, since=1, again=True).waits
    journal.order({"do": "continue"})
    assert not Orders(journal).paused


@pytest.mark.parametrize("value", [None, "fast", True, -1, 1001, float("nan")])
def test_a_speed_that_is_none_is_refused(value, experiment_of):
    with pytest.raises(ValueError, match="from 0 \\(full\\) to 1000 epochs a second"):
        check_order({"do": "speed", "value": value}, experiment_of(), 10)
    check_order({"do": "speed", "value": 0}, experiment_of(), 10)
    check_order({"do": "step"}, experiment_of(), 10)
