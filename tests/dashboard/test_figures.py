"""Figures as values: what a slider moves must not move the axes."""

from dashboard.figures import predicted_against_actual


def test_the_axes_keep_still_while_predictions_move_among_others():
    """Room is left for 0 to 20 and 5 % on each side, whatever is drawn between."""
    for predicted in ([1.0, 19.0], [10.0, 11.0]):
        layout = predicted_against_actual([2.0, 8.0], predicted, "y", room_for=[0.0, 20.0]).layout
        assert layout.xaxis.range == layout.yaxis.range == (-1.0, 21.0)


def test_predictions_that_leave_the_room_are_drawn_and_those_that_are_no_numbers_are_not_counted():
    drawn = predicted_against_actual([2.0, 8.0, 3.0], [0.0, 100.0, float("inf")], "y", room_for=[0.0, 20.0])
    assert drawn.layout.yaxis.range == (-5.0, 105.0)
