"""How often a class is the actual one where it is predicted with a probability; weights count."""

from dataclasses import dataclass

import numpy as np

BINS = 10  # Equally wide.


@dataclass(frozen=True)
class Calibration:
    """Predicted probabilities beside the shares that came true, in bins.

    Attributes:
        bins: The number of each bin that has rows, of `BINS`.
        predicted: Mean probability in each of them.
        actual: Share of the class in each of them.
        rows: How many rows each has.
        error: Expected calibration error: the mean of |actual - predicted| over the bins by their weight.
    """

    bins: np.ndarray
    predicted: np.ndarray
    actual: np.ndarray
    rows: np.ndarray
    error: float


def calibration_bins(probabilities: np.ndarray) -> np.ndarray:
    """The bin of each probability: equally wide, each with its upper edge, the first with 0 too."""
    return np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], probabilities)


def calibration(positive: np.ndarray, probabilities: np.ndarray, weights: np.ndarray | None = None) -> Calibration:
    """The calibration of n probabilities for n marks."""
    counted = np.ones(len(positive)) if weights is None else weights
    of = calibration_bins(probabilities)
    in_bin = np.bincount(of, counted, BINS)
    bins = np.flatnonzero(in_bin > 0)
    predicted = np.bincount(of, counted * probabilities, BINS)[bins] / in_bin[bins]
    actual = np.bincount(of, counted * positive, BINS)[bins] / in_bin[bins]
    error = float(np.average(np.abs(actual - predicted), weights=in_bin[bins])) if len(bins) else float("nan")
    return Calibration(bins, predicted, actual, np.bincount(of, minlength=BINS)[bins], error)
