"""Validation scores by rows that did not choose the epoch: by hand, from the predictions at each epoch."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error

from core.runs import cross_fitted_scores as cross_fitting
from core.runs.cross_fitted_scores import cross_fitted_scores
from core.runs.evaluated_run import evaluated_run
from core.runs.journal import Journal
from core.tables.situation import Tables
from core.tables.sources import TableStore

pytestmark = pytest.mark.slow


def test_one_half_chooses_the_epoch_and_the_other_half_scores_it(kept, store, workspace, monkeypatch):
    journal, tables = Journal(workspace, kept[0]["run"]), Tables(TableStore(workspace))
    of = store, tables, journal
    with (
        evaluated_run(*of) as asked,
        pytest.raises(LookupError, match="18 validation rows are too few to split in half"),
    ):
        cross_fitted_scores(asked, journal)
    monkeypatch.setattr(cross_fitting, "FEWEST_ROWS", 18)
    with evaluated_run(*of) as asked:
        found, own = cross_fitted_scores(asked, journal), asked.epoch
        before = asked.rows.parts["validation"].targets["y"].y_pred
    predicted = {}
    for epoch in journal.kept_epochs():
        with evaluated_run(*of, epoch) as at:
            predicted[epoch] = at.rows.parts["validation"].targets["y"].y_pred
            y_true = at.rows.parts["validation"].targets["y"].y_true
    order = np.random.default_rng(0).permutation(18)
    first, second = order[:9], order[9:]
    epochs, errors = [], []
    for chooses, judges in ((first, second), (second, first)):
        best = min(predicted, key=lambda epoch: mean_squared_error(y_true[chooses], predicted[epoch][chooses]))
        epochs.append(best)
        errors.append(mean_absolute_error(y_true[judges], predicted[best][judges]))
    assert (found["rows"], found["epochs"]) == (18, epochs)
    assert found["scores"]["mae"] == pytest.approx(np.mean(errors), rel=1e-5)
    # What asks later finds the weights of the model's epoch again.
    with evaluated_run(*of) as again:
        assert again.epoch == own
        outputs = again.replay.predictor.outputs_of(again.raw("validation"), 18)["y"][:, 0]
        assert outputs == pytest.approx(before, rel=1e-5)
