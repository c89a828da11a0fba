"""Columns of chance: known numbers and dates are spelled in many ways, and come back, or a note says what was not
understood. None is silently wrong.
"""

import datetime as dt
import random

import numpy as np
import pandas as pd
import pytest

from core.experiment.reading import as_json
from core.tables.cell_reading import column_readings
from core.tables.cell_values import CELL_READERS, with_values

JUNK = ["", "?", "TBC", "-", "n.a."]
UNITS = ["", "", "kg", "€", "$", "km/h", "%", "°C", "USD"]


def spelled(value: float, style: dict[str, str]) -> str:
    """A number with a mark before decimals and one between thousands, a unit and a sign."""
    whole, _, part = f"{abs(value):.2f}".partition(".")
    text = f"{int(whole):,}".replace(",", style["group"]) + (style["mark"] + part if style["decimals"] else "")
    if style["unit"]:
        text = style["unit"] + text if style["front"] else text + style["gap"] + style["unit"]
    if value >= 0:
        return text
    return {"-": f"-{text}", "\u2212": f"\u2212{text}", "()": f"({text})", "behind": f"{text}-"}[style["minus"]]


def column(draw: random.Random) -> tuple[list[str], list[float], dict[str, str]]:
    """Cells, their numbers, and how they are spelled."""
    mark = draw.choice([".", ","])
    style = {
        "mark": mark,
        "group": draw.choice(["", "'", "\u00a0", "\u202f", " ", "," if mark == "." else "."]),
        "decimals": draw.choice(["", "yes"]),
        "unit": draw.choice(UNITS),
        "gap": draw.choice(["", " "]),
        "minus": draw.choice(["-", "\u2212", "()", "behind"]),
    }
    style["front"] = "yes" if style["unit"] in ("€", "$") and draw.random() < 0.5 else ""
    low, high = draw.choice([0, -2000]), 10 ** draw.randint(2, 6)
    values = [round(draw.uniform(low, high), 2) for _ in range(draw.randint(30, 60))]
    values = values if style["decimals"] else [float(int(value)) for value in values]
    junk, often = draw.choice(JUNK), draw.randint(0, 3)
    return [*(spelled(value, style) for value in values), *[junk] * often], [*values, *[np.nan] * often], style


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 8))])
def test_numbers_however_they_are_spelled_come_back_or_are_said_to_be_doubtful(seed):
    draw, doubtful = random.Random(seed), 0
    for _ in range(150):
        cells, expected, style = column(draw)
        frame = pd.DataFrame({"v": cells})
        readings, notes = column_readings(frame, decimal=draw.choice(["", style["mark"]]))
        found = with_values(frame, as_json(readings), CELL_READERS)["v"]
        if pd.api.types.is_numeric_dtype(found):
            np.testing.assert_allclose(found, expected, err_msg=f"{style} {cells[:5]}")
        else:
            assert [note for note in notes if note.kind == "doubt"], f"{style} {cells[:5]}"
            doubtful += 1
    assert doubtful < 30


FORMS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%b %d, %Y", "%d %B %Y", "%d-%b-%y", "%a, %d %b %Y"),
    *("%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%Y-%m-%dT%H:%M:%SZ", "%B %d, %Y at %I:%M %p"),
)


@pytest.mark.parametrize("form", FORMS)
def test_dates_however_they_are_spelled_come_back(form):
    """The oracle is `strptime` on what `strftime` wrote."""
    draw = random.Random(form)
    days = [dt.datetime(2019, 1, 1) + dt.timedelta(minutes=draw.randint(0, 1_500_000)) for _ in range(60)]
    cells = [f"{day:{form}}" for day in days]
    frame = pd.DataFrame({"when": [*cells, "TBC", ""]})
    readings, notes = column_readings(frame)
    found = with_values(frame, as_json(readings), CELL_READERS)["when"]
    assert found.tolist()[:60] == [pd.Timestamp(dt.datetime.strptime(cell, form)) for cell in cells]
    assert found.isna().sum() == 2
    assert [note.cells for note in notes if note.kind == "unread"] == [(("TBC", 1), ("blank", 1))]
