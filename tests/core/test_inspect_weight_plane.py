"""Planes through weights: how long random directions are, which way a path spreads, and where it lies in the plane."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from core.inspect.weight_plane import WeightPlane, flat, path_plane, random_plane

NAMES = ("kernel", "bias", "embeddings", "gamma", "kernel")


@pytest.fixture
def weights():
    """A layer of five units, an embedding of four words, a layer of one unit whose weights are 0."""
    draw = np.random.default_rng(5)
    return [
        draw.normal(size=(3, 5)),
        draw.normal(size=5),
        draw.normal(size=(4, 2)),
        draw.normal(size=5),
        np.zeros((5, 1)),
    ]


def test_each_units_part_of_a_random_direction_is_as_long_as_its_weights(weights):
    plane = random_plane(NAMES, weights, 3)
    for direction in plane.directions:
        kernel, bias, words, gamma, dead = np.split(direction, np.cumsum([15, 5, 8, 5]))
        np.testing.assert_allclose(np.linalg.norm(kernel.reshape(3, 5), axis=0), np.linalg.norm(weights[0], axis=0))
        np.testing.assert_allclose(np.linalg.norm(words.reshape(4, 2), axis=1), np.linalg.norm(weights[2], axis=1))
        assert not bias.any()
        assert not gamma.any()
        assert not dead.any()
    np.testing.assert_array_equal(plane.directions, random_plane(NAMES, weights, 3).directions)
    assert not np.allclose(plane.directions, random_plane(NAMES, weights, 4).directions)


def test_a_paths_plane_is_that_of_scikit_learns_principal_components():
    moves = np.random.default_rng(1).normal(size=(12, 40)).cumsum(axis=0)
    expected, plane = PCA(2).fit(moves), path_plane(moves)
    np.testing.assert_allclose(np.abs(plane.directions), np.abs(expected.components_), atol=1e-10)
    assert plane.explained == pytest.approx(tuple(expected.explained_variance_ratio_))
    assert (plane.shadow(moves)[0][0] <= 0).all()  # It begins at the lower left.


def test_a_path_that_does_not_move_or_is_straight_has_a_plane_all_the_same():
    assert path_plane(np.zeros((4, 3))).explained == (0.0, 0.0)
    straight = path_plane(np.outer([-2.0, -1.0, 0.0], [3.0, 4.0]))
    assert straight.explained == pytest.approx((1.0, 0.0))
    np.testing.assert_allclose(straight.directions @ straight.directions.T, np.eye(2), atol=1e-12)


def test_a_shadow_is_the_nearest_point_of_the_plane():
    """Directions (1, 0, 0) and (1, 1, 0): (3, 2, 6) is 1 and 2 of them, 13 of its 49 squared lie in the plane."""
    points, inside = WeightPlane(np.array([[1.0, 0, 0], [1, 1, 0]])).shadow(np.array([[3.0, 2, 6]]))
    np.testing.assert_allclose(points, [[1, 2]])
    assert inside == pytest.approx(13 / 49)
    assert WeightPlane(np.eye(2)).shadow(np.zeros((2, 2)))[1] == 1.0


@pytest.mark.parametrize(
    "points", [np.zeros((3, 2)), np.array([[-4.0, -1], [-2, 3]]), np.array([[-1e-3, 0.0], [0, 0]])]
)
@pytest.mark.parametrize("whole", [False, True])
def test_the_path_and_the_trained_weights_lie_inside_what_is_drawn(points, whole):
    reach = WeightPlane(np.eye(2), whole=whole).reach(points)
    assert (reach[:, 0] < np.minimum(points.min(axis=0), 0)).all()
    assert (reach[:, 1] > np.maximum(points.max(axis=0), 0)).all()
    if whole:
        assert (reach[:, 0] <= -1).all()
        assert (reach[:, 1] >= 1).all()


def test_flat_is_all_numbers_in_order():
    np.testing.assert_array_equal(flat([np.array([[1, 2], [3, 4]], "float32"), np.array(5)]), [1, 2, 3, 4, 5])
