"""`diagnose` reads data in every form people have them, and says what to do where it cannot."""

from __future__ import annotations

import copy
from collections import UserDict, namedtuple
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from health_oracle import mixed_, normal
from torch import nn
from torch.nn.utils import parametrize
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from helpers.health import Report, diagnose
from helpers.health.batches import Batches, form_of

Tensor = torch.Tensor
Pair = namedtuple("Pair", ["inputs", "labels"])


def model() -> nn.Sequential:
    return mixed_(nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 3)))


X = normal(50, 4)
Y = torch.arange(50) % 3


class ByName(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = model()

    def forward(self, x: Tensor, scale: Tensor | None = None) -> Tensor:
        return self.net(x if scale is None else x * scale)


class Rows(Dataset):
    def __len__(self) -> int:
        return 50

    def __getitem__(self, k: int) -> tuple[Tensor, Tensor]:
        return X[k], Y[k]


class Stream(IterableDataset):
    def __iter__(self) -> Iterator[Tensor]:
        return iter(X)


class OnlyOnce:
    """An iterable that is not an iterator, and yet gives its batches only once."""

    def __init__(self) -> None:
        self.batches = iter(X.split(20))

    def __iter__(self) -> Iterator[Tensor]:
        return self.batches


def is_the_same(report: Report) -> None:
    wanted = diagnose(model(), X).sites[0]
    found = report.sites[0]
    assert report.examples == found.examples == 50
    for word in ("active_share", "dead", "always_on"):
        np.testing.assert_array_equal(getattr(found, word), getattr(wanted, word))


@pytest.mark.parametrize(
    "data",
    [
        X,
        X.numpy(),
        X.float().numpy(),  # arrays become floats of the model's kind
        X.numpy()[::-1][::-1],
        np.lib.stride_tricks.as_strided(X.numpy(), writeable=False),
        (X,),
        (X, Y),
        (X.numpy(), Y.numpy()),
        (X, X.numpy()),
        TensorDataset(X),
        TensorDataset(X, Y),
        Rows(),
        Stream(),
        DataLoader(TensorDataset(X, Y), batch_size=7),
        list(X.split(20)),
        [(X[:20], Y[:20]), (X[20:], Y[20:])],
        [[X[:20]], [X[20:]]],
        [Pair(X[:20], Y[:20]), Pair(X[20:], Y[20:])],
    ],
    ids=lambda data: type(data).__name__,
)
def test_forms_of_data(data: object) -> None:
    is_the_same(diagnose(model(), data, batch_size=20))


def test_data_that_can_be_read_once() -> None:
    is_the_same(diagnose(model(), (batch for batch in X.split(20))))
    is_the_same(diagnose(model(), iter(X.split(20))))
    assert diagnose(model(), iter(X.split(20))).sites[0].causes.count("bias") > 0
    report = diagnose(model(), OnlyOnce())
    is_the_same(report)
    assert set(report.sites[0].causes) == {"", "unknown"}


@pytest.mark.parametrize("kind", [dict, UserDict])
def test_mappings_are_passed_by_name(kind: type) -> None:
    net = ByName()
    is_the_same(diagnose(net, kind(x=X), batch_size=20))
    is_the_same(diagnose(net, [kind(x=part) for part in X.split(20)]))
    scaled = diagnose(net, kind(x=X, scale=-torch.ones(50, 1).double()))
    assert (scaled.sites[0].active_share != diagnose(net, {"x": X}).sites[0].active_share).any()


def test_other_forms_by_a_forward_of_ones_own() -> None:
    batches = [{"pictures": (X[:20], "a name"), "n": 3}, {"pictures": (X[20:], "another"), "n": 4}]
    forward = lambda net, batch: net(batch["pictures"][0])  # noqa: E731
    is_the_same(diagnose(model(), batches, forward=forward))
    triple = [(X[:20], Y[:20], Y[:20]), (X[20:], Y[20:], Y[20:])]
    is_the_same(diagnose(model(), triple, forward=lambda net, batch: net(batch[0])))


def test_what_the_loss_is_compared_with() -> None:
    seen = []

    def loss(output: Tensor, target: object) -> Tensor:
        seen.append(target)
        return output.sum()

    diagnose(model(), (X, Y), loss=loss)
    assert torch.equal(seen[0], Y)
    diagnose(model(), X, loss=loss)
    assert torch.equal(seen[1], X)
    diagnose(ByName(), {"x": X}, loss=loss)
    assert seen[2].keys() == {"x"}
    report = diagnose(model(), (X, Y), loss=nn.functional.cross_entropy, batch_size=7)
    wanted = nn.functional.cross_entropy(model()(X), Y).item()
    assert report.loss == pytest.approx(wanted)


def test_max_batches_and_batch_size() -> None:
    assert diagnose(model(), X, batch_size=7, max_batches=3).examples == 21
    assert diagnose(model(), X, batch_size=1000, max_batches=3).examples == 50
    endless = iter(lambda: X, None)
    assert diagnose(model(), endless, max_batches=2).examples == 100
    batches = Batches(X, model(), 20, None)
    assert (batches.total, [batch.size for batch in batches]) == (3, [20, 20, 10])
    assert Batches(iter(X), model(), 20, 4).total == 4


def test_a_model_without_floats_has_its_data_as_they_are() -> None:
    assert diagnose(nn.ReLU(), X.float().numpy()).sites[0].units == 4


def test_layers_that_are_asked_for() -> None:
    net = mixed_(nn.Sequential(nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, 5), nn.Tanh()))
    for layers in ("0", ["0.weight"], "*relu*", ["0", "nothing"]):
        report = diagnose(net, X, layers=layers)
        assert [site.activation for site in report.sites] == ["relu"]
        assert report.coverage.others == {"2.weight": "left out by layers"}
    assert len(diagnose(net, X, layers=["0", "2"]).sites) == 2
    with pytest.raises(ValueError, match=r"no site matches layers='fc'; sites seen: '0.weight -> "):
        diagnose(net, X, layers="fc")
    with pytest.raises(ValueError, match="none at all"):
        diagnose(nn.Linear(4, 4).double(), X, layers="fc")
    for wrong in ([], 3, [3]):
        with pytest.raises(TypeError):
            diagnose(net, X, layers=wrong)


