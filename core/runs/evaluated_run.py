"""Questions about how good, how sure and why a run predicts, as the worker answers them.

    evaluation_section(store, tables, journal, epoch, section, options)

A section is a row of `SECTIONS`: a function of the evaluated run and the options which gives a value that can be sent.
The page, the report and `python -m core evaluate` ask for the same sections.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.evaluation.evaluated_rows import MOST_ROWS, EvaluatedPart, EvaluatedRows, EvaluatedTarget, evaluated_places
from core.experiment.score_words import GRADIENT_BOOSTING
from core.experiment.spec import Experiment
from core.model.weight_history import epoch_weights
from core.runs.at_epoch import nearest_kept, replay_of
from core.runs.boosting_baseline import BoostedRows, boosted_rows, fit_boosting
from core.runs.class_sections import classes_section, curves_section
from core.runs.contributions_section import row_contributions
from core.runs.counterfactual_section import row_counterfactuals
from core.runs.coverage_section import coverage
from core.runs.dependence_section import dependence_surface, feature_dependence
from core.runs.importance_section import feature_association, feature_importance
from core.runs.intervals_section import score_intervals
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.predictors import predictor
from core.runs.recalibration_section import recalibration
from core.runs.seed_mean import mean_predictor
from core.runs.similar_rows_section import similar_rows
from core.runs.slices_section import slices_section
from core.runs.summary_section import summary
from core.runs.temperatures_of_card import as_it_was_trained
from core.runs.what_if_section import what_if_curves
from core.tables.number_text import NumberText, clock_forms
from core.tables.prepared import PARTS, Prepared
from core.tables.situation import Tables

if TYPE_CHECKING:
    from core.inspect.at_epoch import Replay
    from core.model.exported_model import Predictor
    from core.model.outputs import Head, Heads

_MAKING = threading.Lock()
_MOST_ANSWERS = 200  # Of a run at an epoch; a form asks anew for each row.
Raw = dict[str, np.ndarray]


@dataclass(frozen=True)
class EvaluatedRun:
    """A run with the weights of one epoch, and its table.

    Attributes:
        run: Its id.
        experiment: As it was trained.
        result, card: As the record of runs has them.
        epoch: Of the weights.
        replay: The network as the training built it, the targets' heads and the prepared table. Its weights are those
            of `epoch` wherever these are kept.
        predictor: Predicts raw rows with the weights of `epoch`: the kept model, or the replay's; or the mean of seeds.
        seeds: The runs whose mean the predictor gives; () where it is the run itself.
        boosting: What gradient boosting predicts, where the training fitted it.
        answers: Section and options -> what was answered before.
    """

    run: str
    experiment: Experiment
    result: dict[str, Any]
    card: dict[str, Any]
    epoch: int
    replay: "Replay"
    predictor: "Predictor"
    seeds: tuple[str, ...] = ()
    boosting: BoostedRows = field(default_factory=BoostedRows)
    answers: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def heads(self) -> "Heads":
        """The targets, each with its task and scale."""
        return self.replay.heads

    @property
    def prepared(self) -> Prepared:
        """The prepared table."""
        return self.heads.prepared

    def raw(self, part: str, some: np.ndarray | slice = slice(None)) -> Raw:
        """Feature -> raw values of the rows of a part, or of some of them."""
        return {name: values[some] for name, values in self.prepared.part(part)[0].items()}

    def readable(self, raw: Raw) -> pd.DataFrame:
        """Raw values as a person reads them: dates as moments."""
        return pd.DataFrame(
            {
                name: pd.to_datetime(pd.Series(values), unit="D", errors="coerce").dt.round("s")
                if self.prepared.kinds[name] == "date"
                else values
                for name, values in raw.items()
            }
        )

    @cached_property
    def clocks(self) -> dict[str, NumberText]:
        """Feature -> how its times are written, where the table holds times of day or durations."""
        forms = clock_forms(self.card.get("numbers", {}))
        return {name: form for name, form in forms.items() if self.prepared.kinds.get(name) == "number"}

    def axis_kind(self, feature: str) -> str:
        """What stands along an axis of the feature: its kind, or "time" of times of day."""
        clock = self.clocks.get(feature)
        return "time" if clock and clock.clock == "time" else self.prepared.kinds[feature]

    def predict(self, raw: Raw) -> dict[str, np.ndarray]:
        """Target -> (rows, outputs) float64: amounts in the target's unit, probabilities, or margins."""
        outputs = self.predictor.outputs_of(raw, len(next(iter(raw.values()))))
        return {target: values.astype("float64") for target, values in outputs.items()}

    def section(self, name: str, of: "Section", /, **options: Any) -> Any:
        """What a section says, computed once for all who ask: its name in `SECTIONS`, its function, its options."""
        key = name, json.dumps(options, sort_keys=True)
        if key not in self.answers:
            self.answers[key] = of(self, options)
            while len(self.answers) > _MOST_ANSWERS:
                self.answers.pop(next(iter(self.answers)))
        return self.answers[key]

    @cached_property
    def rows(self) -> EvaluatedRows:
        """The validation rows, where there are any, and the test rows."""
        filled = [part for part in self.prepared.filled if part != "train"]
        return EvaluatedRows(self.epoch, {part: self._part(part) for part in filled})

    def _part(self, part: str) -> EvaluatedPart:
        at = self.prepared.parts[part]
        some = evaluated_places(len(at), MOST_ROWS)
        raw = self.raw(part, some)
        predicted = self.predict(raw)
        weights, groups = self.prepared.weights, self.prepared.groups
        return EvaluatedPart(
            positions=self.prepared.rows[at[some]],
            features=self.readable(raw),
            weights=None if weights is None else weights[at[some]].astype("float64"),
            targets={head.task.target: self._target(head, part, some, predicted) for head in self.heads.all},
            rows=dict(zip(PARTS, self.prepared.sizes, strict=True))[part],
            groups=None if groups is None else groups[at[some]],
            scored=len(at),
            clocks=self.clocks,
        )

    def _target(self, head: "Head", part: str, some: np.ndarray, predicted: dict[str, np.ndarray]) -> EvaluatedTarget:
        target = head.task.target
        of_card = next(one for one in self.card["targets"] if one["target"] == target)

        def alone(outputs: np.ndarray) -> np.ndarray:
            return outputs if head.task.kind == "multiclass" else outputs[:, 0]

        simple = {name: alone(parts[part][target])[some] for name, parts in self._simple.items() if part in parts}
        boosted = self.boosting.at(part, self.prepared.rows[self.prepared.parts[part][some]])
        if boosted is not None:
            simple[GRADIENT_BOOSTING] = alone(boosted[target])
        return EvaluatedTarget(
            target=target,
            task=head.task.kind,
            classes=self.prepared.targets[target].classes,
            y_true=self.prepared.y_true(part, target)[some],
            y_pred=alone(predicted[target]),
            baselines=simple,
            decision=of_card.get("decision", head.decision),
            margin=of_card.get("margin", False),
        )

    @cached_property
    def _simple(self) -> dict[str, dict[str, dict[str, np.ndarray]]]:
        from core.model.sample_weights import weights_of

        return self.heads.simple(self.replay.ready, weights_of(self.experiment, self.prepared)["train"])


