"""The visitor's state: the experiment on screen as JSON text, with undo and redo, its draft, and the run beside it.

Every edit goes through `core.experiment.edits.apply`; every new experiment is saved as a draft, which the address
names. What has keys of its own in the session says so in its file: `driving` (trainings), `pinned`, `cards`, `racing`.
"""

import json
import logging
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import streamlit as st

from core.experiment.edits import apply
from core.experiment.fork import from_scratch
from core.experiment.merge import merged
from core.experiment.share_link import PARAMETER, unpacked
from core.experiment.spec import Experiment, InvalidExperiment, read
from core.experiment.task import Situation
from core.runs.journal import RUN_ID
from core.tables.errors import TableError
from dashboard import failures
from dashboard.addresses import word_asked_for
from dashboard.services import engine, own_plugins, tables
from dashboard.session import drafts
from dashboard.session.openings import first_experiment, openable
from dashboard.session.streamlit_patches import mend
from dashboard.session.visitors import browser

log = logging.getLogger(__name__)
_EXPERIMENT, _UNDO, _REDO = "ld.experiment", "ld.undo", "ld.redo"
_REVISION, _DRAFT, _RUN, _NOTE, _PINS = "ld.revision", "ld.draft", "ld.run", "ld.note", "ld.pins"
_FAILED, _BROWSER = "ld.failed", "ld.browser"
_STAMP, _KEPT = "ld.stamp", "ld.kept"  # Of the draft as this session knows it: its file's stamp, and its revision.
RACE = "ld.race"  # The race on screen: the address names it, too.
SEARCH = "ld.search"  # The search on screen, likewise.
BELOW = "below"  # The key of the tabs below the network.
_BELOW = ((RACE, "race", "Race"), (SEARCH, "search", "Search"))  # Key, name in the address, tab.
_NEWER = "This draft was changed in another tab: its newest version is shown. Undo steps back."
_MERGED = "This draft was changed in another tab, too: both changes are kept."
_BESIDE = (
    "This draft was changed in another tab, too: your change is shown, and Undo brings back the other tab's version."
)
_DRAFT_ID = re.compile(r"[0-9a-f]{16}")
CHANGED: list[Callable[[], None]] = []  # Called after each new experiment, by those who follow.


def attach() -> None:
    """At the start of every rerun: finds the experiment and the run that the address names, and keeps them in the
    address.

    A reload loses the session but not the address: the draft comes back from the workspace, the run from the engine. A
    visit without an address to come back to takes up the latest draft that the same browser began, in a copy of its
    own, or else the first experiment. An address that carries an experiment opens it as a new draft.
    """
    session = st.session_state
    own_plugins()  # Before an experiment is read that may name them.
    if _EXPERIMENT not in session:
        session[_UNDO], session[_REDO], session[_REVISION], session[_NOTE] = [], [], 0, ""
        session[_STAMP], session[_KEPT] = None, 0
        run, draft = st.query_params.get("run", ""), st.query_params.get("draft", "")
        session[_DRAFT] = draft if _DRAFT_ID.fullmatch(draft) else secrets.token_hex(8)
        session[_RUN] = run if RUN_ID.fullmatch(run) else None
        for key, name, tab in _BELOW:
            asked = st.query_params.get(name, "")
            session[key] = asked if RUN_ID.fullmatch(asked) else None
            if session[key]:
                session[BELOW] = tab
        session[_PINS], session[_BROWSER] = "{}", browser()
        found = _linked(st.query_params.get(PARAMETER, ""))
        if found:
            session[_DRAFT], session[_RUN] = secrets.token_hex(8), None
        else:
            kept, session[_STAMP] = drafts.load(drafts.path_of(session[_DRAFT])), drafts.stamp(session[_DRAFT])
            session[_KEPT] = kept.revision if kept else 0
            found = _taken_up(kept) or (_of_run() if session[_RUN] else None)
        if found is None and not draft and not session[_RUN]:
            found = _taken_up(drafts.newest_of(browser()))
        session[_EXPERIMENT] = (found or first_experiment()).text()
        _save()
    else:
        overtaken()
    if word := word_asked_for():
        note(f'There is no page "{word}"; this is the Build page.')
    if PARAMETER in st.query_params:
        del st.query_params[PARAMETER]
    if st.query_params.get("draft") != session[_DRAFT]:
        st.query_params["draft"] = session[_DRAFT]
    if session[_RUN] and st.query_params.get("run") != session[_RUN]:
        st.query_params["run"] = session[_RUN]
    if not session[_RUN] and "run" in st.query_params:
        del st.query_params["run"]
    for key, name, _ in _BELOW:
        if session[key] and st.query_params.get(name) != session[key]:
            st.query_params[name] = session[key]


