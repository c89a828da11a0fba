"""What the worker says of slices of the rows: a section of a run's evaluation."""

from typing import TYPE_CHECKING, Any

from core.evaluation.slice_values import Slice

if TYPE_CHECKING:
    from core.runs.evaluated_run import EvaluatedRun


def slices_section(asked: "EvaluatedRun", options: dict[str, Any]) -> list[Slice]:
    """The slices of `options["target"]` in `options["part"]`, the worst first."""
    from core.evaluation.slices import slices

    part = asked.rows.parts[options["part"]]
    return slices(part, part.targets[options["target"]])
