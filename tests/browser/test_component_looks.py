"""Where names and colours of drawings stand, function by function, in one page of the tests' Chromium."""

import math

import pytest
from playwright.sync_api import Browser

from tests.browser.component_calls import COMPONENTS, Call, run

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_names_of_baselines_do_not_lie_on_the_curves(call: Call):
    """Of one in the middle the label stands above or below its line, where the curves leave more room."""
    colours = {"font": "x", "quiet": "#000", "halo": ""}
    rows = [[epoch, 0.55] for epoch in range(1, 101)]
    s = {**run(rows, "loss"), "data": {"height": 238}, "colours": colours, "last": 100, "answer": {"best": 0}}
    # 400 by 200 px between the margins.
    chart = {"keys": ["loss", "val_loss"], "hidden": [False, False], "log": False, "width": 452}
    (label,) = call("live", "labels", s, chart, [{"name": "mean", "y": 0.5}], 0, 1)
    assert label["text"] == "mean 0.5"
    line, middle = 100, (1 - label["y"]) * 200  # px from the top; the curve runs at 90 px.
    assert middle > line
    # A long name would cover the curve left of the last third, where it runs at 103 px until epoch 75 and rises to
    # 10 px then: 7 px below its place it covers nothing.
    falls = [[epoch, 0.485 if epoch < 75 else 0.95] for epoch in range(1, 101)]
    (long,) = call(
        "live", "labels", {**s, "rows": falls}, chart, [{"name": "a baseline of a long name", "y": 0.5}], 0, 1
    )
    assert ((1 - long["y"]) * 200, long["xanchor"]) == (pytest.approx(115), "right")
    # Curves 6 px above and below the line: the name stands above both of them, 7 px from where it would be.
    named = [{"name": "linear model", "y": 0.5}]
    both = [[epoch, 0.95, 0.05] if epoch < 50 else [epoch, 0.53, 0.47] for epoch in range(1, 101)]
    (away,) = call("live", "labels", {**s, **run(both, "loss", "val_loss")}, chart, named, 0, 1)
    assert ((1 - away["y"]) * 200, away["xanchor"]) == (pytest.approx(92 - 7), "right")
    # Curves that go up and down on both sides: at the left end there is room.
    swing = [row if row[0] < 50 else [row[0], 0.8 - 0.3 * (row[0] % 2), 0.2 + 0.3 * (row[0] % 2)] for row in both]
    (aside,) = call("live", "labels", {**s, **run(swing, "loss", "val_loss")}, chart, named, 0, 1)
    assert (aside["x"], aside["xanchor"]) == (0, "left")
    (above,) = call("live", "labels", {**s, "rows": []}, chart, [{"name": "<b>", "y": 2.0}], 0, 1)
    assert above["text"] == "↑ &lt;b&gt; 2"
    assert math.isclose((1 - above["y"]) * 200, 7 + 1, abs_tol=1)  # At the edge, where it would be.


@pytest.mark.parametrize(
    ("state", "before", "epochs", "middle"),
    [
        ("training", {}, 3, 92),
        # 8 px along the curve and 9 px of its rise: no reason to jump, but at the end.
        ("training", {"mean": "below right 0"}, 3, 108),
        ("training", {"mean": "below right 0"}, 20, 92),
        ("finished", {"mean": "below right 0"}, 3, 92),
    ],
)
def test_names_of_baselines_keep_their_places_until_another_is_clearly_better(
    call: Call, state: str, before: dict, epochs: int, middle: float
):
    """The curve comes to run 6 px below the line, in the last of 100 epochs of 4 px each."""
    rows = [[epoch, 0.05 if epoch <= 100 - epochs else 0.47] for epoch in range(1, 101)]
    answer = {"best": 0, "state": state}
    s = {**run(rows, "loss"), "data": {"height": 238}, "colours": {}, "last": 100, "answer": answer}
    chart = {"keys": ["loss"], "hidden": [False], "log": False, "width": 452, "places": before}
    (label,) = call("live", "labels", s, chart, [{"name": "mean", "y": 0.5}], 0, 1)
    assert (1 - label["y"]) * 200 == pytest.approx(middle)