# --- what cannot be read, and what is said --------------------------------------------------------


def spoilt(value: float) -> Tensor:
    bad = X.clone()
    bad[[3, 7], 1] = value
    return bad


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (X[:0], ValueError, "data holds no examples"),
        ([], ValueError, "data holds no examples. A generator can be read only once"),
        (iter([]), ValueError, "make a new one, or pass a list of batches, a DataLoader"),
        ([X, X[:0]], ValueError, "batch 1 holds no examples; leave it out"),
        ([torch.tensor(3.0)], ValueError, "batch 0 holds no examples"),
        (torch.tensor(3.0), ValueError, "same number of examples; got ()"),
        (spoilt(np.nan), ValueError, "batch 0 has nan or infinity in 2 of its 50 examples"),
        (spoilt(np.inf).numpy(), ValueError, "Mend the data, or leave these examples out"),
        ([(X, Y), (spoilt(-np.inf), Y)], ValueError, "batch 1 has nan or infinity in 2 of"),
        ([{"x": X, "scale": torch.tensor(np.nan)}], ValueError, "batch 0 has nan or infinity in 1"),
        ((X, Y[:40]), ValueError, r"got (50, 4) and (40,)"),
        (X.float(), TypeError, "computes in torch.float64 and the data are torch.float32"),
        (X.float(), TypeError, "pass data of the same kind, as by data.to(torch.float64)"),
        ((X.half(), Y), TypeError, "copy.deepcopy(model).to(torch.float16)"),
        ((X, Y, Y), TypeError, "a batch is a list of 3, which may mean many things"),
        ([(X, Y, Y)], TypeError, "a batch is a tuple of 3, which may mean many things; say how"),
        ([[{"a": X}, Y]], TypeError, "forward=lambda model, batch: model(batch['image']"),
        ([{"image": X}], TypeError, "the model does not take a batch of 'image' by name"),
        (["some text"], TypeError, "batch 0 is a str without any tensor or array in it"),
        ([3], TypeError, "batch 0 is a int without any tensor"),
        ("some text", TypeError, "data must be a tensor, (inputs, targets), a dict of tensors"),
        (3, TypeError, "or another iterable of batches; got int"),
        (None, TypeError, "got NoneType"),
    ],
)  # fmt: skip
def test_data_that_cannot_be_read(data: object, error: type, says: str) -> None:
    with pytest.raises(error) as caught:
        diagnose(model() if isinstance(data, Tensor) or "name" not in says else ByName(), data)
    assert says.replace("a list of 3", "a tuple of 3") in str(caught.value)


def test_an_error_of_the_model_tells_the_form_of_the_batch() -> None:
    with pytest.raises(RuntimeError) as caught:
        diagnose(model(), [(X[:, :3], Y)])
    assert caught.value.__notes__ == [
        "the model was called with a batch of the form [float64 (50, 3), int64 (50)]"
    ]
    with pytest.raises(AttributeError) as caught:
        diagnose(model(), X, forward=lambda net, batch: batch.image)
    assert caught.value.__notes__[0].startswith("forward was called with a batch of the form")
    assert form_of({"x": [X, "text"]}) == "{'x': [float64 (50, 4), str]}"


