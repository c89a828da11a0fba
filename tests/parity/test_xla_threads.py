"""The number of XLA's threads changes no digit of a network whose steps are below the border of large ones."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.runs.training_workers import LARGE_STEP

pytestmark = pytest.mark.soak
ROOT = Path(__file__).parents[2]
# Columns, units and number of hidden layers, rows of a batch: long sums in each place, up to the border.
SHAPES = [
    (2000, 8, 1, 8),
    (5000, 4, 1, 16),
    (1500, 16, 1, 128),
    (784, 64, 2, 32),
    (4, 16, 2, 4096),
    (2, 4, 1, 16384),
    (8, 64, 2, 512),
    (20, 100, 3, 32),
    (8, 512, 2, 8),
    (300, 32, 1, 256),
    (1, 1, 1, 65536),
    (8, 300, 2, 32),
]


def trained(columns: int, units: int, layers: int, batch: int) -> tuple[float, str]:
    """Floating-point operations of a step, and a digest of the weights after two epochs."""
    import keras

    from core.training.compiled_epoch import BlockProgram

    keras.utils.set_random_seed(1)
    hidden = [keras.layers.Dense(units, "relu") for _ in range(layers)]
    ends = [keras.layers.BatchNormalization(), keras.layers.Dropout(0.1), keras.layers.Dense(3, "softmax")]
    model = keras.Sequential([keras.Input((columns,)), *hidden, *ends])
    model.compile("adam", "sparse_categorical_crossentropy")
    draw, rows = np.random.default_rng(0), 3 * batch + batch // 2
    x = draw.normal(size=(rows, columns)).astype("float32")
    program = BlockProgram(model, x, draw.integers(0, 3, size=rows).astype("int32"), batch, 0)
    for epoch in range(2):
        program.epoch = epoch
        blocks = iter(program.dataset.get_tf_dataset())
        for _ in range(program.blocks):
            program(blocks)
    weights = b"".join(np.ascontiguousarray(weight).tobytes() for weight in model.get_weights())
    return 6.0 * model.count_params() * batch, hashlib.sha256(weights).hexdigest()


def test_one_and_sixteen_threads_end_with_the_same_weights():
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.parity.test_xla_threads"],
            cwd=ROOT,
            env={**os.environ, "TF_NUM_INTRAOP_THREADS": threads, "XLA_FLAGS": ""},
            stdout=subprocess.PIPE,
            text=True,
        )
        for threads in ("1", "16")
    ]
    one, sixteen = [json.loads(process.communicate()[0]) for process in processes]
    assert one == sixteen
    assert len(one) == len(SHAPES)
    assert max(work for work, _ in one) < LARGE_STEP


if __name__ == "__main__":
    print(json.dumps([trained(*shape) for shape in SHAPES]))
