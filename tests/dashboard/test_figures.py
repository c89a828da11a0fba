"""Figures as values: what a slider moves must not move the axes."""

import numpy as np
import pytest

from core.evaluation.class_curves import class_curve
from core.evaluation.slice_values import Slice
from core.evaluation.thresholds import Worth, threshold_counts
from dashboard.figures.axes import amounts, hovered, largest_size
from dashboard.figures.coverage import coverage_curve
from dashboard.figures.curve_figures import (
    drawn_order,
    gain_figure,
    named_classes,
    precision_recall_figure,
    roc_figure,
)
from dashboard.figures.feature_figures import (
    dependence_curve,
    dependence_map,
    importance_bars,
    waterfall,
    what_if_curve,
)
from dashboard.figures.scores import confusion, predicted_against_actual
from dashboard.figures.slice_figures import slices_figure
from dashboard.figures.svg import small_curve
from dashboard.figures.threshold_figures import worth_figure
from dashboard.text import cut_name, names_with_values, short_names, what_is_seen


def test_the_axes_keep_still_while_predictions_move_among_others():
    """Room is left for 0 to 20 and 5 % on each side, whatever is drawn between."""
    for predicted in ([1.0, 19.0], [10.0, 11.0]):
        layout = predicted_against_actual([2.0, 8.0], predicted, "y", room_for=[0.0, 20.0]).layout
        assert layout.xaxis.range == layout.yaxis.range == (-1.0, 21.0)


def test_predictions_that_leave_the_room_are_drawn_and_those_that_are_no_numbers_are_not_counted():
    drawn = predicted_against_actual([2.0, 8.0, 3.0], [0.0, 100.0, float("inf")], "y", room_for=[0.0, 20.0])
    assert drawn.layout.yaxis.range == (-5.0, 105.0)


@pytest.mark.parametrize(
    ("unit", "most", "shown"),
    [
        ("$", 900.0, "%{y:$,.2f}"),
        ("$", 24_000.0, "%{y:$,.0f}"),
        ("$", 0.04, "%{y:$,.4~g}"),  # Cents would say too little.
        ("€", 900.0, "%{y:,.2f} €"),
        ("MPa", 900.0, "%{y:,.4~g} MPa"),
        ("MPa", 12_345.0, "%{y:,.6~g} MPa"),  # No 1.234e+4.
        ("", 1_234_567.0, "%{y:,.0f}"),
        ("", 900.0, "%{y:,.4~g}"),
    ],
)
def test_an_amount_of_money_in_a_figure_has_no_decimals_or_two(unit, most, shown):
    assert hovered("y", unit, most) == shown
    assert amounts("$", 1.4)["tickformat"] == "$,.2f"  # 0.50, 1.00
    assert amounts("$", 40)["tickformat"] == "$,~g"  # 10, 20
    assert amounts("MPa", 1.4)["tickformat"] == ",~g"
    assert largest_size([None, float("nan"), -most, 0.0]) == most


@pytest.mark.parametrize(("share", "known", "anchor"), [(0.1, 0, "top"), (0.9, 0, "bottom"), (0.1, 1, "bottom")])
def test_the_legend_of_precision_and_recall_stands_where_the_curves_do_not(share, known, anchor):
    """A rare class that is told apart has high curves, although most thresholds lie at their end."""
    actual = np.arange(500) < 500 * share
    curve = class_curve(actual, known * actual + np.random.default_rng(0).random(500))
    figure = precision_recall_figure({"network": curve}, share)
    assert figure.layout.legend.yanchor == anchor


def test_ten_classes_have_a_colour_each():
    draw = np.random.default_rng(0)
    curves = {str(digit): class_curve(np.arange(100) % 10 == digit, draw.random(100)) for digit in range(10)}
    figure = precision_recall_figure(curves, None)
    assert len({line.line.color for line in figure.data}) == len(figure.data) == 10
    assert figure.layout.showlegend


