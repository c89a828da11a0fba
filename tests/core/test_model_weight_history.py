"""The file of weights: which epochs it holds, what it weighs, and what a crash or a full disk does to it."""

import errno

import numpy as np
import pytest

from core.model import weight_history
from core.model.weight_history import Keeper, epoch_weights, kept, kept_epochs, nearest_epoch, stride

SHAPES = [(3, 2), (2,), ()]


def arrays(epoch: int) -> list[np.ndarray]:
    """Weights that tell their epoch."""
    return [np.full(shape, epoch + at / 10, "float32") for at, shape in enumerate(SHAPES)]


@pytest.fixture
def path(tmp_path):
    """Where the weights are kept."""
    return tmp_path / "weights" / "epochs.bin"


def train(path, first, last, every=5, before=0, budget=weight_history.BUDGET):
    """A training's epochs from `first` to `last`, with a checkpoint now and then; its keeper."""
    keeper = Keeper(path, budget)
    keeper.begin(before, first - 1)
    for epoch in range(first, last + 1):
        keeper.keep(epoch, lambda epoch=epoch: arrays(epoch), last=epoch == last)
        if epoch % every == 0:
            keeper.flush()
    return keeper


def holds(path, wanted) -> bool:
    """Whether the file holds the wanted epochs, each with its own weights."""
    assert kept(path) == sorted(wanted)
    for epoch in wanted:
        for found, expected in zip(epoch_weights(path, epoch), arrays(epoch), strict=True):
            np.testing.assert_array_equal(found, expected)
            assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    return True


def budget_for(records: int) -> int:
    """Bytes for so many epochs: a head of less than a hundred, and 12 bytes more than 9 numbers of 4 bytes each."""
    return 100 + records * (12 + 4 * 9)


def test_all_epochs_are_kept_while_they_fit(path):
    train(path, 1, 37).end(37, 20, arrays(20))
    assert holds(path, range(1, 38))


@pytest.mark.parametrize(
    ("before", "last", "most", "step"),
    # 100 multiples of 1 up to 100; 50 of 2, 25 of 4; above 37 up to 60 lie 12 multiples of 2: 38, 40, ..., 60.
    [
        (0, 100, 100, 1),
        (0, 100, 99, 2),
        (0, 100, 50, 2),
        (0, 100, 49, 4),
        (37, 60, 12, 2),
        (37, 60, 11, 4),
        (0, 5, 0, 8),
    ],
)
def test_the_stride_is_the_smallest_power_of_two_that_leaves_few_enough(before, last, most, step):
    assert stride(before, last, most) == step


@pytest.mark.parametrize("most", [3, 4, 7, 10, 100])
@pytest.mark.parametrize(
    ("before", "last", "best"), [(0, 1, 1), (0, 99, 62), (0, 1000, 333), (37, 40, 38), (37, 1037, 500)]
)
def test_first_best_and_last_are_always_chosen_and_never_too_many(before, last, best, most):
    found = kept_epochs(before, last, best, most)
    assert {before + 1, best, last} <= found <= set(range(before + 1, last + 1))
    assert len(found) <= most
    step = stride(before, last, most - 3)
    assert found - {before + 1, best, last} == {epoch for epoch in found if epoch % step == 0} - {
        before + 1,
        best,
        last,
    }
    assert found >= {epoch for epoch in range(before + 1, last + 1) if epoch % step == 0}


@pytest.mark.parametrize("every", [1, 5, 7, 1000])
def test_the_file_is_thinned_evenly_and_keeps_its_budget(path, every):
    keeper = Keeper(path, budget_for(10))
    keeper.begin(0, 0)
    for epoch in range(1, 334):
        keeper.keep(epoch, lambda epoch=epoch: arrays(epoch), last=epoch == 333)
        if epoch % every == 0:
            keeper.flush()
            assert path.stat().st_size <= budget_for(10)
    keeper.end(333, 101, arrays(101))
    assert holds(path, kept_epochs(0, 333, 101, 10))
    assert kept(path) == [1, 64, 101, 128, 192, 256, 320, 333]  # Of 32 there are ten multiples, of 64 five.
    assert path.stat().st_size <= budget_for(10)


