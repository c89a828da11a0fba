"""Advice: each code has a situation that raises it and one that does not, and every fix mends what it is about."""

import inspect
import re
from dataclasses import replace

import pytest

from core.advice.advice import LEVELS, Advice, most_useful
from core.advice.checks import FAMILIES, advise, errors
from core.advice.reasons import REASONS
from core.experiment.spec import read
from core.experiment.task import Situation, tasks_of
from tests.core.advice_cases import CASES, KEPT_BACK, RAISED
from tests.core.advised import SOUND, TABLE, dealt, dense, experiment, situation


def identity(advice: Advice) -> tuple[str, str, str]:
    return advice.code, advice.where, advice.says


@pytest.mark.parametrize("target", SOUND)
def test_a_sound_experiment_gets_no_advice_but_on_its_table(target):
    assert [advice.code for advice in advise(SOUND[target], situation(SOUND[target]))] == (
        ["target-missing"] if target == "sold" else []
    )


@pytest.mark.parametrize(("code", "case"), CASES)
def test_the_advice_is_given_with_a_place_and_a_sentence(code, case):
    given, rows = case
    found = [advice for advice in advise(given, situation(given, rows)) if advice.code == code]
    assert found
    for advice in found:
        assert advice.where.split(".")[0] in ("data", "layers", "compile", "fit")
        assert advice.says.endswith(".")
        assert bool(advice.button) == (advice.fix is not None)


@pytest.mark.parametrize(("code", "case"), CASES)
def test_every_fix_can_be_read_back_and_mends_what_it_is_about(code, case):
    given, rows = case
    before = given.text()
    for advice in advise(given, situation(given, rows)):
        if advice.fix is not None:
            assert read(advice.fix.text()) == advice.fix
            after = advise(advice.fix, situation(advice.fix, dealt(advice.fix, rows)))
            assert identity(advice) not in [identity(one) for one in after], code
    assert given.text() == before


@pytest.mark.parametrize(("code", "case"), CASES)
def test_applying_fix_after_fix_ends_without_fixable_errors(code, case):
    given, rows = case
    for _ in range(10):
        fixes = [advice.fix for advice in advise(given, situation(given, rows)) if advice.fix is not None]
        if not fixes:
            break
        given = fixes[0]
        rows = dealt(given, rows)
    assert not fixes, code
    # Only a person can decide.
    person = {
        "no-target",
        "no-such-target",
        "target-not-predictable",
        "no-features",
        "too-many-weights",
    }
    assert {advice.code for advice in errors(advise(given, situation(given, rows)))} <= person


def test_a_misspelt_column_is_named_with_the_one_that_is_near():
    data = {
        "preparation": {"aera": {"scaling": "min-max"}},
        "target_kinds": {"Town": "category"},
        "pairs": [["area", "whn"]],
        "reading": {"columns": {"tiket": {"as": "text"}}, "filled_down": ["zzzzzz"]},
    }
    value = {**SOUND["price"].value(), "data": {**SOUND["price"].value()["data"], **data}}
    found = {one.where: one.says for one in advise(read(value), situation(read(value))) if one.code == "no-such-column"}
    assert found == {
        f"data.{field}.{name}": f"The table has no column {name!r}.{near} Its settings have no effect."
        for field, name, near in (
            ("preparation", "aera", ' Did you mean "area"?'),
            ("target_kinds", "Town", ' Did you mean "town"?'),
            ("pairs", "whn", ' Did you mean "when"?'),
            ("reading.columns", "tiket", ' Did you mean "ticket"?'),
            ("reading.filled_down", "zzzzzz", ""),
        )
    }


def test_each_code_that_the_checks_know_is_tried_here():
    given = {advice.code for _, (one, rows) in CASES for advice in advise(one, situation(one, rows))}
    assert given == set(RAISED) == {code for code, _ in KEPT_BACK}
    sources = "".join(inspect.getsource(family) for family in FAMILIES)
    assert set(re.findall(r'Advice\(\s*"([a-z-]+)"', sources)) == set(RAISED) | {"not-ready"}


def test_a_table_that_cannot_be_made_ready_is_an_error_in_its_own_words():
    of = SOUND["price"]
    found = advise(of, Situation(TABLE, tasks_of(of, TABLE), None, (0, 0, 0), "All rows are gone."))
    assert [(advice.code, advice.says) for advice in errors(found)] == [("not-ready", "All rows are gone.")]


@pytest.mark.parametrize(("code", "one"), KEPT_BACK)
def test_the_advice_is_kept_back_where_all_is_well(code, one):
    assert code not in [advice.code for advice in advise(one, situation(one))]


def test_twenty_rows_a_part_suffice():
    assert "few-rows" not in [advice.code for advice in advise(SOUND["price"], situation(SOUND["price"], (80, 20, 20)))]


def test_before_a_target_is_known_only_what_needs_none_is_said():
    blank = read({"version": 1, "data": {"table": "file:x"}})
    assert [advice.code for advice in advise(blank, Situation(TABLE))] == ["no-target", "no-features"]


@pytest.mark.parametrize("code", REASONS)
def test_each_code_has_its_reason_in_two_sentences_and_a_page_of_keras(code):
    advice = Advice(code, "hint", "data", "")
    assert re.fullmatch(r"[A-Z][^.]+(: [^.]+)?\. [A-Z][^.]+\.", advice.why), advice.why
    assert re.fullmatch(r"https://keras\.io/api/[a-z_]+/([a-z_]+/)*(#[a-z0-9-]+)?", advice.link)


def test_three_at_once_the_most_useful_first():
    one, other, third = (Advice(code, "hint", "data", "") for code in ("few-rows", "skewed-target", "empty-feature"))
    worst = Advice("no-target", "error", "data", "")
    assert list(REASONS).index("few-rows") < list(REASONS).index("skewed-target") < list(REASONS).index("empty-feature")
    assert most_useful([third, other, one, worst]) == [worst, one, other]
    # A second of the same comes after the first of each.
    assert most_useful([one, one, other, third]) == [
        one,
        other,
        third,
    ]
    assert most_useful([one, one], most=2) == [one, one]
    changed = [replace(given, fix=SOUND["price"], button="Do it") for given in (one, other)]
    assert most_useful(changed) == changed[:1]  # One button is enough.
    assert most_useful([]) == []


def test_errors_come_first_and_are_picked_out():
    given = experiment(
        layers=[dense(8), dense(2)], optimizer={"class": "Adam", "learning_rate": 0.5}, features={"same": "number"}
    )
    found = advise(given, situation(given, (80, 5, 5)))
    levels = [LEVELS.index(advice.level) for advice in found]
    assert levels == sorted(levels)
    assert [advice.code for advice in errors(found)] == ["output-units"]
