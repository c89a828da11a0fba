"""Numbers within sentences."""

import pytest

from core.experiment.metric_titles import short


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.03456, "0.0346"),
        (-0.5, "-0.5"),
        (999.4, "999"),
        (46921.4, "46,900"),
        (999_999.0, "1 million"),
        (4.937e9, "4.94 billion"),
        (-2.5e12, "-2.5 trillion"),
        (3e15, "3e+15"),
        (float("nan"), "nan"),
    ],
)
def test_a_number_is_short_and_readable(value, text):
    assert short(value) == text