@pytest.mark.parametrize(("chosen", "best"), [(0.5, 0.57), (0.5, 0.4), (0.5, 0.5), (0.5, None)])
def test_the_words_of_two_thresholds_stand_apart(chosen, best):
    """Each stands on the side of its line that is turned away from the other line."""
    at = np.array([0.4, 0.5, 0.57])
    counts = {"test": threshold_counts(np.array([0, 1, 1]), np.array([0.3, 0.45, 0.9]), at)}
    marks = worth_figure(at, counts, Worth(), "", chosen, best, margin=False).layout.annotations
    sides = {mark.text: mark.xanchor for mark in marks}  # "left": it begins at its line and goes to the right.
    assert sides["chosen"] == ("right" if best == 0.57 else "left")
    assert sides.get("best") == {0.57: "left", 0.4: "right", 0.5: "right", None: None}[best]


@pytest.mark.parametrize(
    ("chosen", "best", "expected"),
    [
        (0.5, 0.98, {"chosen": ("right", 0), "best": ("right", 14)}),  # Beyond the right end it would be cut off.
        (0.5, 0.02, {"chosen": ("left", 0), "best": ("left", 14)}),
        (0.97, 0.9, {"chosen": ("right", 0), "best": ("right", 14)}),
        (0.97, None, {"chosen": ("right", 0)}),
    ],
)
def test_the_word_of_a_threshold_stays_within_the_figure(chosen, best, expected):
    at = np.array([0.0, 1.0])
    counts = {"test": threshold_counts(np.array([0, 1]), np.array([0.3, 0.9]), at)}
    marks = worth_figure(at, counts, Worth(), "", chosen, best, margin=False).layout.annotations
    assert {mark.text: (mark.xanchor, mark.yshift) for mark in marks} == expected
    assert {(mark.yref, mark.y, mark.yanchor) for mark in marks} == {("y domain", 1, "bottom")}  # Over no curve.


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["yes", "no"], ["yes", "no"]),
        (
            ["small wares of the house", "large wares of the house"],
            ["small wares of the house", "large wares of the house"],
        ),
        (["small wares of the houses", "large wares of the houses"], ["small…", "large…"]),
        (["a table of the house, small", "a table of the house, very large"], ["…small", "…very large"]),
        (["a" * 30 + "1", "a" * 30 + "2"], ["a" * 12 + "…" + "a" * 11 + "1", "a" * 12 + "…" + "a" * 11 + "2"]),
        # Else alike.
        (
            ["a" * 30 + "1" + "a" * 20, "a" * 30 + "2" + "a" * 20],
            ["a" * 30 + "1" + "a" * 20, "a" * 30 + "2" + "a" * 20],
        ),
        # Neither end tells them apart; nor does metropolitan, which is always south.
        (
            [
                f"{first} {kind} of the {place} registry office"
                for first in ("Provisional", "Permanent")
                for kind in ("construction permit", "taxi concession")
                for place in ("northern", "southern metropolitan")
            ],
            [
                *("Provisi constru northern", "Provisi constru southern", "Provisiona taxi northern"),
                *("Provisiona taxi southern", "Permane constru northern", "Permane constru southern"),
                *("Permanent taxi northern", "Permanent taxi southern"),
            ],
        ),
        ([], []),
    ],
)
def test_long_names_lose_what_all_of_them_share(names, expected):
    assert short_names(names) == expected


def test_a_long_name_of_a_target_finds_room_beside_an_axis():
    target = "Remaining useful life until next scheduled overhaul (h)"
    cut = "Remaining useful life until next schedu…"
    assert len(cut) == 40
    layout = predicted_against_actual([2.0, 8.0], [1.0, 2.0], target).layout
    assert [layout.xaxis.title.text, layout.yaxis.title.text] == [f"actual {cut}", f"predicted {cut}"]
    assert cut_name("a" * 40) == "a" * 40


