"""What each row counts. The printed program carries this source."""

import numpy as np


def balanced(labels, classes):
    """A weight for each class, so that every class counts the same in all: rows / (classes * rows of the class)."""
    counts = np.bincount(labels, minlength=classes)
    return len(labels) / (classes * np.maximum(counts, 1))
