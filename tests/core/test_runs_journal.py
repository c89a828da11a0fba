"""A run's folder: lines survive crashes and full disks, and tell how far the run has come and whether anyone works on
it.
"""

import json
import subprocess
import sys

import pytest

from core import __version__
from core.runs.commands import Orders, check_order
from core.runs.journal import MOST_ATTEMPTS, Journal, Lines, Progress, killed_for_memory, unfinished
from core.runs.run_state import LiveRun
from core.runs.run_training import Telling

RUN = "0123456789ab"


@pytest.fixture
def journal(tmp_path, experiment_of):
    """The journal of a run that was submitted."""
    journal = Journal(tmp_path, RUN)
    journal.begin(experiment_of(epochs=10).text())
    return journal


def epoch(number: int) -> dict:
    """What a training says after an epoch."""
    return {"epochs": [[number, {"loss": 1 / number, "val_loss": 2 / number}]]}


def test_a_run_keeps_the_version_that_trains_it(journal):
    assert journal.submitted()["layerdeck"] == __version__


def test_a_run_that_is_submitted_with_its_owner_is_noted_once(tmp_path, experiment_of):
    journal = Journal(tmp_path, "00000000000a")
    owner = {"owner": "scheduler", "address": "tls://127.0.0.1:1", "engine": "engine.lock"}
    journal.begin(experiment_of().text(), **owner)
    file = journal.folder / "submitted.json"
    before = file.stat().st_ino
    journal.adopt(**owner)
    assert file.stat().st_ino == before
    journal.adopt("another", address="tls://127.0.0.1:2")
    assert file.stat().st_ino != before
    assert {name: journal.submitted()[name] for name in owner} == {
        "owner": "another",
        "address": "tls://127.0.0.1:2",
        "engine": "engine.lock",
    }


@pytest.mark.parametrize("name", ["", "..", "../../etc", "0123456789ab/", "0123456789AB"])
def test_what_is_no_name_of_a_run_becomes_no_path(tmp_path, name):
    with pytest.raises(LookupError):
        Journal(tmp_path, name)


def test_a_reader_gets_each_line_once_and_no_half_lines(tmp_path):
    writer, reader = Lines(tmp_path / "deep" / "lines"), Lines(tmp_path / "deep" / "lines")
    assert reader.fresh() == []
    assert reader.last() == {}
    writer.append({"a": 1})
    assert reader.fresh() == [{"a": 1}]
    with writer.path.open("a") as file:
        file.write('{"b": ')  # A crash, or a disk that was full.
    assert reader.fresh() == []
    writer.append({"c": "two\nlines\u2028"})
    assert reader.fresh() == [{"c": "two\nlines\u2028"}]
    assert Lines(writer.path).fresh() == [{"a": 1}, {"c": "two\nlines\u2028"}]
    assert reader.last() == {"c": "two\nlines\u2028"}


def test_a_run_is_unfinished_until_its_end_is_told_and_again_when_it_is_queued(tmp_path, journal, experiment_of):
    later = Journal(tmp_path, "000000000000")
    later.begin(experiment_of().text(), owner="S")
    (tmp_path / "runs" / "ffffffffffff").mkdir()  # Its process died before it could write.
    (tmp_path / "runs" / "readme").mkdir()
    assert [one.run for one in unfinished(tmp_path)] == [RUN, "000000000000"]
    journal.say({"state": "interrupted"})
    assert [one.run for one in unfinished(tmp_path)] == ["000000000000"]
    journal.say({"state": "queued"})
    assert [one.run for one in unfinished(tmp_path)] == [RUN, "000000000000"]
    assert later.submitted()["owner"] == "S"
    later.adopt("T")
    assert (later.submitted()["owner"], later.submitted()["experiment"]) == ("T", experiment_of().text())
    with pytest.raises(LookupError):
        Journal(tmp_path, "ffffffffffff").submitted()


def test_beginnings_in_vain_are_counted_until_an_epoch_comes(journal):
    journal.say(epoch(3))
    for _ in range(MOST_ATTEMPTS - 1):
        journal.say({"begins": 3, "killed": 7})
    assert (Progress(journal).epoch, Progress(journal).hopeless) == (3, False)
    journal.say({"begins": 3, "killed": 7})
    assert Progress(journal).hopeless
    journal.say({"state": "queued"})  # A person asked once more.
    assert not Progress(journal).hopeless
    journal.say(epoch(4))
    assert (Progress(journal).epoch, Progress(journal).attempts) == (4, 0)


def test_a_lack_of_memory_is_not_tried_so_often(journal):
    for killed, hopeless in ((4, False), (5, False), (5, False), (6, True)):
        journal.say({"begins": 0, "killed": killed})
        assert Progress(journal).hopeless == hopeless
    journal.say(epoch(1))
    journal.say({"begins": 1, "killed": 7})
    assert Progress(journal).shortages == 0
    assert killed_for_memory() >= 0


