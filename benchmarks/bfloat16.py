"""Mixed precision: how many times as many gradient steps a second hidden layers in bfloat16 make as those in float32,
by one XLA program an epoch and by plain `fit` without XLA.
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from benchmarks.measure import line, medians, ratio
from benchmarks.stacks import LARGE, Stack
from benchmarks.steps import model_of
from core.experiment.spec import DtypePolicy
from core.hardware import bfloat16_hardware
from core.training.compiled_epoch import BlockProgram
from core.training.fast_fit import lean
from core.training.monitor import FollowEpochs

_STACKS = [LARGE._replace(rows=20_480, batch=batch) for batch in (256, 2048)]


def main() -> None:
    """512-512-10 on 20,480 rows of 784 columns at two batch sizes."""
    devices = ", ".join(device.device_type for device in tf.config.list_physical_devices())
    line("bfloat16: what this machine has for it", f"{bfloat16_hardware() or 'nothing'} ({devices})")
    for stack in _STACKS:
        ways = {
            "float32, XLA": _by_program(stack, "float32"),
            "mixed_bfloat16, XLA": _by_program(stack, "mixed_bfloat16"),
            "float32, plain fit": _by_plain_fit(stack, "float32"),
            "mixed_bfloat16, plain fit": _by_plain_fit(stack, "mixed_bfloat16"),
        }
        found = medians(ways, 5)
        base = found.pop("float32, XLA")
        for way, seconds in found.items():
            ratio(f"steps a second, {stack}: {way} / float32, XLA", base, seconds)


def _by_program(stack: Stack, policy: DtypePolicy) -> Callable[[], object]:
    """An epoch of the block program."""
    model, (x, y) = model_of(stack, metric=False, dtype=policy), stack.data()
    model.train_function = program = BlockProgram(model, x, y.reshape(-1, 1), stack.batch, 0)

    def epoch() -> None:
        with lean(model):
            model.fit(program.dataset, callbacks=[FollowEpochs(program)], verbose=0, shuffle=False)

    return epoch


def _by_plain_fit(stack: Stack, policy: DtypePolicy) -> Callable[[], keras.callbacks.History]:
    """An epoch of `fit` without XLA."""
    model, (x, y) = model_of(stack, metric=False, dtype=policy), stack.data()
    model.jit_compile = False
    return lambda: model.fit(x, y, batch_size=stack.batch, verbose=0)
