"""Answers beside the rows they belong to."""

import pandas as pd


def beside(frame: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """The table with the answers' columns behind its own; one whose name is taken gets " (model)" behind it until it is free."""
    taken, names = set(frame.columns), {}
    for name in answers.columns:
        free = name
        while free in taken:
            free = f"{free} (model)"
        names[name] = free
        taken.add(free)
    return frame.join(answers.rename(columns=names))