def _taken_up(draft: drafts.Draft | None) -> Experiment | None:
    """The experiment of a draft; its run, if the address names none, and its pins are put on screen, too."""
    if draft is None:
        return None
    session = st.session_state
    session[_RUN], session[_PINS] = session[_RUN] or draft.run, json.dumps(draft.pins)
    session[_UNDO], session[_REDO] = list(draft.undo), list(draft.redo)
    session[_BROWSER] = draft.browser or session[_BROWSER]  # It stays the draft of the browser that began it.
    return draft.experiment


def _save() -> None:
    """Keeps what is on screen; what another tab has changed in the experiment comes on screen before."""
    with _alone():
        overtaken()
        _write()


@contextmanager
def _alone() -> Iterator[None]:
    """Keeps other writers waiting; what the disk refuses becomes a sentence."""
    with ExitStack() as lock:
        try:
            lock.enter_context(drafts.alone())
        except OSError as error:
            _unsaved(error)
        try:
            yield
        except OSError as error:
            _unsaved(error)


def _unsaved(error: OSError) -> None:
    note(f"The draft could not be saved ({error.strerror}): it will be gone after a reload.")


def _write() -> None:
    session = st.session_state
    kept = drafts.Draft(
        experiment(),
        session[_RUN],
        pinned(),
        session[_BROWSER],
        session[_KEPT],
        tuple(session[_UNDO]),
        tuple(session[_REDO]),
    )
    session[_STAMP] = drafts.save(session[_DRAFT], kept)


def _newer() -> drafts.Draft | None:
    """The draft, where another tab has changed its experiment since this one last knew it. Its pins are taken up in any
    case.
    """
    session = st.session_state
    stamp = drafts.stamp(session[_DRAFT])
    if stamp is None or stamp == session[_STAMP]:
        return None
    kept = drafts.load(drafts.path_of(session[_DRAFT]))
    if kept is None:
        return None
    session[_STAMP], session[_PINS] = stamp, json.dumps(kept.pins)
    if kept.revision == session[_KEPT]:
        return None
    session[_KEPT] = kept.revision
    return kept


def overtaken() -> bool:
    """Puts what another tab has made of the draft on screen, with a sentence; whether there was anything."""
    session, kept = st.session_state, _newer()
    if kept is None:
        return False
    session[_UNDO], session[_REDO] = list(kept.undo), list(kept.redo)
    session[_EXPERIMENT] = kept.experiment.text()
    session[_REVISION] += 1
    note(_NEWER)
    return True


def draft() -> str:
    """The name of the visitor's draft: it tells visitors apart."""
    return st.session_state[_DRAFT]


def pinned() -> dict[str, Any]:
    """What is pinned to networks, as the draft keeps it."""
    return json.loads(st.session_state[_PINS])


def keep_pinned(change: Callable[[], dict[str, Any]]) -> None:
    """Keeps what `change` makes of what is pinned; another tab may have pinned something meanwhile."""
    with _alone():
        overtaken()
        st.session_state[_PINS] = json.dumps(change())
        _write()


def _of_run() -> Experiment | None:
    """The experiment of the run that the address names, from the engine's memory or the record of runs."""
    try:
        return from_scratch(read(engine().find(st.session_state[_RUN]).experiment))
    except (LookupError, RuntimeError):
        return None


def _linked(text: str) -> Experiment | None:
    """The experiment that an address carries; None with a sentence when it cannot be opened."""
    if not text:
        return None
    try:
        return openable(unpacked(text))
    except (InvalidExperiment, TableError) as error:
        note(str(error))
        return None


def open_text(text: str) -> None:
    """Puts an experiment on screen from its JSON or its link; undo brings back the one that was there."""
    try:
        given = openable(read(text) if text.lstrip("\ufeff \t\r\n").startswith("{") else unpacked(text))
    except (InvalidExperiment, TableError) as error:
        note(str(error))
        return
    replace(given)
    show_run(None)


