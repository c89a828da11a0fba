"""Advice before training: what the checks find wrong or better in an experiment, with a fix."""

from core.advice import checks_columns, checks_data, checks_fit, checks_stack, checks_target
from core.advice.advice import CHECKS, Advice, ranked
from core.experiment.spec import Experiment
from core.experiment.task import Situation

FAMILIES = (checks_data, checks_columns, checks_target, checks_stack, checks_fit)  # Imported for what they register.


def advise(experiment: Experiment, situation: Situation) -> list[Advice]:
    """All advice, the most useful first."""
    return ranked(advice for one in CHECKS for advice in one(experiment, situation))


def errors(advice: list[Advice]) -> list[Advice]:
    """Those that keep a training from starting."""
    return [one for one in advice if one.level == "error"]
