"""Numbers in few letters, as JSON can write them."""

from typing import Any

import numpy as np


def rounded(values: Any, digits: int = 4) -> Any:
    """A number or an array of any shape, as a number or nested lists, with so many digits that count; None for what is
    no finite number.

    All of an array at once: a scene has a thousand numbers, several times a second, and who trains beside it waits for
    the interpreter.
    """
    exact = np.asarray(values, "float64")
    with np.errstate(all="ignore"):
        places = digits - 1 - np.floor(np.log10(np.abs(exact)))
        places = np.clip(np.where(np.isfinite(places), places, 0), -300, 300)
        power = 10.0 ** np.abs(places)
        # A whole number divided, or times, a power of ten: the float that has these digits and no others.
        rounded = np.where(places >= 0, np.round(exact * power) / power, np.round(exact / power) * power)
    finite = np.isfinite(rounded)
    if not finite.all():
        rounded = np.where(finite, rounded, np.full(rounded.shape, None))
    return rounded.tolist()
