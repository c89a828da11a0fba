"""Student's distribution for the few degrees of freedom that a handful of seeds leave, in closed form: plain Python, no
tables.

likely(12.7, 1)       0.95: how often chance alone stays within 12.7 deviations of the mean, with two numbers
reach(0.95, 1)        12.7: the other way round
"""

import math

_FARTHEST = 1e12


def likely(distance: float, freedom: int) -> float:
    """The share of a t-distribution between -distance and distance (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    if math.isinf(distance):
        return 1.0
    angle = math.atan(abs(distance) / math.sqrt(freedom))
    cosine, odd = math.cos(angle), freedom % 2
    term, total = (cosine, 0.0) if odd else (1.0, 0.0)
    for at in range(freedom // 2):
        total += term
        term *= cosine * cosine * (2 * at + 1 + odd) / (2 * at + 2 + odd)
    inner = math.sin(angle) * total
    return 2 / math.pi * (angle + inner) if odd else inner


def reach(share: float, freedom: int) -> float:
    """The distance within which that share lies, 0 < share < 1."""
    low, high = 0.0, _FARTHEST
    while high - low > 1e-12 * max(1.0, high):
        middle = (low + high) / 2
        low, high = (middle, high) if likely(middle, freedom) < share else (low, middle)
    return high
