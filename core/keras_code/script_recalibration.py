"""The lines of the program that recalibrate its network, as a person had it done with the run."""

from collections.abc import Mapping

from core.experiment.spec import Experiment

_WHAT = "# Recalibrate: the logits divided by a temperature that was fitted on the validation rows, by log loss."


def recalibration_lines(experiment: Experiment, temperatures: Mapping[str, float]) -> str:
    """Divides the weights of the last Dense layer before a target's probabilities; "" without temperatures.

    Args:
        temperatures: Target -> by what its logits are divided after the training.
    """
    if not temperatures:
        return ""
    if not experiment.several:
        return f"""
{_WHAT}
TEMPERATURE = {next(iter(temperatures.values()))!r}
last = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)][-1]
last.set_weights([weights / np.float32(TEMPERATURE) for weights in last.get_weights()])
"""
    of_outputs = {experiment.outputs()[target]: temperature for target, temperature in temperatures.items()}
    return f"""
{_WHAT}
TEMPERATURES = {of_outputs!r}
for name, temperature in TEMPERATURES.items():
    last = next(layer for layer in model.layers if layer.output is model.output[name])
    while not isinstance(last, keras.layers.Dense):
        last = next(layer for layer in model.layers if layer.output is last.input)
    last.set_weights([weights / np.float32(temperature) for weights in last.get_weights()])
"""
