"""The visitor's state: the only file that names session keys. The experiment is kept as JSON text, with undo and redo.

Every edit goes through `core.experiment.edits.apply`; every new experiment is saved as a draft, which the address names.
"""

import contextlib
import json
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from core.experiment.edits import apply
from core.experiment.spec import Data, Experiment, InvalidExperiment, read
from core.experiment.task import Situation, task_of
from core.experiment.templates import starting_experiment
from core.runs.live import RUN_ID
from core.tables.errors import TableError
from core.tables.profile import suggest
from core.tables.samples import SAMPLES
from core.workspace import workspace, write_whole
from dashboard.services import engine, tables
from dashboard.words import count

_EXPERIMENT, _UNDO, _REDO = "ld.experiment", "ld.undo", "ld.redo"
_REVISION, _DRAFT, _RUN, _NOTE = "ld.revision", "ld.draft", "ld.run", "ld.note"
_ASKED = "ld.asked"
_MOST_UNDO, _MOST_DRAFTS = 200, 100
_FEWEST_ROWS = 3
_DRAFT_ID = re.compile(r"[0-9a-f]{16}")
FIRST_SAMPLE = "sacramento_homes"


def attach() -> None:
    """At the start of every rerun: finds the experiment and the run that the address names, and keeps them in the address.

    A reload loses the session but not the address: the draft comes back from the workspace, the run from the engine. A visit
    without an address to come back to takes up the latest draft, in a copy of its own.
    """
    session = st.session_state
    if _EXPERIMENT not in session:
        session[_UNDO], session[_REDO], session[_REVISION], session[_NOTE] = [], [], 0, ""
        run, draft = st.query_params.get("run", ""), st.query_params.get("draft", "")
        session[_DRAFT] = draft if _DRAFT_ID.fullmatch(draft) else secrets.token_hex(8)
        session[_RUN] = run if RUN_ID.fullmatch(run) else None
        found = _saved(_draft_path()) or (_of_run() if session[_RUN] else None)
        if found is None and not draft and not session[_RUN]:
            found = next(filter(None, map(_saved, _drafts()[:5])), None)
        session[_EXPERIMENT] = (found or first_experiment()).text()
        _save()
    if st.query_params.get("draft") != session[_DRAFT]:
        st.query_params["draft"] = session[_DRAFT]
    if session[_RUN] and st.query_params.get("run") != session[_RUN]:
        st.query_params["run"] = session[_RUN]


def _draft_path() -> Path:
    return workspace() / "drafts" / f"{st.session_state[_DRAFT]}.json"


def _drafts() -> list[Path]:
    """The kept drafts, newest first; all but the newest hundred are thrown away."""
    dated = []
    for path in (workspace() / "drafts").glob("*.json"):
        with contextlib.suppress(OSError):  # Another visitor may have thrown it away meanwhile.
            dated.append((path.stat().st_mtime, path))
    dated.sort(reverse=True)
    for _, path in dated[_MOST_DRAFTS:]:
        path.unlink(missing_ok=True)
    return [path for _, path in dated]


def _saved(path: Path) -> Experiment | None:
    """The experiment of a draft; its run, if the address names none, is put on screen too."""
    try:
        draft = json.loads(path.read_text(encoding="utf-8"))
        found, run = read(draft["experiment"]), str(draft.get("run") or "")
        tables().store.about(found.data.table)
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ):  # A draft that is gone or damaged is no reason not to start.
        return None
    st.session_state[_RUN] = st.session_state[_RUN] or (run if RUN_ID.fullmatch(run) else None)
    return found


def _save() -> None:
    draft = {"experiment": json.loads(st.session_state[_EXPERIMENT]), "run": st.session_state[_RUN]}
    try:
        write_whole(_draft_path(), json.dumps(draft))
    except OSError as error:
        note(f"The draft could not be saved ({error.strerror}): it will be gone after a reload.")


def _of_run() -> Experiment | None:
    """The experiment of the run that the address names, from the engine's memory or the record of runs."""
    try:
        engine().snapshot(st.session_state[_RUN])
    except (LookupError, RuntimeError):
        return None
    live = engine().run(st.session_state[_RUN])
    return read(live.experiment) if live else None


def first_experiment() -> Experiment:
    """What a newcomer sees."""
    return experiment_on(f"sample:{FIRST_SAMPLE}")