def experiment() -> Experiment:
    """The experiment on screen."""
    return read(st.session_state[_EXPERIMENT])


def situation() -> Situation:
    """What is known of its table. Raises TableError when the table is gone."""
    return tables().situation(experiment())


def replace(new: Experiment, structural: bool = True) -> None:
    """Puts a new experiment on screen; the old one can be brought back by undo.

    Args:
        structural: Whether widgets must take their values anew: true for all but the edit of one field by its own
            widget.
    """
    session = st.session_state
    text = new.text()
    if text != session[_EXPERIMENT]:
        _show(text, [*session[_UNDO], session[_EXPERIMENT]], [], structural)


def edit(operation: Mapping[str, Any], structural: bool = True) -> None:
    """Applies one operation; an edit that would make no experiment is refused with a sentence."""
    try:
        replace(apply(experiment(), operation), structural)
    except InvalidExperiment as error:
        note(str(error))
        st.session_state[_REVISION] += 1


def set_field(path: str, key: str) -> None:
    """Takes the value of a widget, by its key, into the field at that path."""
    edit({"op": "set", "path": path, "value": st.session_state[key]}, structural=False)


def undo() -> None:
    """Brings the last experiment back; what another tab has changed meanwhile is shown first."""
    session = st.session_state
    if not overtaken() and (kept := _readable(session[_UNDO])):
        *steps, text = kept
        _show(text, steps, [*session[_REDO], session[_EXPERIMENT]])


def redo() -> None:
    """Takes an undo back; what another tab has changed meanwhile is shown first."""
    session = st.session_state
    if not overtaken() and (kept := _readable(session[_REDO])):
        *steps, text = kept
        _show(text, [*session[_UNDO], session[_EXPERIMENT]], steps)


def _readable(steps: list[str]) -> list[str]:
    """Some steps up to the nearest that is an experiment: a draft may be damaged."""
    while steps:
        try:
            read(steps[-1])
        except InvalidExperiment:
            steps = steps[:-1]
        else:
            break
    return steps


def can_undo() -> bool:
    """Whether there is an experiment to go back to."""
    return bool(st.session_state[_UNDO])


def can_redo() -> bool:
    """Whether an undo can be taken back."""
    return bool(st.session_state[_REDO])


def _show(text: str, undo: list[str], redo: list[str], structural: bool = True) -> None:
    """Puts an experiment on screen and keeps it; what another tab has changed meanwhile is kept beside it,
    or by undo.
    """
    session = st.session_state
    with _alone():
        theirs = _newer()
        if theirs is not None:
            both = merged(experiment(), theirs.experiment, read(text))
            text, structural = (both or read(text)).text(), True
            undo, redo = [*theirs.undo, theirs.experiment.text()], []
            note(_MERGED if both else _BESIDE)
        session[_EXPERIMENT], session[_UNDO], session[_REDO] = (
            text,
            undo[-drafts.MOST_STEPS :],
            redo[-drafts.MOST_STEPS :],
        )
        session[_REVISION] += structural
        session[_KEPT] += 1
        _write()
    for follow in CHANGED:
        follow()


def revision() -> int:
    """Part of the keys of widgets that show the experiment: it grows when they must take their values anew."""
    return st.session_state[_REVISION]


def run_id() -> str | None:
    """The run on screen."""
    return st.session_state[_RUN]


def show_run(run: str | None) -> None:
    """Puts a run on screen."""
    st.session_state[_RUN] = run
    _save()


def note(text: str) -> None:
    """Leaves a sentence that the next rerun shows."""
    st.session_state[_NOTE] = text


def noted() -> bool:
    """Whether a sentence was left that was not shown yet."""
    return bool(st.session_state[_NOTE])


def take_note() -> str:
    """The sentence that was left, once."""
    text, st.session_state[_NOTE] = st.session_state[_NOTE], ""
    return text


def take_failed() -> bool:
    """Whether the sentence that was left is about a callback that failed, once."""
    return st.session_state.pop(_FAILED, False)


def _action_failed(error: Exception) -> None:
    """Leaves a sentence about what a callback raised."""
    if not isinstance(error, TableError):
        log.error("a callback failed", exc_info=error)
        st.session_state[_FAILED] = True
    note(failures.of_action(error))


mend(_action_failed)  # Before the first widget that has a callback.
