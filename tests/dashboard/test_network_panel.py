"""Which runs the network of the Build page is drawn from."""

import pytest

from core.runs.run_state import LiveRun
from dashboard.panels.network import may_be_drawn


@pytest.mark.parametrize(
    ("state", "rows", "ended", "drawn"),
    [
        ("queued", [], "", True),
        ("training", [], "", True),
        ("stopped", [], "", True),  # Batches may have been made one by one.
        ("failed", [], "", False),
        ("failed", [], "diverged", True),
        ("failed", [[1.0]], "", True),
    ],
)
def test_a_run_that_failed_before_its_first_epoch_leaves_the_sketch(state, rows, ended, drawn):
    """The drawing waited for its first epoch for ever, and the worker was asked for weights that are not there."""
    run = LiveRun(id="0123456789ab", experiment="{}", total=3, state=state, rows=rows, ended=ended)
    assert may_be_drawn(run) is drawn