def test_a_matrix_of_many_classes_with_long_names_has_room_for_its_rows():
    """30 rows of 18 pixels and 180 around them; the whole names are where one points."""
    classes = [f"{at} of the appliances for the household" for at in range(30)]
    counts = [[int(row == column) for column in range(30)] for row in range(30)]
    layout = confusion(counts, classes).layout
    assert layout.height == 720
    assert list(layout.yaxis.ticktext) == [f"{at}…" for at in range(30)]
    assert list(confusion(counts, classes).data[0].x) == classes
    assert confusion([[1, 0], [0, 1]], ["no", "yes"]).layout.height == 380


def test_the_slices_of_dates_and_of_long_columns_keep_their_values():
    """ "Order date: 2019-0…o 2020-04-23 09:00" named no range."""
    values = [
        *[("Order date", value) for value in ("2019-09-29 to 2020-04-23", "2020-05-04 to 2021-03-31")],
        ("Average basket value in euro", "56.73 to 78.58"),
        ("Sales region", "Westmorland and Furness Uplands of the North"),
    ]
    some = [Slice(column, value, 10, 0.1, 0.0, 0.2, 0.1, 1.0) for column, value in values]
    assert names_with_values([(one.column, one.value) for one in some], ": ", 38) == [
        "Order date: 2019-09-29 to 2020-04-23",
        "Order date: 2020-05-04 to 2021-03-31",
        "Average basket value…: 56.73 to 78.58",
        "Sales region: Westmorland and Furness…",
    ]
    ticks = slices_figure(some, "", "", share=True, overall=0.1).layout.yaxis.ticktext
    assert ticks[2] == "Average basket value…: 56.73 to 78.58"
    alike = [("c", f"{'v' * 50}{at}") for at in range(2)]
    assert len(set(names_with_values(alike, ": ", 38))) == 2
    assert names_with_values([("a column of a very long name", "")], " = ", 12) == ["a column of…"]


def test_of_a_dozen_classes_the_ten_worst_have_colours_and_a_legend():
    """Of a figure with more than ten lines nobody could say which line was which."""
    rows = np.arange(12)
    of_class = {
        f"class {one}": class_curve((rows % 12 == one).astype(int), -np.abs(rows - one + one * (one < 10) / 2))
        for one in rows.tolist()
    }
    aucs = {name: curve.auc for name, curve in of_class.items()}
    named = named_classes(of_class)
    assert len(named) == 10
    assert max(aucs[name] for name in named) <= min(auc for name, auc in aucs.items() if name not in named)
    for figure in (roc_figure(of_class), gain_figure(of_class), precision_recall_figure(of_class, None)):
        lines = [line for line in figure.data if line.hoverinfo != "skip"]
        shown = [line for line in lines if line.showlegend]
        assert [line.name.split(",")[0] for line in lines] == [name for name, _ in drawn_order(of_class)]
        assert {line.name.split(",")[0] for line in shown} == set(named)
        assert len({line.line.color for line in shown}) == 10
        assert lines[-10:] == shown  # Over the others.


