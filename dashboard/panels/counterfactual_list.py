"""The smallest changes of the form's row that would flip its predicted class; a part of the Predict page."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.experiment.spec import Experiment
from core.tables.errors import TableError
from core.tables.number_text import NumberText, clock_forms
from core.tables.reading import listed
from dashboard.panels.asked_evaluation import Asked
from dashboard.text import amount, escape


def counterfactual_list(
    run_id: str, experiment: Experiment, card: dict[str, Any], row: dict[str, Any], seeds: Sequence[str] = ()
) -> None:
    """Draws a line a change, for each target of classes; nothing where it cannot be computed, which the contributions
    of the same row say. With `seeds` the class is that of their mean.
    """
    forms = clock_forms(card.get("numbers", {}))
    features = {feature["name"]: feature for feature in card["features"]}
    for target in card["targets"]:
        if not target["classes"]:
            continue
        try:
            asked = Asked.of_model(run_id, experiment, card, seeds, target["target"])
            found = asked.answer("counterfactuals", row=row, target=target["target"])
        except (LookupError, RuntimeError, TimeoutError, TableError) as error:
            if type(error) in (KeyError, IndexError):
                raise
            return
        st.markdown(f"**What would change the predicted {escape(target['target'])}, {escape(str(found['class']))}**")
        lines = [change_sentence(change, features, forms) for change in found["changes"]]
        if not lines:
            kept = f" Left as they are: {escape(listed(found['left_out']))}." if found["left_out"] else ""
            st.caption(
                "No change of a single feature within the training range would, and no change of two "
                f"of the first eight features was found that would.{kept}"
            )
        for line in lines:
            st.markdown(f"- {escape(line)}")


def change_sentence(
    change: dict[str, Any], features: dict[str, dict[str, Any]], clocks: Mapping[str, NumberText] = {}
) -> str:
    """A change as "sex = female: 1"; times as `clocks` write them."""

    def written(name: str, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float) and name in clocks:
            return clocks[name].written(value)
        if isinstance(value, float):
            return amount(value, features[name].get("low"), features[name].get("high"))
        return str(value)

    changes = " and ".join(f"{name} = {written(name, value)}" for name, value in change["features"].items())
    return f"{changes}: {change['class']} is predicted"