@pytest.mark.slow
def test_a_run_is_worked_on_while_a_process_holds_it_however_that_ends(journal):
    assert not journal.worked_on()
    code = (
        "import sys; from pathlib import Path; from core.runs.journal import Journal\n"
        f"with Journal(Path({str(journal.folder.parents[1])!r}), {RUN!r}).held(): print('held', flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        assert journal.worked_on()
        other.kill()
        other.wait()
        assert not journal.worked_on()
    with journal.held():
        assert journal.worked_on()


def test_a_run_is_read_on_from_its_journal_through_an_interruption(journal):
    run = LiveRun.of(journal)
    assert (run.state, run.total, run.watched) == ("queued", 10, "val_loss")
    journal.say({"at": 100.0, "begins": 0})
    for number in (1, 2, 3):
        journal.say({"at": 100.0 + number, **epoch(number)})
    journal.say({"state": "interrupted", "says": "It was."})
    run.refresh()
    assert (run.state, run.says, run.resumable, run.best) == ("interrupted", "It was.", True, 3)
    journal.say({"state": "queued"})
    journal.say({"at": 5000.0, "begins": 3})
    journal.say({"at": 5001.0, **epoch(4)})
    journal.say({"at": 5002.0, **epoch(5)})
    journal.say({"at": 4000.0, **epoch(6)})  # The clock was set back.
    run.refresh()
    assert (run.state, [row[0] for row in run.rows], run.seconds, run.turns) == ("training", [1, 2, 3, 4, 5, 6], 3.0, 2)
    again = LiveRun.of(journal)
    assert (again.rows, again.seconds, again.state) == (run.rows, run.seconds, run.state)


def test_orders_are_heard_and_continue_takes_them_back(journal, monkeypatch):
    monkeypatch.setattr("core.runs.commands._PAUSE", 0.0)

    def heard(orders: Orders) -> tuple[str, bool]:
        orders.look()
        return orders.stop, orders.paused

    orders = Orders(journal)
    assert heard(orders) == ("", False)
    for order, state in (
        ({"do": "pause"}, ("", True)),
        ({"do": "continue"}, ("", False)),
        ({"do": "stop"}, ("best", False)),
        ({"do": "stop", "keep": "last"}, ("last", False)),
        ({"do": "discard"}, ("nothing", False)),
    ):
        journal.order(order)
        assert heard(orders) == state
        assert heard(Orders(journal)) == state  # Also by the worker that takes the place of one that died.
    journal.order({"do": "continue"})
    assert heard(orders) == ("", False)
    journal.order({"do": "epochs", "more": 5})
    journal.order({"do": "rate", "value": 0.1})
    assert heard(orders) == ("", False)
    assert orders.changes == [{"epochs": 5}, {"learning_rate": 0.1}]
    # One that is begun anew is trained as far as it was when it was asked.
    journal.order({"do": "rate", "value": 0.2, "epoch": 7})
    journal.order({"do": "stop", "epoch": 8})
    assert heard(orders) == ("best", False)
    assert (orders.since, orders.changes[2]) == (8, {"learning_rate": 0.2, "epoch": 7})


@pytest.mark.parametrize(
    ("order", "changes", "says"),
    [
        ({"do": "epochs", "more": 0}, {}, "1 to 99,990 more epochs"),
        ({"do": "epochs", "more": 99_991}, {}, "1 to 99,990 more epochs"),
        ({"do": "epochs", "more": "5"}, {}, "more epochs"),
        ({"do": "rate", "value": -1}, {}, "expected a number above 0"),
        (
            {"do": "rate", "value": {"class": "CosineDecay", "initial_learning_rate": 1, "decay_steps": 5}},
            {},
            "must be a number",
        ),
        ({"do": "rate", "value": 0.1}, {"callbacks": ["ReduceLROnPlateau"]}, "is set by a callback"),
        (
            {"do": "rate", "value": 0.1},
            {
                "optimizer": {
                    "class": "Adam",
                    "learning_rate": {"class": "CosineDecay", "initial_learning_rate": 1, "decay_steps": 5},
                }
            },
            "follows a schedule",
        ),
        ({"do": "__import__"}, {}, "There is no order"),
    ],
)
def test_what_cannot_be_ordered_is_refused_with_a_sentence(experiment_of, order, changes, says):
    with pytest.raises(ValueError, match=says):
        check_order(order, experiment_of(**changes), 10)


def test_what_a_full_disk_refuses_is_told_when_there_is_room_again(journal):
    heard, alarms = [], []
    tell = Telling(journal, heard.append, alarms.append)
    tell(epoch(1))
    events = journal.folder / "events.jsonl"
    events.rename(journal.folder / "kept")
    events.symlink_to("/dev/full")  # Every write to it fails as on a full disk.
    tell(epoch(2))
    tell(epoch(3))
    assert (
        alarms
        == [
            "The disk is full. Free some space on it. The training continues, and the curves update again when "
            "there is space. Stop works."
        ]
        * 2
    )
    events.unlink()
    (journal.folder / "kept").rename(events)
    tell(epoch(4))
    assert [event["epochs"][0][0] for event in journal.events().fresh()] == [1, 2, 3, 4]
    assert len(heard) == 4
    assert all(json.loads(json.dumps(event)) for event in heard)
