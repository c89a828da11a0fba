"""The files that were kept with a run, read: a run of another version or a damaged file is said in a sentence."""

import json
from pathlib import Path
from typing import Any

from core.experiment.spec import Experiment, InvalidExperiment, read


class NoSuchRun(LookupError):
    """There is no run of that id, or not the file that was asked for; the message is a sentence for the person."""


class RunFiles:
    """Reads the files of runs, which a derived class finds."""

    def path(self, run: str, name: str, /) -> Path:
        """A local path of one of the run's files. Raises NoSuchRun."""
        raise NotImplementedError

    def text(self, run: str, name: str) -> str:
        """The text of one of the run's files. Raises NoSuchRun when there is none of that name, or it is damaged."""
        try:
            return self.path(run, name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise NoSuchRun(_damaged(run, name)) from None

    def value(self, run: str, name: str) -> Any:
        """The JSON value of one of the run's files. Raises NoSuchRun."""
        try:
            return json.loads(self.text(run, name))
        except ValueError:
            raise NoSuchRun(_damaged(run, name)) from None

    def card(self, run: str) -> dict[str, Any]:
        """What a form must know of the run's model: `core.model.exported_model.card`. Raises NoSuchRun."""
        card = self._mapping(run, "card.json")
        # Of a run that was kept when there was one target only.
        return card if "targets" in card else {**card, "targets": [card]}

    def result(self, run: str) -> dict[str, Any]:
        """What came of the run: `core.training.train.Outcome.result`. Raises NoSuchRun."""
        result = self._mapping(run, "result.json")
        return (
            result
            if "figures" in result
            else {**result, "figures": {self.card(run)["targets"][0]["target"]: result["figure"]}}
        )

    def experiment(self, run: str, name: str = "experiment.json") -> Experiment:
        """The experiment that was run, or that of another of its files. Raises NoSuchRun."""
        try:
            return read(self.text(run, name))
        except InvalidExperiment as error:
            raise NoSuchRun(unreadable(run, error)) from None

    def _mapping(self, run: str, name: str) -> dict[str, Any]:
        found = self.value(run, name)
        if not isinstance(found, dict):
            raise NoSuchRun(_damaged(run, name))
        return found


def unreadable(run: str, error: InvalidExperiment) -> str:
    """The sentence for a run whose experiment cannot be read."""
    return (
        f"The experiment of the run {run} cannot be read. It was made by another version of Layerdeck, or its file is "
        f"damaged: {error}"
    )


def _damaged(run: str, name: str) -> str:
    return f"The file {name} of the run {run} is damaged."
