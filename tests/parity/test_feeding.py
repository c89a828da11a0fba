"""The rows of an epoch reach the block program one block ahead, and whoever asks for another block gets that one."""

import numpy as np
import pytest

from core.model.batches import row_order
from core.model.keras_internals import block_numbers
from core.training.block_feed import Feed

pytestmark = pytest.mark.slow


def seen(feed: Feed, seed: int, epoch: int) -> list[int]:
    """The rows of an epoch in the order in which they are trained on."""
    found = []
    for block in block_numbers(feed.blocks).get_tf_dataset():
        rows = feed(seed, epoch, block)
        numbers = rows.columns[0].numpy()
        found += numbers[: int(rows.steps)].ravel().tolist()
        assert numbers.shape == (feed.per_block, feed.batch)
        if rows.rest is not None:
            found += rows.rest[0].numpy().tolist()
    return found


def test_every_block_of_an_epoch_is_gathered_in_its_order():
    # 23 rows in batches of 4: blocks of 2, 2 and 1 batches, then 3 rows.
    feed = Feed((np.arange(23.0), {"a": np.arange(23)}), 4, 5, 2, True)
    for epoch in (0, 1, 2):
        assert seen(feed, 7, epoch) == row_order(23, 7, epoch).tolist()


def test_what_was_prepared_for_another_epoch_or_seed_is_thrown_away():
    feed = Feed((np.arange(8.0),), 4, 2, 2, False)
    assert seen(feed, 7, 0) == row_order(8, 7, 0).tolist()
    assert seen(feed, 7, 5) == row_order(8, 7, 5).tolist()
    assert seen(feed, 9, 6) == row_order(8, 9, 6).tolist()