Section = Callable[[EvaluatedRun, dict[str, Any]], Any]


def evaluated_rows(asked: EvaluatedRun, _options: dict[str, Any]) -> EvaluatedRows:
    """What is true, what is predicted, and the features beside, of validation and test rows."""
    return asked.rows


SECTIONS: dict[str, Section] = {
    "rows": evaluated_rows,
    "coverage": coverage,
    "importance": feature_importance,
    "association": feature_association,
    "intervals": score_intervals,
    "curves": curves_section,
    "classes": classes_section,
    "recalibration": recalibration,
    "slices": slices_section,
    "similar rows": similar_rows,
    "contributions": row_contributions,
    "counterfactuals": row_counterfactuals,
    "what if": what_if_curves,
    "dependence": feature_dependence,
    "dependence surface": dependence_surface,
    "summary": summary,
}


def evaluation_section(
    store: Store,
    tables: Tables,
    journal: Journal,
    epoch: int | None = None,
    section: str = "rows",
    options: dict[str, Any] | None = None,
) -> Any:
    """What a section says of a run at the nearest kept epoch; None: of its model. With the option "seeds", runs on the
    same rows, of the mean of what these predict.

    Raises LookupError with a sentence when the run has no model or its epoch cannot be seen, TableError when its table
    is gone, StoreBroken.
    """
    options = dict(options or {})
    seeds = options.pop("seeds", ())
    if options.get("boosting"):
        fit_boosting(store.result(journal.run), _replay_of(store, tables, journal))
    with evaluated_run(store, tables, journal, epoch, seeds) as asked:
        return asked.section(section, SECTIONS[section], **options)


@contextmanager
def evaluated_run(
    store: Store, tables: Tables, journal: Journal, epoch: int | None = None, seeds: Sequence[str] = ()
) -> Iterator[EvaluatedRun]:
    """A run at an epoch, for as long as one asks; with `seeds`, runs on the same rows, the mean of what these predict.
    Raises as `evaluation_section` does.
    """
    of = store, tables, journal.folder.parents[1], journal.run
    own = store.result(journal.run)["epoch"]
    replay = _replay_of(store, tables, journal)
    card = store.card(journal.run)
    with replay.lock:
        if epoch is not None and epoch != own:
            epoch = nearest_kept(journal, epoch)
        shown = own if epoch is None else epoch
        replay.take_card(card if shown == own else as_it_was_trained(card))
        if shown in journal.kept_epochs():
            replay.load(epoch_weights(journal.weights, shown))
        asked = _evaluated(*of, shown, journal.version())
        yield _mean_of_seeds(asked, *of, seeds) if seeds else asked


def _mean_of_seeds(
    asked: EvaluatedRun, store: Store, _tables: Tables, workspace: Path, run: str, seeds: Sequence[str]
) -> EvaluatedRun:
    """The run asked by the mean of what seeds predict; kept with its answers as long as their models stay."""
    mean, key = mean_predictor(store, workspace, seeds, run), ("mean of seeds", json.dumps(list(seeds)))
    kept = asked.answers.get(key)
    if kept is None or kept.predictor is not mean:
        kept = asked.answers[key] = replace(asked, predictor=mean, seeds=tuple(seeds), answers={})
    return kept


def _replay_of(store: Store, tables: Tables, journal: Journal) -> "Replay":
    with _MAKING:
        return _replay(store, tables, journal.folder.parents[1], journal.run)


@lru_cache(maxsize=2)
def _replay(store: Store, tables: Tables, workspace: Path, run: str) -> "Replay":
    """Not the one of the slider, which does not wait for long answers."""
    return replay_of(store, tables, workspace, run)


@lru_cache(maxsize=8)
def _evaluated(store: Store, tables: Tables, workspace: Path, run: str, epoch: int, version: int) -> EvaluatedRun:
    result, card, replay = store.result(run), store.card(run), _replay(store, tables, workspace, run)
    card = card if epoch == result["epoch"] else as_it_was_trained(card)
    asked = predictor(store, run, version) if epoch == result["epoch"] else replay.predictor
    boosted = boosted_rows(store, run, result, [head.task.target for head in replay.heads.all])
    return EvaluatedRun(run, replay.heads.experiment, result, card, epoch, replay, asked, boosting=boosted)
