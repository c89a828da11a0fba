"""A run as the page sees it: what the worker says, in any order and at any speed, becomes one consistent answer."""

import json
import re

import pytest

from core.runs.journal import ENDED, RUN_ID, Journal, new_run_id
from core.runs.run_state import MOST_ROWS, LiveRun, plain


@pytest.fixture
def run():
    """A run of ten epochs that watches val_loss."""
    return LiveRun("0123456789ab", "{}", 10)


def epoch(number: int, loss: float | None) -> dict:
    """What the worker says after an epoch."""
    return {"epochs": [(number, {"loss": 1.0, "val_loss": loss})]}


def test_an_id_is_safe_in_a_path_a_link_and_a_tag():
    ids = {new_run_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(RUN_ID.fullmatch(one) and re.fullmatch("[0-9a-f]{12}", one) for one in ids)
    for hostile in ("", "../../etc", "0123456789a", "0123456789abc", "0123456789AB", "0123456789ab\n", "' OR 1=1 --"):
        assert not RUN_ID.fullmatch(hostile)


def test_a_run_goes_from_queued_through_its_stages_to_its_end(run):
    seen = [run.state]
    for event in (
        {"stage": "reading the table"},
        {"baselines": {"mean": {"loss": 2.0}}},
        epoch(1, 1.0),
        {"stage": "scoring"},
        {"state": "finished", "says": "", "best": 1},
    ):
        run.take(event)
        seen.append(run.state)
    assert seen == ["queued", "preparing", "preparing", "training", "scoring", "finished"]
    assert run.snapshot()["baselines"] == {"mean": {"loss": 2.0}}


def test_a_page_gets_the_epochs_it_has_not_seen(run):
    for number in range(1, 5):
        run.take(epoch(number, 1 / number))
    answer = run.snapshot(since=2)
    assert answer["names"] == ["loss", "val_loss"]
    assert answer["rows"] == [[3, 1.0, 1 / 3], [4, 1.0, 1 / 4]]
    assert (answer["epoch"], answer["epochs"], answer["best"]) == (4, 10, 4)
    assert run.snapshot(since=-5)["rows"] == run.snapshot(since=0)["rows"]
    assert run.snapshot(since=10**30)["rows"] == []


def test_a_long_history_comes_in_pieces(run):
    run.take({"epochs": [(number, {"loss": 1.0}) for number in range(1, MOST_ROWS + 11)]})
    first = run.snapshot()["rows"]
    assert len(first) == MOST_ROWS
    assert [row[0] for row in run.snapshot(first[-1][0])["rows"]] == list(range(MOST_ROWS + 1, MOST_ROWS + 11))


@pytest.mark.parametrize(
    ("larger", "values", "best"),
    [
        (False, [3.0, 1.0, 2.0], 2),
        (True, [3.0, 1.0, 4.0], 3),
        (False, [None, 5.0, None], 2),
        (False, [2.0, 2.0], 1),
        (False, [None], None),
    ],
)
def test_the_best_epoch_follows_the_watched_number(larger, values, best):
    run = LiveRun("0123456789ab", "{}", 10, larger=larger)
    for number, value in enumerate(values, 1):
        run.take(epoch(number, value))
    assert run.snapshot()["best"] == best


@pytest.mark.parametrize("state", ENDED)
def test_what_arrives_after_the_end_is_too_late(run, state):
    run.take({"state": state, "says": "It is over."})
    run.take(epoch(1, 1.0))
    run.take({"stage": "scoring"})
    run.take({"state": "failed", "says": "Too late."})
    assert run.over
    assert (run.state, run.says, run.rows) == (state, "It is over.", [])


def test_stopping_stays_stopping_until_the_end(run):
    run.take(epoch(1, 1.0))
    run.state = "stopping"
    run.take(epoch(2, 0.5))
    run.take({"stage": "scoring"})
    assert run.state == "stopping"
    run.take({"state": "stopped", "says": "", "best": 2, "best_scores": {"loss": 0.5}})
    assert (run.state, run.snapshot()["best_scores"]) == ("stopped", {"loss": 0.5})


def test_the_place_in_the_queue_is_told_only_to_who_waits(run):
    assert run.snapshot(ahead=2)["ahead"] == 2
    run.take({"stage": "reading the table"})
    assert run.snapshot(ahead=2)["ahead"] == 0


def test_an_answer_is_json_whatever_the_numbers(run):
    run.take({"epochs": [(1, plain({"loss": float("nan"), "val_loss": float("inf")}))]})
    assert json.loads(json.dumps(run.snapshot(), allow_nan=False))["rows"] == [[1, None, None]]


@pytest.mark.parametrize(
    ("lost", "says"),
    [
        ((), ""),
        ((4,), "Epoch 4 is missing from the curves: the run's journal was truncated there."),
        (
            (1, 2, 5, 8, 9),
            "Epochs 1 to 2, 5, 8 to 9 are missing from the curves: the run's journal was truncated there.",
        ),
        (
            range(2, 30, 2),
            "Epochs 2, 4, 6, 8, 10 and others are missing from the curves: the run's journal was truncated there.",
        ),
    ],
)
def test_a_journal_that_was_cut_says_which_epochs_the_curves_lack(tmp_path, experiment_of, lost, says):
    journal = Journal(tmp_path, "0123456789ab")
    journal.begin(experiment_of().text())
    for number in range(1, 31):
        journal.say(epoch(number, 1.0))
    path = journal.events().path
    lines = path.read_text().splitlines()
    path.write_text("".join(f"{line[:20] if at in lost else line}\n" for at, line in enumerate(lines, 1)))
    left = [number for number in range(1, 31) if number not in lost]
    run = LiveRun.of(journal)
    assert run.snapshot()["says"] == says
    for since in (0, 7, 29, 30):  # What the page has drawn last: each epoch after it is told once, and none twice.
        assert [row[0] for row in run.snapshot(since)["rows"]] == [number for number in left if number > since]


def test_a_run_that_makes_one_epoch_more_is_still_asked_to_wait(tmp_path, experiment_of):
    journal = Journal(tmp_path, "0123456789ab")
    journal.begin(experiment_of().text())
    run = LiveRun.of(journal)
    assert not run.waits
    journal.order({"do": "epoch"})
    # A page may look between any two of them, and no more after.
    for event in (
        {"paused": False},
        epoch(1, 1.0),
        {"paused": True},
    ):
        journal.say(event)
        run.refresh()
        assert run.waits
    assert run.state == "paused"
    journal.order({"do": "continue"})
    run.refresh()
    assert not run.waits
