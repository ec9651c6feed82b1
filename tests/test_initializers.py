"""Variances, shapes and sources of the initialisations; torch is the oracle where it can be."""

import math

import numpy as np
import pytest
from scipy import stats

from helpers.initializers import RAI_SCALE, glorot, he, rai, torch_default

ALL = [he, glorot, torch_default, rai]
each = pytest.mark.parametrize("draw", ALL)
SIZES = [(1, 1), (1, 50), (64, 32), (300, 200)]


def rng(seed=0):
    return np.random.default_rng(seed)


def assert_variance(values, expected):
    """Hold the sample variance within 5 standard errors of the one expected (mean 0)."""
    squares = values.ravel() ** 2
    error = squares.std() / math.sqrt(squares.size)
    assert abs(squares.mean() - expected) < 5 * error


@each
@pytest.mark.parametrize(("fan_in", "fan_out"), SIZES)
def test_shapes_and_types(draw, fan_in, fan_out):
    w, b = draw(fan_in, fan_out, rng())
    assert w.shape == (fan_in, fan_out)
    assert b.shape == (fan_out,)
    assert w.dtype == b.dtype == np.float64
    assert np.isfinite(w).all()
    assert np.isfinite(b).all()


@each
def test_the_generator_decides_and_no_global_state_is_touched(draw):
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again, other = draw(5, 4, rng(3)), draw(5, 4, rng(3)), draw(5, 4, rng(4))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    stream = rng(3)
    assert not np.array_equal(draw(5, 4, stream)[0], draw(5, 4, stream)[0])


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.3, 1, -0.5])
def test_he_has_the_variance_of_the_paper(slope):
    w, b = he(200, 400, rng(), slope=slope)
    assert_variance(w, 2 / ((1 + slope**2) * 200))
    assert stats.kstest(w.ravel() / w.std(), "norm").pvalue > 0.001
    assert not b.any()


@pytest.mark.parametrize("slope", [0.0, 0.2, 1.0])
def test_he_keeps_the_mean_square_through_depth(slope):
    """What the gain is for: after 20 layers the signal is as large as at the start."""
    stream, ratios = rng(), []
    for _ in range(20):
        a = z = stream.standard_normal((50, 128))
        start = np.mean(z**2)
        for layer in range(20):
            w, b = he(128, 128, stream, slope=slope if layer else 1.0)  # the first sees raw inputs
            z = a @ w + b
            a = np.where(z > 0, z, slope * z)
        ratios.append(np.mean(z**2) / start)
    assert 0.6 < np.exp(np.mean(np.log(ratios))) < 1.6
    gains = [he(128, 128, rng(), slope=s)[0].std() for s in (0.0, slope)]
    assert gains[1] == pytest.approx(gains[0] / math.sqrt(1 + slope**2))


@pytest.mark.parametrize(("fan_in", "fan_out"), [(200, 400), (400, 100)])
def test_glorot_has_the_variance_of_the_paper(fan_in, fan_out):
    w, b = glorot(fan_in, fan_out, rng())
    assert_variance(w, 2 / (fan_in + fan_out))
    limit = math.sqrt(6 / (fan_in + fan_out))
    assert stats.kstest(w.ravel(), "uniform", args=(-limit, 2 * limit)).pvalue > 0.001
    assert not b.any()


def test_torch_default_is_distributed_as_torchs_own_layer():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    layer = torch.nn.Linear(100, 500)
    w, b = torch_default(100, 500, rng())
    assert_variance(w, 1 / (3 * 100))
    theirs, their_bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    assert stats.ks_2samp(w.ravel(), theirs.ravel()).pvalue > 0.001
    assert stats.ks_2samp(b, their_bias).pvalue > 0.001
    assert max(abs(w).max(), abs(b).max()) <= 0.1
    assert he(100, 500, rng())[0].var() / theirs.var() == pytest.approx(6, rel=0.05)


def test_rai_replaces_one_entry_of_each_unit_by_a_beta():
    fan_in, fan_out = 4, 20_000
    w, b = rai(fan_in, fan_out, rng())
    both = np.vstack([w, b])
    # The mean of a column tells how many entries were replaced: Beta(2, 1) has mean 2/3.
    assert both.sum(axis=0).mean() == pytest.approx(2 / 3, abs=0.02)
    # Each place is a mixture: a share 1 / (fan_in + 1) of it Beta(2, 1), the rest normal.
    share, deviation = 1 / (fan_in + 1), RAI_SCALE / math.sqrt(fan_in)

    def mixture(value):
        normal = stats.norm.cdf(value, scale=deviation)
        return share * stats.beta.cdf(value, 2, 1) + (1 - share) * normal

    assert min(stats.kstest(row, mixture).pvalue for row in both) > 0.001


@each
@pytest.mark.parametrize("bad", [0, -3])
def test_sizes_below_one_are_refused(draw, bad):
    with pytest.raises(
        ValueError, match=rf"fan_in must be a whole number of at least 1; got {bad}"
    ):
        draw(bad, 3, rng())


@each
@pytest.mark.parametrize("bad", [2.0, "3", None, True, (2, 3)])
def test_sizes_that_are_not_whole_are_refused(draw, bad):
    with pytest.raises(TypeError, match="fan_out must be a whole number"):
        draw(3, bad, rng())


@each
@pytest.mark.parametrize("bad", [0, None, np.random])
def test_a_seed_is_not_a_generator(draw, bad):
    with pytest.raises(TypeError, match="rng must be a generator"):
        draw(3, 3, bad)


@pytest.mark.parametrize("bad", [math.nan, math.inf, "0.1", None, True])
def test_a_slope_is_a_finite_number(bad):
    with pytest.raises(ValueError, match="slope must be a finite number"):
        he(3, 3, rng(), slope=bad)


@each
def test_numpys_whole_numbers_are_sizes_too(draw):
    assert draw(np.int64(3), np.int32(2), rng())[0].shape == (3, 2)