def experiment_on(table: str, target: str | None = None) -> Experiment:
    """A first experiment on a table, its target as given or guessed. Raises TableError when no column can be predicted."""
    profile, about = tables().profile(table), tables().store.about(table)
    sample = SAMPLES.get(table.removeprefix("sample:")) if table.startswith("sample:") else None
    target = target or (sample.target if sample else profile.suggested_target)
    if profile.rows < _FEWEST_ROWS:
        few = f"{about.name} has {count(profile.rows, 'row')}: too few to train, watch and judge a network."
        raise TableError(f"{few} Bring a table with dozens of rows.")
    if target is None:
        raise TableError(
            "No column of this table can be predicted: each is empty, the same in every row, or free text. "
            "Bring a table with a column of numbers or of a few classes."
        )
    features = suggest(profile, target)
    data = Data(table=table, targets=(target,), features=features)
    task = task_of(Experiment(data=data), profile)
    name = sample.title if sample else about.name
    if task is None:
        return Experiment(name=name[:120], data=data)
    return starting_experiment(table, name[:120], target, features, task)


def experiment() -> Experiment:
    """The experiment on screen."""
    return read(st.session_state[_EXPERIMENT])


def situation() -> Situation:
    """What is known of its table. Raises TableError when the table is gone."""
    return tables().situation(experiment())


def replace(new: Experiment, structural: bool = True) -> None:
    """Puts a new experiment on screen; the old one can be brought back by undo.

    Args:
        structural: Whether widgets must take their values anew: true for all but the edit of one field by its own widget.
    """
    session = st.session_state
    text = new.text()
    if text == session[_EXPERIMENT]:
        return
    session[_UNDO] = [*session[_UNDO][-_MOST_UNDO:], session[_EXPERIMENT]]
    session[_REDO] = []
    _show(text, structural)


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
    """Brings the last experiment back."""
    session = st.session_state
    if session[_UNDO]:
        session[_REDO] = [*session[_REDO], session[_EXPERIMENT]]
        *session[_UNDO], text = session[_UNDO]
        _show(text)


def redo() -> None:
    """Takes an undo back."""
    session = st.session_state
    if session[_REDO]:
        session[_UNDO] = [*session[_UNDO], session[_EXPERIMENT]]
        *session[_REDO], text = session[_REDO]
        _show(text)


def can_undo() -> bool:
    """Whether there is an experiment to go back to."""
    return bool(st.session_state[_UNDO])


def can_redo() -> bool:
    """Whether an undo can be taken back."""
    return bool(st.session_state[_REDO])


def _show(text: str, structural: bool = True) -> None:
    session = st.session_state
    session[_EXPERIMENT] = text
    session[_REVISION] += structural
    _save()


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


def train() -> None:
    """Hands the experiment to the engine and shows its run; not when an edit was refused in the same moment."""
    if not st.session_state[_NOTE]:
        show_run(engine().submit(experiment()))


def stop(run: str) -> None:
    """Stops a run; one that was still waiting leaves the screen to the one that is training."""
    live = engine().run(run)
    waiting = live is not None and live.state == "queued"
    engine().stop(run)
    if waiting:
        active = engine().active()
        show_run(active[0].id if active else None)


def open_run(run: str) -> None:
    """Puts a run and its experiment on screen; undo brings back the experiment that was there."""
    try:
        engine().snapshot(run)
    except (LookupError, RuntimeError) as error:
        note(str(error))
        return
    live = engine().run(run)
    if live is not None:
        show_run(run)
        replace(read(live.experiment))


def note(text: str) -> None:
    """Leaves a sentence that the next rerun shows."""
    st.session_state[_NOTE] = text


def take_note() -> str:
    """The sentence that was left, once."""
    text, st.session_state[_NOTE] = st.session_state[_NOTE], ""
    return text


def asked(run: str) -> list[dict[str, Any]]:
    """Questions to a run that the visitor keeps in sight, with their answers."""
    return json.loads(st.session_state.get(_ASKED, "{}")).get(run, [])


def keep_asked(run: str, rows: list[dict[str, Any]]) -> None:
    """Keeps them."""
    kept = json.loads(st.session_state.get(_ASKED, "{}"))
    st.session_state[_ASKED] = json.dumps({**kept, run: rows})
