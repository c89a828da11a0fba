"""How near the printed program's scores are to those of the run, and what it says of its precision."""

from core.experiment.keras_calls import mixed_layers, plugin_modules
from core.experiment.spec import Experiment

_SAME = (
    "On the same machine, with the same versions of TensorFlow and Keras, the program gives the scores of the run to "
    "six digits."
)
_PLUGGED = (
    "The program gives the scores of the run to six digits, unless a plug-in draws random numbers by a generator of "
    "its own."
)
_MIXED = (
    "The program gives the scores of the run to about three digits: bfloat16 has no more, and batches of another size "
    "are rounded otherwise."
)
_NEAR = (
    "This table is read in blocks: the program gives scores as near to the run's as those of another seed, not the "
    "same."
)


def exactness(experiment: Experiment, streamed: bool) -> str:
    """How near the program's scores are to those of the run, a sentence. `streamed`: the table is beyond the memory
    budget.
    """
    if streamed:
        return _NEAR
    if mixed_layers(experiment):
        return _MIXED
    return _PLUGGED if plugin_modules(experiment) else _SAME


def xla(experiment: Experiment) -> str:
    """Why the program compiles its steps with XLA, or does not."""
    if experiment.compile.jit_compile:
        return (
            "XLA draws random numbers, and rounds, otherwise than TensorFlow's own kernels: this is how Layerdeck "
            "trains."
        )
    return "Without XLA, as Layerdeck trained this network."


def precision_comment(experiment: Experiment) -> list[str]:
    """A line on layers in mixed precision, where there are some."""
    if not mixed_layers(experiment):
        return []
    return [
        "# Layers of mixed precision compute in bfloat16 and keep their weights in float32; the output layer computes "
        "in float32."
    ]
