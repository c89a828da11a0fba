"""How sure predictions are: intervals or sets level by level, measured on the test rows; a section of Result."""

import math

import pandas as pd
import streamlit as st

from core.evaluation.conformal import LARGEST_LEVEL, LEAST_LEVEL, Coverage
from dashboard.components.figure import figure
from dashboard.figures.coverage import coverage_curve
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import units_of
from dashboard.text import count, number

_LISTED = (0.5, 0.8, 0.9, 0.95, 0.99)


def interval_coverage(asked: Asked) -> None:
    """Draws the measured share of the levels, and a table of the usual ones with their widths."""
    found: Coverage = asked.answer("coverage")[asked.target]
    unit = units_of(asked.experiment).get(asked.target, "")
    classes, rows = found.conformal.classes, len(found.test.y_true)

    def size(level: float) -> str:
        mean = found.size(level)
        if not math.isfinite(mean):
            return "too few validation rows"
        return f"{mean:.2f} of {len(classes)} classes" if classes else number(mean, unit)

    what = "sets of classes" if classes else "intervals"
    calibrated = count(len(found.conformal.errors), "validation row")
    st.caption(
        f"Split conformal prediction: {what} from the errors on {calibrated}, measured on "
        f"{count(rows, 'test row')}.{_how(found)} The band is what chance allows."
    )
    left, right = st.columns([1.5, 1], gap="medium")
    levels = [percent / 100 for percent in range(round(100 * LEAST_LEVEL), round(100 * LARGEST_LEVEL) + 1)]
    shares = [found.share(level) for level in levels]
    scatter = [found.scatter(level) for level in levels]
    with left:
        drawn = coverage_curve(levels, shares, [f"mean {size(level)}" for level in levels], scatter)
        figure(
            drawn, key="coverage-curve", says="The measured share of each confidence level", run=asked.experiment.name
        )
    with right:
        st.dataframe(
            pd.DataFrame(
                {
                    "level": [f"{level:.0%}" for level in _LISTED],
                    "coverage": [f"{found.share(level):.1%}" for level in _LISTED],
                    "mean size" if classes else "mean width": [size(level) for level in _LISTED],
                }
            ),
            placeholder="-",
            hide_index=True,
        )


def _how(found: Coverage) -> str:
    """What else a person should know of how the intervals are made."""
    conformal = found.conformal
    said = ""
    if conformal.classes:
        said += " The predicted class is always in the set."
    elif conformal.difficulty is not None:
        said += " The width follows the predicted value: that makes the intervals narrower on validation rows."
    else:
        said += " All intervals of a level are equally wide: a width that follows the predicted value is not narrower."
    if conformal.weights is not None:
        said += " Rows count by their sample weights."
    return said
