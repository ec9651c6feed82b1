"""He's start: variances, pairing between slopes, and a random state that is left alone."""

import copy

import pytest
import torch
from torch import nn

from helpers.models.start import he_


def network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 200, 5),
        nn.BatchNorm2d(200),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(200, 300, bias=False),
        nn.ReLU(),
        nn.Linear(300, 200),
    )


@pytest.mark.parametrize("slope", [0.0, 0.1, 1.0])
def test_variances_are_those_of_he(slope: float) -> None:
    model = he_(network(), slope, seed=1)
    for place, fan_in in ((0, 75), (4, 200)):
        variance = model[place].weight.var().item()
        assert variance == pytest.approx(2 / ((1 + slope**2) * fan_in), rel=0.03)
        assert abs(model[place].weight.mean().item()) < 0.01
    assert model[6].weight.var().item() == pytest.approx(1 / 300, rel=0.03)
    assert not model[0].bias.any()
    assert not model[6].bias.any()


def test_slopes_are_paired_up_to_their_scale() -> None:
    relu, leaky = he_(network(), 0.0, seed=5), he_(network(), 0.1, seed=5)
    for place in (0, 4):
        scaled = leaky[place].weight * (1 + 0.1**2) ** 0.5
        torch.testing.assert_close(scaled, relu[place].weight)
    torch.testing.assert_close(leaky[6].weight, relu[6].weight, rtol=0, atol=0)


def test_a_seed_gives_the_same_weights_and_another_others() -> None:
    one, same, other = (he_(network(), seed=seed) for seed in (2, 2, 3))
    assert torch.equal(one[0].weight, same[0].weight)
    assert not torch.equal(one[0].weight, other[0].weight)


def test_layers_of_one_shape_are_not_alike() -> None:
    model = he_(nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.Linear(8, 8)))
    assert not torch.equal(model[0].weight, model[2].weight)


def test_float32_has_the_numbers_of_float64() -> None:
    single, double = he_(network(), seed=4), he_(network().double(), seed=4)
    assert double[0].weight.dtype == torch.float64
    torch.testing.assert_close(single[0].weight, double[0].weight.float(), rtol=0, atol=0)


def test_what_is_no_weighted_layer_stays() -> None:
    model = network()
    with torch.no_grad():
        model[1].weight.fill_(7.0)
        model[1].bias.fill_(3.0)
    he_(model)
    assert (model[1].weight == 7).all()
    assert (model[1].bias == 3).all()


def test_normalisation_between_changes_no_draw() -> None:
    plain = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))
    normalised = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 2, 3))
    he_(plain, seed=9)
    he_(normalised, seed=9)
    assert torch.equal(plain[0].weight, normalised[0].weight)
    assert torch.equal(plain[2].weight, normalised[3].weight)


def test_the_random_state_of_torch_is_neither_used_nor_changed() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    one = he_(copy.deepcopy(NETWORK), seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(99)
    assert torch.equal(he_(copy.deepcopy(NETWORK), seed=1)[0].weight, one[0].weight)


NETWORK = network()


def test_it_gives_the_model_back_and_gradients_still_flow() -> None:
    model = nn.Sequential(nn.Linear(3, 2))
    assert he_(model) is model
    assert model[0].weight.requires_grad
    model(torch.ones(1, 3)).sum().backward()
    assert model[0].weight.grad is not None


def test_a_model_without_weights_is_refused() -> None:
    with pytest.raises(ValueError, match="Sequential has no linear or convolutional layer"):
        he_(nn.Sequential(nn.ReLU(), nn.BatchNorm1d(3)))