def test_the_baselines_of_a_curve_are_told_apart_without_their_grays():
    curve = class_curve(np.array([0, 1, 0, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    names = ("network", "majority", "logistic model", "gradient boosting")
    lines = roc_figure(dict.fromkeys(names, curve)).data[:4]
    assert len({line.line.dash for line in lines[:3]}) == 3
    assert (lines[3].name.split(",")[0], lines[3].line.dash) == ("network", None)


def test_a_name_is_text_and_not_html():
    names = ["<b>bold</b>", "a & b", '<a href="//e.x">x</a>']
    figure = confusion([[1, 0, 0], [0, 2, 0], [0, 0, 3]], names)
    heat = figure.data[0]
    escaped = ["&lt;b&gt;bold&lt;/b&gt;", "a &amp; b", '&lt;a href="//e.x"&gt;x&lt;/a&gt;']
    assert (
        list(heat.x)
        == list(heat.y)
        == list(figure.layout.xaxis.tickvals)
        == list(figure.layout.yaxis.ticktext)
        == escaped
    )
    assert heat.customdata[0][0] == "1 row, 100.0% of the class"
    layout = predicted_against_actual([1.0, 2.0], [1.0, 2.0], "<b>y</b>", "<i>").layout
    assert layout.xaxis.title.text == "actual &lt;b&gt;y&lt;/b&gt;"
    assert layout.xaxis.ticksuffix == " &lt;i&gt;"


def test_a_run_that_is_over_is_told_by_the_score_of_its_best_epoch(experiment_of):
    snapshot = {
        "state": "training",
        "epoch": 3,
        "epochs": 3,
        "names": ["loss", "val_loss", "mae", "val_mae"],
        "baselines": {},
        "best": 2,
        "validated": True,
    }
    rows, of = [[3, 1.0, 2.0, 3.0, 4.0]], experiment_of(metrics=["MeanAbsoluteError"])
    assert what_is_seen({**snapshot, "best_scores": {}}, rows, of) == (
        "Epoch 3 of 3. The validation MAE is 4.00. Best so far: epoch 2."
    )
    over = {**snapshot, "state": "finished", "best_scores": {"mae": 3.5}}
    assert what_is_seen(over, rows, of) == "Trained for 3 epochs. The validation MAE is 4.00. The best epoch was 2."
    assert what_is_seen({**over, "epoch": 2}, [[2, 1.0, 2.0, 3.0, 3.6]], of) == (
        "Trained for 2 epochs. The validation MAE at the best epoch, 2, is 3.50."
    )


def test_measured_coverage_is_drawn_over_what_is_promised_and_the_scatter_of_chance():
    low, high, promised, measured = coverage_curve([0.5, 0.9], [0.52, 0.88], ["mean 3", "mean 9"], [0.098, 0.0588]).data
    assert list(low.y) == pytest.approx([0.402, 0.8412])
    assert list(high.y) == pytest.approx([0.598, 0.9588])
    assert list(promised.y) == [0.5, 0.9]
    assert (list(measured.y), list(measured.customdata)) == ([0.52, 0.88], ["mean 3", "mean 9"])


def test_a_dependence_along_a_feature_has_its_rows_and_its_kinds_of_axis():
    found = {"grid": [0.0, 1.0], "mean": [2.0, 3.0], "lines": [[1.0, 2.0], [3.0, 4.0]], "at": [0.0], "share": [1.0]}
    drawn = dependence_curve(found | {"kind": "number"}, "a", "predicted y", "$")
    assert list(drawn.data[0].y) == [1, 2, None, 3, 4, None]
    assert (list(drawn.data[1].y), drawn.layout.yaxis.tickformat, drawn.layout.xaxis.type) == (
        [2, 3],
        "$,.2f",
        "linear",
    )
    likely = dependence_curve(found | {"kind": "number"}, "a", "probability of y", share=True)
    assert (likely.layout.yaxis.tickformat, "%{y:.1%}" in likely.data[1].hovertemplate) == (".1~%", True)
    of_yes = dependence_curve(found | {"kind": "boolean"}, "a", "predicted y")
    assert (list(of_yes.data[0].x), of_yes.layout.xaxis.type) == (["false", "true"], "category")
    of_days = dependence_curve(found | {"kind": "date"}, "a", "predicted y")
    assert list(of_days.data[1].x) == ["1970-01-01T00:00:00", "1970-01-02T00:00:00"]


def test_a_dependence_over_two_features_has_the_first_below_and_names_are_no_markup():
    found = {"kinds": ["number", "category"], "grids": [[1.0, 2.0], ["<b>x</b>"]], "mean": [[5.0], [6.0]]}
    drawn = dependence_map(found, ["a", "<i>w</i>"], "predicted y")
    assert [list(row) for row in drawn.data[0].z] == [[5.0, 6.0]]
    assert list(drawn.data[0].y) == ["&lt;b&gt;x&lt;/b&gt;"]
    assert drawn.layout.yaxis.title.text == "&lt;i&gt;w&lt;/i&gt;"


def test_a_waterfall_leads_from_the_mean_to_the_prediction():
    drawn = waterfall([("a = 1", 10.0), ("<b>", -30.0), ("c = 3", 0.5)], 100.0, "predicted y", "$")
    assert list(drawn.data[0].x) == [100, -30, 10, 0.5, 0]
    assert list(drawn.data[0].measure) == ["absolute", "relative", "relative", "relative", "total"]
    assert drawn.data[0].customdata[-1] == 80.5
    assert list(drawn.layout.yaxis.ticktext) == ["mean", "&lt;b&gt;", "a = 1", "c = 3", "predicted y"]
    likely = waterfall([("a = 1", 0.5)], 0.25, "probability that y is 1", share=True)
    assert (likely.layout.xaxis.tickformat, "%{customdata:.1%}" in likely.data[0].hovertemplate) == (".1~%", True)
    many = waterfall([(f"f{at}", float(at)) for at in range(20)], 0.0, "predicted y")
    assert many.data[0].text[-2] == "9 other features"
    assert many.data[0].x[-2] == sum(range(9))


def test_a_small_curve_has_its_row_as_a_dot_and_its_label_is_no_markup():
    curve = {"grid": [0.0, 2.0], "values": [10.0, 20.0], "now": 1.0, "at": [0.0, 2.0], "share": [0.5, 0.5]}
    drawn = small_curve(curve, 10.0, 20.0, 15.0, 'What if <b>"x"\n\n')
    assert 'points="4.0,38.0 236.0,4.0"' in drawn  # From the left edge at the bottom to the right edge at the top.
    assert 'cx="120.0" cy="21.0"' in drawn
    assert 'aria-label="What if &lt;b&gt;&quot;x&quot;"' in drawn
    assert "\n" not in drawn
    words = curve | {"grid": ["a", "b"], "at": ["a", "b"], "now": "b"}
    assert 'cx="236.0"' in small_curve(words, 10.0, 20.0, 20.0, "")
    for unknown in ("never seen", None):
        assert "circle" not in small_curve(words | {"now": unknown}, 10.0, 20.0, 15.0, "")


def test_a_what_if_curve_as_a_figure_marks_the_row():
    curve = {"grid": [0.0, 2.0], "values": [10.0, 20.0], "now": 1.0, "at": [0.0, 2.0], "share": [0.5, 0.5]}
    drawn = what_if_curve(curve, "number", "<b>x", 15.0, "predicted y", "$")
    line, dot = drawn.data[1], drawn.data[-1]
    assert (list(line.x), list(line.y)) == ([0, 2], [10, 20])
    assert (list(dot.x), list(dot.y)) == ([1], [15])
    assert drawn.layout.title.text == "What if &lt;b&gt;x alone changes"
    words = curve | {"grid": ["a", "b"], "at": ["a", "b"], "now": "b"}
    assert list(what_if_curve(words, "category", "x", 20.0, "predicted y").data[-1].x) == ["b"]
    for unknown in ("never seen", None):  # It has no place on the axis.
        assert not what_if_curve(words | {"now": unknown}, "category", "x", 15.0, "predicted y").data[-1].x


def test_importance_has_a_bar_a_feature_and_no_thousandths():
    drawn = importance_bars({"a": {"mean": 0.05, "sd": 0.01}, "b": {"mean": 0.02, "sd": 0.02}}, "decrease of Accuracy")
    assert (list(drawn.data[0].x), list(drawn.data[0].error_x.array)) == ([0.05, 0.02], [0.01, 0.02])
    assert drawn.layout.xaxis.tickformat == ",~g"
    points = importance_bars({"a": {"mean": 0.282, "sd": 0.01}}, "decrease of accuracy", share=True)
    assert points.data[0].x[0] == pytest.approx(28.2)
    assert points.layout.xaxis.title.text == "decrease of accuracy, points"
