"""The gallery of lessons: experiments that show one thing each, opened by one click."""

import streamlit as st

from core.experiment.lessons import LESSONS
from core.tables.samples import SAMPLES
from dashboard.session import state


def lessons_popover() -> None:
    """A button, and behind it the lessons in their order."""
    drawer = st.popover("Lessons", icon=":material/school:", key="lessons", on_change="rerun")
    if not drawer.open:
        return
    current = state.experiment().text()
    with drawer:
        st.caption("Open one, press Train, and see whether it is so. Undo brings your own experiment back.")
        for number, lesson in enumerate(LESSONS.values(), start=1):
            with st.container(border=True, key=f"lesson-{lesson.name}"):
                table = SAMPLES[lesson.experiment.data.table.removeprefix("sample:")].title
                st.markdown(f"**{number}. {lesson.title}** :gray[{table}]")
                st.markdown(lesson.says)
                opened = lesson.experiment.text() == current
                st.button(
                    "On screen" if opened else "Open",
                    key=f"open-lesson-{lesson.name}",
                    on_click=_open,
                    args=(lesson.name,),
                    disabled=opened,
                )


def _open(name: str) -> None:
    state.replace(LESSONS[name].experiment)
    state.show_run(None)
