"""What layers add to the loss beside the error."""

from core.experiment.spec import Experiment


def penalized(experiment: Experiment) -> bool:
    """Whether layers add a penalty on weights or activations to the loss."""
    return any(
        layer.name == "ActivityRegularization"
        or any(name.endswith("_regularizer") and value for name, value in layer.arguments.items())
        for layer in experiment.layers
    )