def test_weights_of_which_not_even_three_epochs_fit_are_not_kept(path, caplog):
    train(path, 1, 30, budget=budget_for(1)).end(30, 7, arrays(7))
    assert not path.exists()
    assert [record.message for record in caplog.records] == [
        "the weights of an epoch have 48 bytes: too many to keep those of each"
    ]


@pytest.mark.parametrize("budget", [weight_history.BUDGET, budget_for(10)])
def test_a_training_that_was_cut_off_and_goes_on_keeps_what_an_undisturbed_one_keeps(path, tmp_path, budget):
    other = tmp_path / "undisturbed" / "epochs.bin"
    train(other, 1, 100, budget=budget).end(100, 62, arrays(62))
    keeper = train(path, 1, 43, budget=budget)
    # It was killed between keeping epochs up to 43 and the checkpoint of 43: the last one is that of 40.
    keeper.flush()
    train(path, 41, 100, budget=budget).end(100, 62, arrays(62))
    assert kept(path) == kept(other)
    assert holds(path, kept_epochs(0, 100, 62, 10) if budget < weight_history.BUDGET else range(1, 101))
    assert path.stat().st_size == other.stat().st_size


def test_a_training_without_a_checkpoint_begins_anew(path):
    train(path, 1, 20).flush()
    train(path, 1, 7).end(7, 7, None)
    assert holds(path, range(1, 8))


def test_a_training_that_goes_on_only_to_end_loses_nothing(path):
    train(path, 1, 20)
    keeper = Keeper(path)
    keeper.begin(0, 20)
    keeper.keep(20, lambda: arrays(20), last=True)
    keeper.end(20, 11, arrays(11))
    assert holds(path, range(1, 21))


def test_what_a_crash_cut_short_is_no_epoch_and_is_mended_by_the_next(path):
    train(path, 1, 10)
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    assert holds(path, range(1, 10))
    train(path, 10, 15).end(15, 3, None)
    assert holds(path, range(1, 16))


def test_damaged_weights_are_refused_and_the_others_are_not(path):
    train(path, 1, 10)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(LookupError, match=r"The weights of epoch 10 are damaged on the disk\. Choose another"):
        epoch_weights(path, 10)
    assert len(epoch_weights(path, 9)) == 3


@pytest.mark.parametrize("content", [None, b"", b"no JSON\n", b"[]", b'{"a": 1}\n', b'[[[2], "O"]]\n' + bytes(28)])
def test_a_file_that_is_none_holds_no_epoch(path, content):
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)
    assert kept(path) == []
    with pytest.raises(LookupError, match="The weights of epoch 1 are not saved"):
        epoch_weights(path, 1)
    train(path, 1, 5)
    assert holds(path, range(1, 6))


def test_a_full_disk_is_said_once_in_the_log_and_later_all_is_written(path, monkeypatch, caplog):
    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    keeper = train(path, 1, 5)
    with monkeypatch.context() as patch:
        patch.setattr(weight_history, "write_whole", full)
        patch.setattr(type(path), "open", full)
        for epoch in range(6, 12):
            keeper.keep(epoch, lambda epoch=epoch: arrays(epoch))
            keeper.flush()
    assert [record.message for record in caplog.records] == [
        "the weights of epochs cannot be kept; the training goes on"
    ]
    keeper.keep(12, lambda: arrays(12))
    keeper.flush()
    assert holds(path, range(1, 13))


def test_weights_that_are_not_wanted_are_not_read(path):
    """A training of thousands of epochs a second has no time for it."""
    asked = []  # Nothing is written meanwhile: what waits in memory is thinned, too.
    keeper = Keeper(path, budget_for(10))
    keeper.begin(0, 0)
    for epoch in range(1, 1025):
        keeper.keep(epoch, lambda epoch=epoch: asked.append(epoch) or arrays(epoch))
    # Seven places besides the first, best and last: all up to 7, and then 4 times for each doubling of 8.
    assert len(asked) < 8 + 4 * 8
    assert len(keeper._fresh) <= 10


@pytest.mark.parametrize(("epoch", "expected"), [(0, 1), (2, 1), (3, 4), (6, 4), (7, 8), (100, 12)])
def test_the_nearest_epoch_that_is_kept(epoch, expected):
    assert nearest_epoch([1, 4, 8, 12], epoch) == expected
