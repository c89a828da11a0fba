"""The training rows that are most like a row, by the same distances in plain NumPy."""

import numpy as np
import pytest

from core.evaluation.neighbours import Neighbours
from core.runs.journal import Journal
from core.tables.situation import Tables
from core.tables.sources import TableStore


def test_the_usual_distance_is_that_to_the_nearest_other_point():
    neighbours = Neighbours.of(np.array([[0.0, 0], [3, 4], [3, 4], [100, 0]]))
    assert neighbours.usual.tolist() == pytest.approx([0, 0, 5, np.hypot(97, 4)])
    places, distances = neighbours.nearest(np.array([0.0, 1.0]), 2)
    assert (places.tolist(), distances.tolist()) == ([0, 1], pytest.approx([1, np.hypot(3, 3)]))
    assert [neighbours.share_nearer(distance) for distance in (0, 0.1, 5, 6, 1000)] == [0, 0.5, 0.5, 0.75, 1]


@pytest.mark.slow
def test_similar_rows_are_the_nearest_in_the_scaled_inputs_with_their_targets(kept, store, workspace, points):
    from core.runs.evaluated_run import evaluation_section

    result, _, _ = kept
    tables, journal = Tables(TableStore(workspace)), Journal(workspace, result["run"])

    def asked(row: dict, epoch: int | None = None):
        return evaluation_section(store, tables, journal, epoch, "similar rows", {"row": row})

    of = points.iloc[7]
    row = {"x0": float(of["x0"]) + 0.01, "x1": float(of["x1"]), "w": of["w"]}
    found = asked(row)
    # By hand: numbers in training deviations, words as columns of 0 and 1.
    own = tables.prepared(store.experiment(result["run"]))
    train = points.iloc[own.rows[own.parts["train"]]]
    scaled = np.stack([(train[name] - row[name]) / train[name].std(ddof=0) for name in ("x0", "x1")])
    distances = np.sqrt((scaled**2).sum(axis=0) + 2 * (train["w"] != row["w"]).to_numpy())
    nearest = np.argsort(distances, kind="stable")[:3]
    assert found.rows["row"].tolist() == (train.index[nearest] + 1).tolist()
    np.testing.assert_allclose(found.rows["distance"], distances[nearest], atol=1e-5)
    assert found.rows["actual y"].tolist() == pytest.approx(train["y"].iloc[nearest].tolist())
    assert list(found.rows) == ["row", "distance", "actual y", "x0", "x1", "w"]
    assert found.compared == len(train)
    assert found.inputs.share_nearer < 0.99
    # Far in both, and in the hidden layer as far as the epoch's weights make it.
    far = asked({"x0": 9.0, "x1": -9.0, "w": "low"})
    assert (far.inputs.share_nearer, far.hidden.share_nearer) == (1, 1)
    early = asked({"x0": 9.0, "x1": -9.0, "w": "low"}, 1)
    assert early.inputs == far.inputs
    assert early.hidden != far.hidden
    of_train = train.iloc[0]
    same = asked({"x0": float(of_train["x0"]), "x1": float(of_train["x1"]), "w": of_train["w"]})
    assert (same.inputs.distance, same.hidden.distance) == (0, 0)
