"""Logarithms of a target that a network may learn in place of its amounts, in the order the page offers them. One row
adds a transform.

The network's last layers are the inverse, so that it predicts amounts: metrics and figures are of amounts, and only the
loss is one of logarithms.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class TargetTransform:
    """A transform.

    Attributes:
        name: The word used in the experiment's JSON, and the function's name in NumPy and in `keras.ops`.
        above: Amounts must be larger than this.
        least: What a smaller prediction counts as, for whose logarithm there is no number.
        shift: What is added to the exponential function to invert the transform.
        help: One sentence for people.
    """

    name: str
    above: float
    least: float
    shift: float
    help: str

    def code(self, module: str, values: str) -> str:
        """The transform of some values as Python; `module` is np or keras.ops."""
        return f"{module}.{self.name}({module}.maximum({values}, {self.least!r}))"


TARGET_TRANSFORMS: dict[str, TargetTransform] = {
    transform.name: transform
    for transform in (
        TargetTransform(
            "log", 0.0, 1e-30, 0.0, "The natural logarithm, for amounts above 0: errors count as percentages."
        ),
        TargetTransform("log1p", -1.0, -0.9999999, -1.0, "log(1 + x), for amounts from 0 on, zeros among them."),
    )
}
