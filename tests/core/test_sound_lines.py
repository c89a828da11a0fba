"""A damaged line of a journal, or a damaged file of a search, takes nothing else away."""

import json

import pytest

from core.runs.cleaning import origins
from core.runs.engine import Engine
from core.runs.journal import Journal
from core.runs.parent_runs import ParentRuns
from core.runs.run_record import record_of
from core.runs.run_state import LiveRun
from core.runs.search_files import SearchFolder
from core.runs.sound_lines import is_event, is_order, is_plan, is_search_event

RUN = "0123456789ab"
DAMAGED = [
    {"epochs": "x"},
    {"epochs": [[2]]},
    {"epochs": [["a", {"loss": 1.0}]]},
    {"epochs": [[2, {"loss": "x"}]]},
    {"epochs": [[2, []]]},
    {"state": 5},
    {"state": "elsewhere"},
    {"state": "failed", "says": 5},
    {"rows": "x"},
    {"rows": [1]},
    {"mark": 3},
    {"mark": {"epoch": "x"}},
    {"baselines": []},
    {"baselines": {"mean": 3}},
    {"stage": None},
    {"best": "x", "state": "finished"},
    {"at": "yesterday"},
]


@pytest.fixture
def journal(tmp_path, experiment_of):
    """Of a run with one epoch."""
    made = Journal(tmp_path, RUN)
    made.begin(experiment_of().text())
    made.say({"epochs": [[1, {"loss": 2.0, "val_loss": None}]]})
    return made


@pytest.mark.parametrize("line", DAMAGED, ids=json.dumps)
def test_a_line_that_is_no_event_counts_as_none(journal, line):
    assert not is_event(line)
    journal.events().append(line)
    assert (LiveRun.of(journal).state, journal.over()) == ("training", False)
    journal.say({"epochs": [[2, {"loss": 1.0}]]})
    journal.say({"state": "finished", "says": "", "best": 2, "best_scores": {"loss": 1.0}})
    journal.events().append(line)
    run = LiveRun.of(journal)
    assert ([row[:2] for row in run.rows], run.state, run.best) == ([[1, 2.0], [2, 1.0]], "finished", 2)
    assert journal.over()


@pytest.mark.parametrize(
    "line", [{"do": 5}, {"do": "rate"}, {"do": "rate", "value": "x"}, {"do": "epochs", "more": 1.5}, {"do": "speed"}]
)
def test_a_line_that_is_no_order_counts_as_none(journal, line):
    assert not is_order(line)
    journal.orders().append(line)
    journal.order({"do": "pause"})
    assert LiveRun.of(journal).waits


@pytest.mark.parametrize(
    "content", ["", "[]", "null", "5", '{"experiment": null}', '{"experiment": "{}"}', '{"experiment": "[]"}']
)
def test_a_run_whose_experiment_is_damaged_is_no_run_and_no_other_suffers(journal, tmp_path, experiment_of, content):
    Journal(tmp_path, "00000000000b").begin(experiment_of().text())
    (journal.folder / "submitted.json").write_text(content)
    engine = Engine(tmp_path)
    with pytest.raises(LookupError, match=f"run {RUN} cannot be read"):
        engine.find(RUN)
    engine._take_over()
    assert list(engine._runs) == ["00000000000b"]
    assert list(origins(tmp_path / "runs")) == []


def test_an_end_that_the_journal_does_not_have_is_an_interruption(journal, tmp_path):
    journal.say({"state": "queued"})
    assert Engine(tmp_path)._end_of(RUN)["state"] == "interrupted"


SEARCH = "00000000000c"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("events.jsonl", {"trial": 1, "run": RUN, "values": {}}),
        ("events.jsonl", {"at": 1.0, "trial": 1}),
        ("events.jsonl", {"at": 1.0, "trial": "x", "run": RUN, "values": {}}),
        ("events.jsonl", {"at": 1.0, "trial": 1, "run": 5, "values": []}),
        ("events.jsonl", {"at": "x", "state": 3}),
        ("finalists.json", {"seeds": 1}),
        ("finalists.json", []),
        ("finalists.json", {"seeds": [1], "runs": {"1": [RUN, RUN]}}),
        ("finalists.json", {"seeds": [1], "runs": {"1": [RUN]}, "validation": 3}),
        ("confirmation.json", {"runs": 3}),
        ("confirmation.json", {"seeds": [1], "runs": {"1": [5]}}),
        ("stop", []),
        ("stop", {"confirm": "x"}),
    ],
)
def test_a_damaged_file_of_a_search_takes_no_run_from_the_list(tmp_path, name, content):
    folder = SearchFolder(tmp_path, SEARCH)
    folder.folder.mkdir(parents=True)
    (folder.folder / "search.json").write_text("{}")
    (folder.folder / name).write_text(f"{json.dumps(content)}\n")
    assert folder.told().trials == {}
    assert (folder.planned(), folder.planned_finalists(), folder.stopped()) == (None, None, None)
    assert ParentRuns(Engine(tmp_path)).list() == []


def test_what_layerdeck_writes_is_sound():
    plan = {"seeds": [3, 4], "runs": {"1": ["a", "b"]}}
    assert is_plan(plan)
    assert is_plan({**plan, "validation": {"1": [0.5, None]}, "test": {}, "intervals": {}, "rows": 30})
    ended = {"at": 1.0, "ended": 1, "state": "missing", "says": "", "latest": None, "best": None, "best_epoch": None}
    assert all(
        map(is_search_event, ({"at": 1.0, "trial": 1, "run": "", "values": {}}, ended, {"at": 1, "drives": True}))
    )


class MlflowRun:
    """A run as MLflow gives it, with tags that a person may have changed on MLflow's own page."""

    def __init__(self, **tags: str) -> None:
        self.info = self
        self.data = self
        self.run_name, self.start_time, self.params, self.metrics = "Named", 0, {}, {}
        self.tags = {"layerdeck.run": RUN, **{f"layerdeck.{name}": text for name, text in tags.items()}}


def test_tags_that_somebody_wrote_are_no_numbers_and_the_run_is_listed():
    spoiled = dict.fromkeys(("epochs", "seconds", "rows", "best_epoch", "origin", "tags", "state"), "x:y")
    record = record_of(MlflowRun(**spoiled))
    assert (record.epochs, record.seconds, record.rows, record.best_epoch) == (0, None, None, None)
    assert (record.origin, record.tags, record.state) == (None, (), "running")
    assert record_of(MlflowRun(tags='[5, "good", null]', seconds="nan")).tags == ("good",)
    assert record_of(MlflowRun(seconds="nan")).seconds is None
