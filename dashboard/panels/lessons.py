"""The lessons: experiments that show one thing each, in one list, opened by one click."""

import streamlit as st

from core.experiment.lessons import LESSONS, Lesson
from core.tables.samples import SAMPLES
from dashboard.session import state


def lessons_popover() -> None:
    """A button, and behind it all lessons in their order; what one says is shown when it is chosen."""
    drawer = st.popover("Lessons", icon=":material/school:", key="lessons", on_change="rerun")
    if not drawer.open:
        return
    current = state.experiment().text()
    with drawer:
        st.caption("Open a lesson and press Train. Undo restores your own experiment.")
        numbers = {name: number for number, name in enumerate(LESSONS, start=1)}
        opened = next((name for name, lesson in LESSONS.items() if lesson.experiment.text() == current), None)
        st.session_state.setdefault("lesson", opened or next(iter(LESSONS)))
        left, right = st.columns([1, 1.3], gap="medium")
        name = left.radio(
            "Lesson",
            list(LESSONS),
            format_func=lambda one: f"{numbers[one]}. {LESSONS[one].title}",
            key="lesson",
            label_visibility="collapsed",
        )
        with right.container(border=True, key="lesson-chosen"):
            _chosen(LESSONS[name], opened == name)


def _chosen(lesson: Lesson, opened: bool) -> None:
    """What a lesson says, and the button that opens it."""
    st.markdown(lesson.says)
    tables = SAMPLES[lesson.experiment.data.table.removeprefix("sample:")].title
    st.caption(f"Sample table: {tables}")
    # What a race of a lesson varies is lost when the page is loaded again: it can be opened once more.
    st.button(
        "Open" if not opened else "Open again" if lesson.race else "On screen",
        key=f"open-lesson-{lesson.name}",
        on_click=_open,
        args=(lesson.name,),
        disabled=opened and not lesson.race,
    )
    if lesson.code:
        st.code(lesson.code, "python")


def _open(name: str) -> None:
    lesson = LESSONS[name]
    state.replace(lesson.experiment)
    state.show_run(None)
    if lesson.race:
        setting, values = lesson.race
        st.session_state["race-setting"] = setting
        st.session_state[f"race-values-{setting}@{state.revision()}"] = list(values)