def test_names_of_baselines_do_not_lie_on_the_best_epochs_dot(call: Call):
    """They stand on the other side of their lines, or left of it."""
    colours = {"font": "x", "quiet": "#000", "halo": ""}
    rows = [[epoch, 0.9, 0.9] for epoch in range(1, 101)]
    chart = {"keys": ["loss", "val_loss"], "hidden": [False, False], "log": False, "width": 452}  # 400 px of it.

    def placed(epoch: int, value: float, baseline: float) -> tuple[float, float]:
        """The middle of the label from the top, and its end from the right end, in px, for a dot there."""
        dotted = [[*row[:2], value] if row[0] == epoch else row for row in rows]
        s = {**run(dotted, "loss", "val_loss"), "data": {"height": 238}, "colours": colours, "last": 100}
        named = [{"name": "mean", "y": baseline}]
        (label,) = call("live", "labels", {**s, "answer": {"best": epoch}}, chart, named, 0, 1)
        return pytest.approx((1 - label["y"]) * 200), pytest.approx(-label["xshift"])

    assert placed(50, 0.54, 0.5) == (92, 0)  # The dot is 200 px from the right end: not in the way.
    # It is below the line, and the curve comes down to it: the label stands left of both.
    assert placed(98, 0.46, 0.5) == (108, 15)
    assert placed(98, 0.54, 0.5) == (108, 0)
    # At the upper edge there is room below the line alone: left of the dot, which is 8 px from the right end.
    assert placed(98, 0.97, 1.0) == (7, 15)


@pytest.mark.parametrize("second", [0.90, 0.91, 0.88, 0.85])
def test_names_of_baselines_do_not_lie_on_each_other(call: Call, second: float):
    """That of one at the top lies below its line, where that of the next would lie above its own."""
    chart = {"log": False, "keys": ["loss"], "hidden": [False], "width": 600}
    s = {**run([], "loss"), "data": {"height": 238}, "last": 2, "colours": {}, "answer": {"best": 0}}
    named = [{"name": "majority", "y": 1.0}, {"name": "gradient boosting", "y": second}]
    first, other = sorted((1 - label["y"]) * 200 for label in call("live", "labels", s, chart, named, 0, 1))
    assert other - first >= 14  # px from middle to middle: a label is as tall.


def test_below_the_drawing_a_picture_that_nobody_has_begun_takes_no_room(call: Call):
    waits = {"data": {"height": 300}, "scene": None}
    assert [call("network", "tallness", waits, below, 24) for below in (False, True)] == [254, 40]
    trains = {"data": {"height": 300, "url": "/api"}, "scene": None}
    assert call("network", "tallness", trains, True, 24) == 254  # What stands below stays there as it begins.


def test_on_dark_ground_figures_have_lighter_colours_and_values_stay(call: Call):
    trace = {"x": ["b"], "y": [1], "name": "a", "marker": {"color": "#4c6ef5", "opacity": 0.5}, "line": None}

    def drawn(ground: str) -> dict:
        place = f"const parent = document.createElement('div'); parent.style = '--st-background-color: {ground}'"
        return call(
            "figure", f"(trace) => {{ {place}; document.body.append(parent); return lit({{ parent }}, trace); }}", trace
        )

    assert drawn("#ffffff") == trace
    assert drawn("#14171c") == {**trace, "marker": {"color": "#91a7ff", "opacity": 0.75}}


def test_a_narrow_figure_has_its_title_in_lines_and_names_that_do_not_overlap(call: Call):
    """Forty classes on a phone; on a large screen all is as it was."""
    names = [f"class {at}" for at in range(40)]
    axis = {"tickmode": "array", "tickvals": names, "ticktext": names}
    layout = {"height": 400, "margin": {"t": 36}, "title": {"text": "Share of wrong predictions, the worst 20 slices"}}
    figure = {"data": [{"texttemplate": "%{text}"}], "layout": {**layout, "xaxis": axis, "yaxis": axis}}
    assert call("figure", "fitted", figure, 1400) == figure
    phone = call("figure", "fitted", figure, 370)
    lines = phone["layout"]["title"]["text"].count("<br>")
    assert lines >= 1
    assert (phone["layout"]["height"], phone["layout"]["margin"]["t"]) == (400 + 18 * lines, 36 + 18 * lines)
    shown = phone["layout"]["xaxis"]["ticktext"]
    assert shown[0] == "class 0"
    assert 14 * len(shown) <= 370
    assert phone["layout"]["yaxis"] == axis  # Each row has its name.
    assert phone["data"] == [{"texttemplate": None}]


def test_on_dark_ground_the_words_of_a_button_that_cannot_be_pressed_stay_light(browser: Browser):
    """Those of one that can be pressed are dark, on its light ground."""
    style = (COMPONENTS.parent / "assets" / "style.css").read_text("utf-8")
    page = browser.new_page(color_scheme="dark")
    one = '<button data-testid="stBaseButton-primary" style="color: rgb(200, 200, 200)" {}><p>Use</p></button>'
    page.set_content(f"<style>{style}</style>{one.format('disabled')}{one.format('')}")
    words = page.evaluate("[...document.querySelectorAll('p')].map(words => getComputedStyle(words).color)")
    page.close()
    assert words == ["rgb(200, 200, 200)", "rgb(11, 13, 18)"]
