"""The Result page: scores on rows never trained on, beside the baselines, and what can be taken away."""

from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.experiment.spec import Experiment
from dashboard import state
from dashboard.figures import confusion, predicted_against_actual
from dashboard.services import engine, tables
from dashboard.views.parts import escape, shown_run, unit_of
from dashboard.words import STATE_WORDS, larger_is_better, metric_title, number, score


def view() -> None:
    """Draws the page."""
    found = shown_run()
    if found is None:
        return
    run_id, experiment = found
    run = engine().run(run_id)
    assert run is not None
    st.header(escape(experiment.name))
    if not run.over:
        st.info("This run is still going on; its scores come when it ends. The Build page shows its curves.")
        _look_again(run_id)
        return
    try:
        store = engine().store()
        result, card = store.value(run_id, "result.json"), store.value(run_id, "card.json")
    except (LookupError, RuntimeError) as error:
        st.warning(escape(run.says or str(error)))
        return
    unit = unit_of(experiment)
    st.caption(
        f"{STATE_WORDS[run.state]} after {result['epochs']} epochs, best epoch {result['best_epoch']}; "
        f"{result['seconds']:.1f} s of training, compiling included."
    )
    if result["says"]:
        (st.info if result["ended"] == "early" else st.warning)(escape(result["says"]))
    for line in result["log"]:
        st.info(escape(line))
    _tiles(result, experiment, unit)
    left, right = st.columns([1.5, 1], gap="medium")
    with left:
        figure = result["figure"]
        if "confusion" in figure:
            drawn = confusion(figure["confusion"], card["classes"], dark=st.context.theme.type == "dark")
        else:
            drawn = predicted_against_actual(figure["actual"], figure["predicted"], card["target"], unit)
        st.plotly_chart(drawn, key="figure", config={"displaylogo": False})
    with right:
        st.subheader("Scores")
        st.dataframe(_score_table(result, experiment, unit), hide_index=True)
        st.caption("Test rows were never shown to the network; the baselines are judged on the same rows.")
        _take_away(run_id, experiment)


@st.fragment(run_every=1.0)
def _look_again(run_id: str) -> None:
    run = engine().run(run_id)
    if run is None or run.over:
        st.rerun()
    else:
        st.progress(min(1.0, len(run.rows) / run.total), f"Epoch {len(run.rows)} of {run.total}")


def _tiles(result: dict[str, Any], experiment: Experiment, unit: str) -> None:
    names = [name for name in result["test"] if name != "loss"][:4] or ["loss"]
    for box, name in zip(st.columns(len(names)), names, strict=True):
        value = result["test"][name]
        dummy, line = next(iter(result["baselines"])), next(reversed(result["baselines"]))
        simple = result["baselines"][line]["test"][name]
        better = (value - simple) * (1 if larger_is_better(name, experiment) else -1)
        said, colour = _compared(name, better, line, experiment, unit)
        box.metric(
            f"Test {metric_title(name, experiment)}",
            score(name, value, experiment, unit),
            delta=said,
            delta_color=colour,
            delta_arrow="off",
            border=True,
            help=f"{dummy}: {score(name, result['baselines'][dummy]['test'][name], experiment, unit)}",
        )


def _compared(name: str, better: float, line: str, experiment: Experiment, unit: str) -> tuple[str, Literal["green", "orange", "gray"]]:
    """How much better the network is than a baseline, in words, and their colour."""
    if abs(better) < 1e-9:
        return f"the same as the {line}", "gray"
    share = any(metric.row.short == name and metric.row.share for metric in experiment.compile.metrics)
    much = f"{100 * abs(better):.1f} points" if share else score(name, abs(better), experiment, unit)
    return (f"{much} better than the {line}", "green") if better > 0 else (f"{much} worse than the {line}", "orange")


def _score_table(result: dict[str, Any], experiment: Experiment, unit: str) -> pd.DataFrame:
    names = list(result["test"])
    rows = {
        "network, test": result["scores"]["test"],
        "network, validation": result["scores"]["validation"],
        "network, training": result["scores"]["train"],
    }
    rows |= {f"{simple}, test": parts["test"] for simple, parts in result["baselines"].items()}
    return pd.DataFrame(
        [
            {
                "": label,
                **{
                    metric_title(name, experiment): score(name, scores[name], experiment, unit) if name != "loss" else number(scores[name])
                    for name in names
                },
            }
            for label, scores in rows.items()
        ]
    )


def _take_away(run_id: str, experiment: Experiment) -> None:
    st.subheader("Take it away")
    store = engine().store()
    with st.container(horizontal=True, key="tight-take"):
        for label, name, file, mime in (
            ("Keras program", "program.py", "program.py", "text/x-python"),
            ("Model (.keras)", "model.keras", "model.keras", "application/octet-stream"),
            ("Experiment", "as_run.json", "experiment.json", "application/json"),
        ):
            st.download_button(
                label,
                lambda name=name: store.path(run_id, name).read_bytes(),
                file,
                mime,
                key=f"take-{name}",
                on_click="ignore",
                icon=":material/download:",
            )
        st.download_button(
            "Table (CSV)",
            lambda: tables().frame(experiment.data.table).to_csv(index=False).encode(),
            "table.csv",
            "text/csv",
            key="take-table",
            on_click="ignore",
            icon=":material/download:",
        )
    st.caption(escape("The program prints the same scores when run with plain Python on the table; the model takes raw rows."))
    if st.button("Edit this run's experiment", key="edit-run"):
        from dashboard.views import build  # Here, because the Build page links to this one.

        state.replace(experiment)
        st.switch_page(st.Page(build.view, url_path="build", default=True))
