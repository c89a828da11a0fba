"""An answer that is computed beside the page, where it cannot be given: the page says why, and asks once."""

from types import SimpleNamespace

import pytest

from core.runs.worker_client import NotReady
from core.tables.errors import TableError
from dashboard.panels import answer_beside as beside
from dashboard.panels import asked_evaluation
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("home")

GONE = "The table is not in this workspace: upload its file again."


@pytest.fixture
def asked_for(monkeypatch):
    """A question about a run, and a function that has the engine answer it by raising an error; the questions that
    reached the engine.
    """
    questions: list[str] = []

    def answering(error: Exception) -> None:
        def evaluate(_run: str, section: str, _epoch: int | None) -> None:
            questions.append(section)
            raise error

        engine = SimpleNamespace(evaluate=evaluate, trouble="")
        for module in (asked_evaluation, beside):
            monkeypatch.setattr(module, "engine", lambda: engine)

    asked = asked_evaluation.Asked("0" * 12, None, {}, {}, None, "y")
    yield asked, answering, questions
    asked_evaluation._BEGUN.clear()


def test_what_cannot_be_answered_is_said_and_not_asked_again_by_the_drawing_that_says_it(asked_for):
    asked, answering, questions = asked_for
    answering(TableError(GONE))
    until(lambda: not beside.answer_beside(asked, "summary").waits, 20, "an outcome")
    for _ in range(3):  # The look that drew the page anew, and the drawings after it.
        assert beside.answer_beside(asked, "summary") == beside.AnswerBeside(None, GONE, False)
    assert questions == ["summary"]


def test_it_is_asked_anew_by_who_looks_later(asked_for, monkeypatch):
    asked, answering, questions = asked_for
    answering(TableError(GONE))
    until(lambda: not beside.answer_beside(asked, "summary").waits, 20, "an outcome")
    monkeypatch.setattr(asked_evaluation, "_AGAIN", 0.0)
    until(lambda: beside.answer_beside(asked, "summary") and len(questions) >= 2, 20, "a second question")


def test_a_worker_that_is_not_ready_is_asked_until_it_is(asked_for):
    asked, answering, questions = asked_for
    answering(NotReady("The worker is starting."))
    until(lambda: beside.answer_beside(asked, "summary").waits and len(questions) >= 3, 20, "three questions")


def test_only_the_last_questions_are_kept_whether_or_not_they_could_be_answered(asked_for, monkeypatch):
    asked, answering, questions = asked_for
    answering(TableError(GONE))
    monkeypatch.setattr(asked_evaluation, "_KEPT", 3)
    for section in ("a", "b", "c", "d", "e"):
        until(lambda section=section: not beside.answer_beside(asked, section).waits, 20, "an outcome")
    assert questions == ["a", "b", "c", "d", "e"]
    assert len(asked_evaluation._BEGUN) == 3
    assert not beside.answer_beside(asked, "e").waits, "one of the last three"
    beside.answer_beside(asked, "a")
    until(lambda: questions[5:] == ["a"], 20, "the first one asked anew")
