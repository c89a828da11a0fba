"""The curves of a classification as values; `core.evaluation.class_curves` computes them with scikit-learn, which the
page does without.
"""

from dataclasses import dataclass

import numpy as np

from core.evaluation.calibration import Calibration

NETWORK = "network"  # The predictor beside the baselines.


@dataclass(frozen=True)
class ClassCurve:
    """How one predictor tells one class from the rest.

    Attributes:
        auc: Area under the ROC curve.
        average_precision: As scikit-learn defines it, without interpolation.
        false_positive_rate, true_positive_rate: Of the ROC curve, from (0, 0) to (1, 1).
        recall, precision: From recall 1 to recall 0.
        selected, gain: The share of rows with the largest predictions, and the share of the class among them, from
            (0, 0) to (1, 1); the lift is gain / selected.
        thresholds: Of the points of the ROC curve and of the gain; precision_thresholds: of those of recall and
            precision. The rows of a point are those whose prediction is its threshold or more; none where it is
            infinite.
    """

    auc: float
    average_precision: float
    false_positive_rate: np.ndarray
    true_positive_rate: np.ndarray
    recall: np.ndarray
    precision: np.ndarray
    selected: np.ndarray
    gain: np.ndarray
    thresholds: np.ndarray
    precision_thresholds: np.ndarray


@dataclass(frozen=True)
class ClassCurves:
    """All curves of the rows of one part.

    Attributes:
        curves: Class -> predictor ("network", then the baselines) -> its curve; without those classes that have no
            rows, or all of them. Of two classes the second one alone.
        calibration: Class -> of the network; {} where predictions are no probabilities.
        likeliest: Of the predicted class and its probability, whichever class it is (Guo et al. 2017, "On Calibration
            of Modern Neural Networks"); None of two classes, and where predictions are no probabilities.
        shares: Class -> its share of the rows.
        left_out: Rows whose prediction is no finite number, or whose weight is 0.
    """

    curves: dict[str, dict[str, ClassCurve]]
    calibration: dict[str, Calibration]
    likeliest: Calibration | None
    shares: dict[str, float]
    left_out: int
