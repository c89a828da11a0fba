"""The components' pure functions, one by one, in one page of the tests' Chromium: no server, no Streamlit."""

import base64
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.browser.component_calls import Call, run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DASH = "\u2013"  # Where there is no number.


_CARD = {"width": 300, "height": 150}


def _at(left: int, top: int, width: int, height: int) -> dict[str, int]:
    """Where a thing stands, as a browser says it."""
    return {"left": left, "top": top, "right": left + width, "bottom": top + height}


@pytest.mark.parametrize(
    ("component", "name", "args", "expected"),
    [
        ("race", "progress", [[{"rows": [], "state": "connecting"}, {"rows": [], "state": "queued"}]], "loading"),
        ("race", "progress", [[{"rows": [], "state": "queued"}]], "queued"),
        ("race", "progress", [[{"rows": [], "state": "finished", "done": True}, {"rows": []}]], "1 of 2"),
        ("race", "progress", [[{"rows": [[3, 0.5]], "state": "training"}]], "epoch 3"),
        ("live", "counted", [1, "row"], "1 row"),
        ("live", "counted", [2000, "row"], "2,000 rows"),
        ("live", "counted", [0, "epoch"], "0 epochs"),
        ("live", "plotlyText", ["a < b & c > <b>"], "a &lt; b &amp; c &gt; &lt;b&gt;"),
        # In letters of 5.6 pixels 250 leave 14 to each of three choices, and 100 leave 5.
        ("search", "namedChoices", [["relu", "a < b", "quantile bins"], 250], ["relu", "a &lt; b", "quantile bins"]),
        ("search", "namedChoices", [["relu", "a < b", "hyperbolic"], 100], ["relu", "<br>a &lt; b", "hyperbol…"]),
        (
            *("search", "namedChoices", [["SGD", "Adam", "RMSprop", "Adagrad", "Nadam", "Lion"], 120]),
            ["SGD", "<br>Adam", "RMSp…", "<br>Adag…", "Nadam", "<br>Lion"],
        ),
        ("search", "evenColumns", [6, 680], 3),  # Where four find room, two rows of three.
        ("search", "evenColumns", [6, 1840], 6),
        ("search", "evenColumns", [7, 680], 4),
        ("search", "evenColumns", [1, 100], 1),
        # Pixels between four columns: (1200 - 336) / 3 = 288, (470 - 208) / 3 = 87, (340 - 168) / 3 = 57.
        ("network", "sideWords", [1200, 4], 168),
        ("network", "sideWords", [470, 4], 104),
        ("network", "sideWords", [620, 4], 136),  # (620 - 272) / 3 = 116
        ("network", "sideWords", [470, 4, 59], 136),  # "price" needs less: (470 - 136 - 59) / 3 = 92 for CITRUS_HEIGHTS
        ("network", "sideWords", [340, 4], 84),
        ("network", "sideWords", [340, 3], 104),  # (340 - 208) / 2 = 66
        ("network", "sideWords", [300, 5], 64),
        ("network", "sideWords", [100, 2], 64),
        # A card of 300 by 150 on a screen of 1920 by 1080, 12 pixels from the thing: below, else right, left, above.
        ("tour", "beside", [_at(100, 50, 40, 20), _CARD, [1920, 1080]], [100, 82]),
        ("tour", "beside", [_at(1850, 50, 60, 20), _CARD, [1920, 1080]], [1608, 82]),  # Within the screen.
        ("tour", "beside", [_at(20, 80, 400, 900), _CARD, [1920, 1080]], [432, 80]),
        ("tour", "beside", [_at(1500, 80, 400, 900), _CARD, [1920, 1080]], [1188, 80]),
        ("tour", "beside", [_at(20, 300, 1880, 700), _CARD, [1920, 1080]], [20, 138]),
        ("tour", "beside", [_at(20, 20, 1880, 1000), _CARD, [1920, 1080]], None),
        ("tour", "beside", [_at(20, 20, 40, 20), _CARD, [390, 844]], None),  # A phone's bottom.
        ("tour", "beside", [_at(10, 600, 370, 160), _CARD, [390, 844]], [70, 438]),  # It would lie over this.
        ("tour", "beside", [_at(10, 100, 370, 700), _CARD, [390, 844]], None),
        ("search", "bright", ["#31333f"], False),
        ("search", "bright", ["rgb(250, 250, 250)"], True),
        ("search", "left", [660], "about 11 min left"),
        ("search", "left", [59], "less than a minute left"),
        ("live", "left", [130, None, False], "2 min 10 s left"),
        ("live", "left", [30, 12, True], "12 s to 30 s left"),
        ("live", "left", [30, 29.9, True], "30 s left"),
        ("live", "left", [30, None, True], "at most 30 s left"),
        ("live", "short", [5012345678], "5.012B"),
        ("live", "short", [0.123456], "0.1235"),
        ("live", "short", [0.00001234], "1.23e-5"),
        ("live", "short", [-12345], "-12.35K"),
        ("live", "short", [0], "0"),
        ("live", "short", [None], DASH),
        ("live", "short", [2e15], "2.00e+15"),
        ("live", "time", [4.21], "4.2 s"),
        ("live", "time", [9.96], "10 s"),
        ("live", "time", [130], "2 min 10 s"),
        ("live", "time", [3900], "1 h 5 min"),
        ("live", "pace", [12.3], "12 epochs/s"),
        ("live", "pace", [1.25], "1.3 epochs/s"),
        ("live", "pace", [0.5], "2.0 s an epoch"),
        ("live", "behind", [{}], "starts next"),
        ("live", "behind", [{"ahead": 1}], "behind 1 training"),
        ("live", "behind", [{"ahead": 3}], "behind 3 trainings"),
        ("live", "seek", [[[2], [4], [6]], 1], 0),
        ("live", "seek", [[[2], [4], [6]], 4], 1),
        ("live", "seek", [[[2], [4], [6]], 5], 2),
        ("live", "seek", [[[2], [4], [6]], 7], 3),
        ("live", "seek", [[], 7], 0),
        ("live", "step", [0.3], 0.5),
        ("live", "step", [2], 2),
        ("live", "step", [2.1], 5),
        ("live", "step", [7000], 10000),
        ("live", "horizon", [10, 1, 0], 15),  # The first of 1, 1.5, 2, ... times ten from 10.5 on.
        ("live", "horizon", [96, 1, 100], 100),  # Never past what is planned.
        ("live", "horizon", [1, 1, 1], 2),  # An axis has a length.
        ("live", "horizon", [990, 1, 100000], 1000),  # The last step of the hundreds.
        ("live", "calm", [None, [0, 1]], [0, 1]),
        ("live", "calm", [[0, 1.2], [0, 1]], [0, 1.2]),  # It still fits, and fills three quarters.
        ("live", "calm", [[0, 2], [0, 1]], [0, 1]),
        ("live", "calm", [[0, 1.2], [0, 1.3]], [0, 1.3]),
        ("live", "ticks", [0, 1, False], [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ("live", "ticks", [-3, 7, False], [-2, 0, 2, 4, 6]),
        ("live", "ticks", [0, 2, True], [1, 2, 5, 10, 20, 50, 100]),  # Exponents of ten.
        ("live", "ticks", [-3, 3, True], [0.001, 0.01, 0.1, 1, 10, 100, 1000]),
        ("live", "ticks", [-6, 6, True], [1e-6, 1e-4, 0.01, 1, 100, 1e4, 1e6]),
        ("live", "column({names: ['loss', 'val_loss']}, 'val_loss')", [[3, 0.5, 0.75]], 0.75),
        ("live", "column({names: ['loss', 'val_loss']}, 'val_loss')", [[3, 0.5, None]], None),
        ("live", "column({names: ['loss']}, 'mae')", [[3, 0.5]], None),
        ("race", "mean", [[1, 2, 6]], 3),
        ("race", "mean", [[]], None),
        ("race", "clear", ["#4c6ef5", 0.16], "rgba(76,110,245,0.16)"),
        ("race", "between", [[2, 4], 0.5], [1, 5]),
        ("race", "between", [[0.1, 4], 0.5], [0, 5.95]),  # What is not negative begins at 0.
        ("race", "between", [[3], 0.5], [2.85, 3.15]),  # A tenth of one number alone.
        ("race", "between", [[], 0.5], [0, 1]),
        ("race", "cut", ["SGD with momentum", 120], "SGD with momentum"),
        ("race", "cut", ["SGD with momentum", 70], "SGD with …"),
        ("race", "cut", ["learning rate 0.01", 20], "0.01"),
        ("race", "scoreText", [{"share": True}, 0.9123], "91.2%"),
        ("race", "scoreText", [{"unit": "$"}, -52310.4], "-$52,310"),
        ("race", "scoreText", [{"unit": "$"}, 278.1], "$278.10"),
        ("race", "scoreText", [{"unit": "$"}, 0.0421], "$0.0421"),
        ("race", "scoreText", [{"unit": "MPa"}, 5.25], "5.25 MPa"),
        ("search", "scoreText", [{"unit": "EUR"}, -699.04], "-699.04 EUR"),
        ("live", "scoreText", [{"unit": "$", "share": False}, 12743.2], "$12,743"),
        ("live", "scoreText", [{"unit": "", "share": True}, 0.65], "65.0%"),
        ("live", "scoreText", [{"unit": ""}, 9649508749.6], "9.65 billion"),
        ("live", "besideCurve", [{"unit": ""}, 9649508749.6], "9.65B"),
        ("live", "besideCurve", [{"unit": "$"}, 1.5e12], "$1.5T"),
        ("live", "besideCurve", [{"unit": ""}, 841_588_117.0], "841.6M"),  # 11 letters more would leave the card.
        ("live", "besideCurve", [{"unit": "$"}, -1_234_567.0], "-$1.235M"),
        ("live", "besideCurve", [{"unit": ""}, 999_960_000.0], "999,960,000"),  # Not 1000M.
        ("live", "besideCurve", [{"unit": "$"}, 999_999.0], "$999,999"),
        ("live", "scoreText", [{"unit": ""}, 0.123456], "0.1235"),
        ("live", "scoreText", [{}, 0.00001234], "1.23e-5"),
        ("race", "scoreText", [{}, None], DASH),
        (
            "live",
            "placeholder",
            [{"rows": [], "answer": {"state": "preparing", "says": "fitting the baselines"}}],
            "Fitting the baselines…",
        ),
        (
            "figure",
            "wrapped",
            ["Share of wrong predictions, the worst", 130],
            ["Share of wrong", "predictions, the", "worst"],
        ),
        ("figure", "wrapped", ["Confusion matrix", 300], ["Confusion matrix"]),
        ("live", "placeholder", [{"rows": [], "answer": {"state": "preparing"}}], "Preparing…"),
        ("live", "tick", [{"unit": "", "share": True}, 0.65], "65%"),
        ("live", "tick", [{"unit": "$"}, 20000], "$20k"),
        ("live", "tick", [{"unit": "MPa"}, 7.5], "7.5"),
        ("race", "cut", ["SGD with momentum", 40], "SGD wit…"),
        ("race", "cut", ["64 units", 150], "64"),
        ("race", "number({names: ['val_mae', 'mae']}, 'mae')", [[1, 5, 6]], 5),
        ("race", "number({names: ['mae']}, 'mae')", [[1, 5]], None),
        (
            "race",
            "best",
            [{"data": {"measure": "mae"}}, {"best": 2, "names": ["val_mae"], "rows": [[1, 9], [2, 4]]}],
            4,
        ),
        ("race", "best", [{"data": {"measure": "mae"}}, {"best": 0, "names": ["val_mae"], "rows": [[1, 9]]}], None),
        ("network", "short", [270553], "270,553"),
        ("network", "short", [0.00001], "1.0e-5"),
        ("network", "short", [None], DASH),
        ("network", "amount", [{"data": {"unit": "$"}}, -12.5], "-$12.50"),
        ("network", "amount", [{"data": {"unit": "€"}}, 278.1], "278.10 €"),
        ("network", "among", [[1e9, 1e9 + 100], 1e9 + 3.52, "$"], "1,000,000,003.52"),
        ("network", "among", [[699.01, 699.05], 699.0312, "$"], "699.0312"),
        ("network", "among", [[0, 900], 278.1, "$"], "278.10"),
        ("network", "amount", [{"data": {"unit": "MPa"}}, 12.5], "12.5 MPa"),
        ("network", "amount", [{"data": {"unit": ""}}, 12.5], "12.5"),
        ("network", "among", [[1e9, 1e9 + 100], 1e9 + 3.5], "1,000,000,003.5"),
        ("network", "among", [[0, 100], 3.25], "3.25"),
        ("network", "mixed", [{"low": [0, 0, 0], "high": [200, 100, 0]}, [100, 100, 100], 0.75], [150, 100, 50]),
        ("network", "mixed", [{"low": [0, 0, 0], "high": [200, 100, 0]}, [100, 100, 100], 0], [0, 0, 0]),
        ("network", "rgb", ["rebeccapurple"], [102, 51, 153]),
        ("network", "percent", [1, 3], 33),
        ("network", "percent", [999, 1000], 99.9),  # 100 only where none is missing ...
        ("network", "percent", [99999, 100000], 99.9),
        ("network", "percent", [1, 1000], 0.1),  # ... and 0 only where there is none.
        ("network", "percent", [0, 0], 0),
        ("network", "rowsOf", [{"still": {"part": "train", "rows": 3000}}, 600], "600 of 3,000 training rows"),
        ("network", "rowsOf", [{"still": {"part": "validation"}}, 60], "Validation rows"),
        ("network", "inkOn", [{"ground": "#14171c", "text": "#e6e9ee"}, 1], "#14171c"),
        ("network", "inkOn", [{"ground": "#14171c", "text": "#e6e9ee"}, 0.5], "#e6e9ee"),
        ("network", "inkOn", [{"ground": "#ffffff", "text": "#1c2430"}, 1], "#1c2430"),
        ("network", "apart", [["short", "a name"], 10], ["short", "a name"]),
        (
            "network",
            "apart",
            [["temperature in the north", "temperature in the south"], 7],
            ["te…north", "te…south"],
        ),
        (
            "network",
            "apart",
            [["Listed: trend", "Listed: season, sine", "Listed: season, cosine"], 16],
            ["Listed: trend", "Li…season, sine", "…season, cosine"],
        ),
        (
            "network",
            "apart",
            [[f"arrival: {part} {wave}" for part in ("season", "weekday") for wave in ("sine", "cosine")], 11],
            ["…season sine", "…season cosine", "…weekday sine", "…weekday cosine"],
        ),
        (
            "network",
            "apart",
            [
                [
                    f"Permanent {kind} of the {place} registry office"
                    for kind in ("construction permit", "taxi concession")
                    for place in ("northern", "southern")
                ],
                15,
            ],
            ["constru norther", "constru souther", "taxi northern", "taxi southern"],
        ),
        ("playback", "said", [{"data": {"words": {"5": "Best epoch"}}}, {"epoch": 5}], "Best epoch"),
        ("playback", "said", [{"data": {"words": {}}}, {"epoch": 6}], "Epoch 6"),
        ("stack", "place", [{"keys": [7, 3, 9]}, 9], 2),
    ],
)
def test_a_function_gives_what_its_words_promise(call: Call, component: str, name: str, args: list, expected: Any):
    found = call(component, name, *args)
    assert found == (pytest.approx(expected) if isinstance(expected, float | list) else expected)


def test_smoothing_is_the_moving_average_without_a_bias_towards_zero(call: Call):
    values = np.random.default_rng(0).normal(size=40)
    smooth = f"(() => {{ const next = averaging(0.9); return {values.tolist()}.map(next); }})"
    expected = pd.Series(values).ewm(alpha=0.1, adjust=True).mean()
    np.testing.assert_allclose(call("live", smooth), expected, rtol=1e-12)
    gap = "(() => { const next = averaging(0.5); return [4, null, 1].map(next); })"
    assert call("live", gap) == pytest.approx([4, None, 2])  # (0.25 x 4 + 0.5 x 1) / 0.75: a gap counts for nothing.


def test_what_is_lowest_and_highest_is_known_without_walking_through_all_rows(call: Call):
    rows = [[1, 5.0, None], [2, 3.0, 9.0], [3, 4.0, 7.0]]
    widened = "s => { for (const row of s.rows) widen(s, row); }"
    s = call("live", widened, run(rows, "loss", "val_loss"), changed=True)
    assert (s["low"], s["high"]) == ([None, 3, 7], [None, 5, 9])
    chart = {"keys": ["loss", "val_loss"], "hidden": [False, False]}
    assert call("live", "extent", s, chart) == [3, 9]
    assert call("live", "extent", s, {**chart, "hidden": [True, False]}) == [7, 9]
    assert call("live", "extent", s, {**chart, "keys": ["mae", "val_mae"]}) == ["Infinity", "-Infinity"]


def test_a_long_curve_is_thinned_to_its_peaks(call: Call):
    values = np.random.default_rng(1).normal(size=5000)
    rows = [[epoch, value] for epoch, value in enumerate(values.tolist(), 1)]
    thin = "(rows, pixels) => thinned(rows, row => row[1], pixels)"
    line = call("live", thin, rows, 300)
    assert len(line["x"]) <= 2 * 300 + 1
    assert line["x"] == sorted(set(line["x"]))
    assert all(values[x - 1] == y for x, y in zip(line["x"], line["y"], strict=True))
    assert {values.min(), values.max()} <= set(line["y"])
    assert line["x"][-1] == 5000
    assert call("live", thin, rows[:2000], 300)["x"] == list(range(1, 2001))  # Few enough to draw all.


def test_the_axis_shows_the_curves_and_cuts_off_a_huge_beginning(call: Call):
    falling = [[epoch, 100.0 if epoch < 3 else 1 / epoch] for epoch in range(1, 101)]
    s = call("live", "s => { for (const row of s.rows) widen(s, row); }", run(falling, "loss"), changed=True)
    chart = {"keys": ["loss", "val_loss"], "hidden": [False, False], "log": False}
    low, high = call("live", "span", {**s, "others": []}, chart, [])
    ninetieth = sorted(value for _, value in falling)[90]
    assert low == 0
    assert high == pytest.approx((0.01 + 5 * (ninetieth - 0.01)) + 0.06 * (5 * (ninetieth - 0.01)))
    near, far = (call("live", "span", {**s, "others": []}, chart, [at])[1] for at in (2.0, 1000.0))
    assert near > 2  # A baseline near by is let in, ...
    assert far == high  # ... one that would flatten the curves is not.
    log_low, log_high = call("live", "span", {**s, "others": []}, {**chart, "log": True}, [])
    assert (log_low, log_high) == pytest.approx((-2 - 0.06 * 4, 2 + 0.06 * 4))  # From 0.01 to 100.


def test_a_band_goes_on_with_the_last_number_of_a_run_that_is_over(call: Call):
    runs = [
        {"rows": [[1, 4.0], [2, 2.0]], "names": ["val_mae"], "done": True},
        {"rows": [[1, 6.0], [2, 5.0], [3, 3.0]], "names": ["val_mae"], "done": False},
        {"rows": [], "names": [], "done": False},
    ]
    band = call("race", "band", {"data": {"measure": "mae"}}, {"all": runs})
    assert band == {"x": [1, 2, 3], "mean": [5, 3.5, 2.5], "low": [4, 2, 2], "high": [6, 5, 3]}
    going_on = call("race", "band", {"data": {"measure": "mae"}}, {"all": [{**runs[0], "done": False}, runs[1]]})
    assert going_on["mean"] == [5, 3.5, 3]
    long = {"rows": [[epoch, epoch] for epoch in range(1, 2001)], "names": ["val_mae"], "done": True}
    thinned = call("race", "band", {"data": {"measure": "mae"}}, {"all": [long]})
    assert len(thinned["x"]) <= 401
    assert (thinned["x"][0], thinned["x"][-1]) == (1, 2000)


def test_a_race_is_drawn_without_a_few_far_first_epochs(call: Call):
    band = {"low": [1000.0] * 2 + [2.0] * 40, "high": [1000.0] * 2 + [3.0] * 40}
    low, high = call("race", "sight", {"data": {"larger": False}}, [band])
    assert (low, high) == pytest.approx((2 - 0.06 * 4, 6 + 0.06 * 4))  # 2 + 4 x (3 - 2), and some room.
    assert call("race", "sight", {"data": {}}, []) == [0, 1]


def test_dots_of_seeds_stand_beside_each_other_around_their_mean(call: Call):
    lane = {"name": "a", "colour": "#102030"}
    dots, mean = call("race", "dots", {}, lane, [3.0, None, 5.0], 2)
    assert (dots["x"], dots["y"]) == (pytest.approx([1.955, 2.045]), [3, 5])
    assert mean["y"] == [4, 4]
    assert call("race", "dots", {}, lane, [None], 2)[1]["y"] == []


def test_numbers_travel_as_bytes(call: Call):
    text = base64.b64encode(bytes(range(256))).decode()
    assert call("network", "text => [...bytes(text)]", text) == list(range(256))


def test_all_who_look_see_the_same_frame(call: Call):
    """The frame is the clock's alone: 5 frames of PACE ms and a REST at the last one, over and over."""
    pace, rest = (call("playback", f"() => {name}") for name in ("PACE", "REST"))
    at = """(s, now) => {
      const clock = Date.now;
      Date.now = () => now;
      try { return place(s); } finally { Date.now = clock; }
    }"""
    frames, whole = {"frames": [{}] * 5, "offset": 0}, 5 * pace + rest
    for round_ in (0, 1, 1000):
        moments = [round_ * whole + part * pace + 1 for part in range(6)]
        assert [call("playback", at, frames, now) for now in moments] == [0, 1, 2, 3, 4, 4]
    paused = {**frames, "offset": pace - 10 * whole}  # It goes on from the second frame at that moment.
    assert call("playback", at, paused, 10 * whole) == 1


@pytest.mark.parametrize(
    ("kind", "limits", "text", "optional", "wrong"),
    [
        ("whole", {"low": 1, "asked": "a whole number from 1"}, "8", False, False),
        ("whole", {"low": 1, "asked": "a whole number from 1"}, "0", False, True),
        ("whole", {"low": 1, "asked": "a whole number from 1"}, "1.5", False, True),
        ("number", {"low": 0, "below": 1, "asked": "a number from 0 to below 1"}, "0.5", False, False),
        ("number", {"low": 0, "below": 1, "asked": "a number from 0 to below 1"}, "1", False, True),
        ("number", {"above": 0, "asked": "a number above 0"}, "0", False, True),
        ("number", {"asked": "a number"}, "", False, True),
        ("number", {"asked": "a number"}, "", True, False),
        ("choice", {}, "anything", False, False),
    ],
)
def test_a_value_that_python_would_refuse_is_said_at_its_field(call: Call, kind, limits, text, optional, wrong):
    field = {"kind": kind, "limits": limits, "label": "rate", "optional": optional, "name": "rate"}
    typed = {"value": text, "validity": {"badInput": False}}
    says = call("stack", "wrong", {"keys": [4, 7]}, 7, field, typed)
    ending = ", or leave it empty." if optional else "."
    assert says == (f"Rate of layer 2: enter {limits.get('asked')}{ending}" if wrong else "")


def test_too_many_units_are_answered_with_the_most_there_may_be(call: Call):
    limits = {"low": 1, "high": 512, "asked": "a whole number from 1", "most": "512 at most"}
    field = {"kind": "whole", "limits": limits, "label": "units", "optional": False}
    typed = {"value": "1000", "validity": {"badInput": False}}
    assert call("stack", "wrong", {"keys": [4]}, 4, field, typed) == "Units of layer 1: enter 512 at most."


def test_a_chart_of_a_plotly_that_was_not_tried_gives_no_axes(call: Call):
    axis = "{ range: [0, 10], _offset: 40, c2p: v => 20 * v, c2l: v => v }"
    known = f"() => {{ const {{ x }} = axesOf({{ _fullLayout: {{ xaxis: {axis}, yaxis: {axis} }} }}); return x; }}"
    assert call("live", known) == {"range": [0, 10], "offset": 40}
    pixels = known.replace("return x", "return [x.pixel(3), x.linear(3)]")
    assert call("live", pixels) == [60, 3]
    for other in ("{}", f"{{ _fullLayout: {{ xaxis: {axis} }} }}", "{ _fullLayout: { xaxis: {}, yaxis: {} } }"):
        assert call("live", f"() => axesOf({other})") is None
    assert call("live", "() => traceIds({ _fullData: [{ uid: 'a1' }, { uid: 'b2' }] })") == ["a1", "b2"]
    for other in ("{}", "{ _fullData: [] }", "{ _fullData: [{ uid: 'a1' }, {}] }"):
        assert call("live", f"() => traceIds({other})") is None


def test_text_is_cut_to_its_room_in_the_picture_of_the_network(call: Call) -> None:
    font = "12px Arial, sans-serif"
    assert call("network", "cut", "city: SACRAMENTO", 500, font) == "city: SACRAMENTO"
    shorter = call("network", "cut", "city: SACRAMENTO", 60, font)
    assert shorter.endswith("\u2026")
    assert "city: SACRAMENTO".startswith(shorter[:-1])
    assert 4 <= len(shorter) <= 10
    assert call("network", "opaque", "rgba(0, 0, 0, 0.5)", "#ffffff") in ("rgb(127, 127, 127)", "rgb(128, 128, 128)")