def test_data_of_other_kinds_that_are_fine() -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        diagnose(copy.deepcopy(model()).float(), X.bfloat16())
    mixed = nn.Sequential(nn.Linear(4, 4).double(), nn.ReLU(), nn.Identity())
    mixed.append(nn.Linear(4, 4))  # of two kinds: who knows what it converts
    diagnose(mixed, X, forward=lambda net, x: net[3](net[:2](x).float()))
    embedded = nn.Sequential(nn.Embedding(5, 6), nn.Linear(6, 6), nn.ReLU())
    report = diagnose(embedded, torch.arange(20).reshape(10, 2) % 5)
    assert report.sites[0].positions == 20
    assert "0.weight" not in report.coverage.others  # a table, whose rows are no units
    embedded[1] = nn.Linear(6, 5, bias=False)
    embedded[1].weight = embedded[0].weight  # but these are
    assert diagnose(embedded, torch.arange(5)[:, None]).coverage.judged == ("0.weight",)


# --- models ---------------------------------------------------------------------------------------


def total(output: Tensor, target: object) -> Tensor:
    return output.sum()


def test_models_without_values() -> None:
    with torch.device("meta"):
        empty = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    with pytest.raises(
        ValueError, match=r"0\.weight is on the meta device.*load the weights first"
    ):
        diagnose(empty, X)
    with pytest.raises(ValueError, match=r"0\.weight has no shape yet: run the model on one batch"):
        diagnose(nn.Sequential(nn.LazyLinear(4), nn.ReLU()), X)


@pytest.mark.parametrize("wrong", [None, "model", nn.Linear, lambda x: x])
def test_what_is_no_model(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"model must be a torch\.nn\.Module; got"):
        diagnose(wrong, X)


@pytest.mark.parametrize("wrong", [0, -1, 2.5, True, "3"])
def test_counts(wrong: object) -> None:
    with pytest.raises((TypeError, ValueError), match="batch_size"):
        diagnose(model(), X, batch_size=wrong)
    with pytest.raises((TypeError, ValueError), match="max_batches"):
        diagnose(model(), X, max_batches=wrong)


def test_frozen_models() -> None:
    frozen = model().requires_grad_(False)
    is_the_same(diagnose(frozen, X))
    with pytest.raises(ValueError, match="all weights of the model are frozen: leave loss out"):
        diagnose(frozen, X, loss=total)
    with pytest.raises(ValueError, match="all weights"):  # there are none
        diagnose(nn.ReLU(), X, loss=total)
    frozen[2].requires_grad_(True)
    report = diagnose(frozen, X, loss=total)
    is_the_same(report)
    assert len(report.sites[0].stuck) == 0  # of these nothing was learned
    only_bias = model().requires_grad_(False)
    only_bias[0].bias.requires_grad_(True)
    is_the_same(diagnose(only_bias, X, loss=total))
    late = model()
    late[2].requires_grad_(False)
    assert diagnose(late, X, loss=total).sites[0].stuck.any()


def test_losses() -> None:
    for wrong in (lambda out, y: out, lambda out, y: 3.0, lambda out, y: None):
        with pytest.raises(TypeError, match="must give one number, a tensor of one element; got"):
            diagnose(model(), X, loss=wrong)
    for cut in (lambda out, y: out.sum().detach(), lambda out, y: torch.tensor(out.sum().item())):
        with pytest.raises(ValueError, match="the loss has no gradient"):
            diagnose(model(), X, loss=cut)
    with torch.inference_mode(), pytest.raises(ValueError, match="inference_mode"):
        diagnose(model(), X, loss=total)
    with torch.no_grad():
        assert diagnose(model(), X, loss=total).loss != 0
    with pytest.raises(RuntimeError, match="of mine"):
        diagnose(model(), X, loss=Broken.apply)


class Broken(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, output: Tensor, target: object) -> Tensor:
        return output.sum()

    @staticmethod
    def backward(ctx: object, *grads: Tensor) -> Tensor:
        raise RuntimeError("a backward pass of mine")


def test_a_weight_that_is_made_by_a_module_counts_under_one_name() -> None:
    net = model()
    parametrize.register_parametrization(net[0], "weight", nn.Identity())
    is_the_same(diagnose(net, X, loss=total))
    alone = nn.Linear(4, 12)
    parametrize.register_parametrization(alone, "weight", nn.Identity())
    report = diagnose(alone.double(), X)
    assert report.coverage.outputs == ("weight",)
