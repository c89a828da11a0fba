"""The tree of runs that start from one another."""

from core.runs.run_record import Record
from core.runs.run_tree import run_tree


def run(name: str, origin=None, started=0.0, known=True) -> Record:
    """A run of that id."""
    return Record(name, name, "finished", "", started, "t", "", 5, {}, origin=origin, origin_known=known)


def told(records, of, kept=None):
    """(run, depth, epoch) of each row."""
    rows = run_tree(records, of, (kept or {}).get)
    return [(row.run, row.depth, row.epoch) for row in rows]


def test_a_run_stands_among_all_that_its_first_origin_led_to():
    records = [
        run("d", ("b", 7), 4.0),
        run("c", ("a", 30), 3.0),
        run("b", ("a", 20), 2.0),
        run("a", started=1.0),
        run("x", started=5.0),
    ]
    tree = [("a", 0, None), ("b", 1, 20), ("d", 2, 7), ("c", 1, 30)]
    for of in "abcd":
        assert told(records, of) == tree
    assert told(records, "x") == [("x", 0, None)]


def test_a_deleted_origin_keeps_its_place_and_leads_on_to_its_own():
    records = [run("c", ("b", 3)), run("a")]
    rows = run_tree(records, "c", {"b": ("a", 2)}.get)
    assert [(row.run, row.record is None) for row in rows] == [("a", False), ("b", True), ("c", False)]
    assert told(records, "c") == [("b", 0, None), ("c", 1, 3)]  # Nothing is left of where that came from.


def test_a_run_of_an_earlier_version_is_asked_of_its_journal():
    records = [run("b", known=False), run("a", known=False)]
    assert told(records, "a", {"b": ("a", 9)}) == [("a", 0, None), ("b", 1, 9)]


def test_runs_that_name_each_other_end_the_tree():
    records = [run("a", ("b", 1)), run("b", ("a", 1))]
    assert sorted(row[0] for row in told(records, "a")) == ["a", "b"]
