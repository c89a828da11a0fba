"""The engine before there is a worker, and without one."""

import pandas as pd
import pytest

from core.runs import cluster
from core.runs.engine import Engine
from core.runs.worker_client import NotReady, arrived
from core.tables.sources import TableStore
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trainable(points_table, experiment_of):
    """A function that makes experiments on the workspace's table; without epochs given they would train for hours."""
    return lambda **changes: experiment_of(**{"table": points_table, "epochs": 100_000, **changes})


def test_before_the_worker_is_there_a_run_waits_and_can_be_stopped(tmp_path, trainable):
    cold = Engine(tmp_path)
    run = cold.submit(trainable())
    assert cold.snapshot(run)["says"] == "TensorFlow is starting"
    with pytest.raises(NotReady, match="still starting"):
        cold.predict(run, pd.DataFrame())
    with pytest.raises(NotReady, match="still being opened"):
        cold.store(timeout=0.01)
    cold.stop(run)
    assert (cold.run(run).state, cold.active()) == ("stopped", [])
    cold.close()


def test_a_worker_that_cannot_start_fails_what_waits_and_is_tried_again_with_the_next_run(
    tmp_path, points, trainable, monkeypatch
):
    TableStore(tmp_path).keep("points.csv", points.to_csv(index=False).encode())
    (tmp_path / "cluster.log").mkdir()  # Where it would write what it has to say.
    tries, attach = [], cluster.attach
    monkeypatch.setattr(cluster, "attach", lambda workspace: tries.append(workspace) or attach(workspace))
    broken = Engine(tmp_path)
    run = broken.submit(trainable())
    broken.start()
    try:
        until(lambda: broken.trouble)
        until(lambda: broken.run(run).over)
        assert broken.run(run).state == "failed"
        assert broken.run(run).says.startswith("The worker could not be started: ")
        assert tries == 3 * [tmp_path]
        with pytest.raises(NotReady, match="could not be started"):
            broken.store()
        (tmp_path / "cluster.log").rmdir()
        later = broken.submit(trainable())
        assert (broken.run(later).state, broken.run(later).says) == ("queued", "TensorFlow is starting")
        assert broken.trouble == ""
        until(lambda: broken.snapshot(later)["state"] == "training")
        assert broken.store().unfinished() == [later]
        broken.stop(later, "nothing")
        until(lambda: broken.run(later).over)
    finally:
        broken.close()


class Late:
    """An answer that is there, and whose way takes longer than is waited: twice, or always where it failed."""

    def __init__(self, status: str = "finished") -> None:
        self.status, self.asked = status, 0

    def result(self, _timeout):
        self.asked += 1
        if self.status == "error" or self.asked < 3:
            raise TimeoutError("timed out")
        return "warm"


def test_an_answer_that_takes_long_to_arrive_on_a_busy_machine_is_waited_for():
    assert arrived(late := Late(), lambda: True) == "warm"
    assert late.asked == 3
    with pytest.raises(TimeoutError):
        arrived(Late(), lambda: False)
    with pytest.raises(TimeoutError):  # The question's own.
        arrived(Late("error"), lambda: True)
