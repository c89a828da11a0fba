"""Which workers are replaced for the memory that they hold: `test_training_workers` has real ones replaced."""

from types import SimpleNamespace

import pytest

from core.runs.worker_memory import WorkerMemory, usual_limit


def holding(megabytes: float) -> SimpleNamespace:
    """A worker as its scheduler knows it."""
    return SimpleNamespace(address="tls://a", memory=SimpleNamespace(process=megabytes * 1e6))


@pytest.fixture
def memory(monkeypatch):
    """That of one worker on a machine of 64 GB."""
    monkeypatch.delenv("LAYERDECK_WORKER_MEMORY", raising=False)
    monkeypatch.setattr("core.runs.worker_memory.MEMORY_LIMIT", 64e9)
    return WorkerMemory(workers=3)


def work(memory: WorkerMemory, tasks: int) -> None:
    for task in range(tasks):
        memory.transition(f"train-{task}", "processing", "memory", worker="tls://a", nbytes=10)


def test_a_worker_is_full_above_the_limit_and_after_ten_tasks(memory):
    assert not memory.full(holding(2000))
    work(memory, 10)
    assert not memory.full(holding(600))
    assert not memory.full(holding(1499))
    assert memory.full(holding(1501))
    memory.remove_worker(None, "tls://a")  # What replaces it may get its address.
    assert not memory.full(holding(2000))


def test_a_worker_whose_table_is_large_is_full_when_it_has_grown_by_half(memory):
    work(memory, 10)
    assert not memory.full(holding(3000))
    assert not memory.full(holding(4400))
    assert memory.full(holding(4600))


@pytest.mark.parametrize(("named", "full"), [("700", True), ("5000", False), ("many", True), ("-1", True), ("", True)])
def test_a_limit_that_is_named_alone_counts(memory, monkeypatch, named, full):
    work(memory, 10)
    assert not memory.full(holding(650))
    monkeypatch.setenv("LAYERDECK_WORKER_MEMORY", named)
    assert memory.full(holding(1600)) is full
    monkeypatch.setenv("LAYERDECK_WORKER_MEMORY", "1")
    assert memory.full(holding(651))  # However it has grown.


@pytest.mark.parametrize(
    ("workers", "gigabytes", "megabytes"), [(3, 64, 1500), (3, 6, 1200), (1, 2, 1200), (3, 2, 900), (17, 64, 1500)]
)
def test_the_usual_limit_leaves_a_small_machine_room(workers, gigabytes, megabytes):
    """0.6 of 6 GB are 3.6 GB, and 1.2 GB for each of three workers."""
    assert usual_limit(workers, gigabytes * 1e9) == pytest.approx(megabytes * 1e6)
