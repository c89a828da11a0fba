"""All scores at the slider's epoch with their intervals, and the differences from the baselines: a section of the
Result page.
"""

from typing import Any

import pandas as pd
import streamlit as st

from core.experiment.metric_titles import metrics_first, score_title
from core.experiment.score_words import GRADIENT_BOOSTING, Interval, difference_words, interval_words
from dashboard.panels.answer_beside import AnswerBeside, answer_beside, drawn_anew_once_there
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import units_of
from dashboard.text import count, escape, score

_SECTION = "intervals"


def score_intervals_table(asked: Asked) -> None:
    """Draws both tables; gradient boosting, where it is still to be fitted, joins them later."""
    found, units = asked.answer(_SECTION), units_of(asked.experiment)
    boosted = AnswerBeside(None, "", False)
    if GRADIENT_BOOSTING not in found["baselines"]:
        boosted = answer_beside(asked, _SECTION, boosting=True)
        found = boosted.value or found
    names = metrics_first(found["scores"]["test"])
    titles = {name: score_title(name, asked.experiment) for name in names}

    def told(name: str, interval: Interval) -> str:
        value = score(name, interval["value"], asked.experiment, units)
        if interval["low"] is None:
            return value
        return f"{value} ({interval_words(name, interval, asked.experiment, units, points=False)})"

    rows: dict[str, dict[str, Any]] = {
        f"epoch {found['epoch']:,}, {part}": found["scores"][part]
        for part in ("test", "validation")
        if part in found["scores"]
    }
    rows |= {f"{baseline}, test": parts["test"] for baseline, parts in found["baselines"].items()}
    st.dataframe(
        pd.DataFrame(
            [{"": row} | {titles[name]: told(name, scores[name]) for name in names} for row, scores in rows.items()]
        ),
        placeholder="-",
        hide_index=True,
    )
    st.dataframe(
        pd.DataFrame(
            [
                {"Metric": titles[name], "Difference on the test rows": words, "Verdict": verdict}
                for differences in [found["difference"]]
                for name in names
                for baseline, of in differences.items()
                for words, verdict in [difference_words(name, of[name], baseline, asked.experiment, units)]
            ]
        ),
        placeholder="-",
        hide_index=True,
    )
    weighted = asked.experiment.data.weight
    heeded = " The loss and the weighted metrics use the sample weights." if weighted else ""
    drawn = "the groups" if any("groups" in of for of in found["evaluated"].values()) else "the rows"
    if any(data.preparation_of(target).target for data in [asked.experiment.data] for target in data.targets):
        heeded += " Where the network learns the logarithm of a target, so do the linear model and gradient boosting."
    st.caption(
        f"{found['level']:.0%} intervals in brackets, of {count(found['resamples'], 'bootstrap resample')} of {drawn} "
        f"of each part. The validation rows chose the best epoch, so their scores are somewhat too good.{heeded}"
    )
    if boosted.waits:
        st.caption("Gradient boosting is being fitted: it is added to the tables when it is ready.")
    elif boosted.says:
        st.caption(escape(f"There is no gradient boosting. {boosted.says}"))
    drawn_anew_once_there(boosted, asked, _SECTION, boosting=True)
