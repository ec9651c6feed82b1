"""Read data in whatever form people have it, one batch at a time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.data import DataLoader, Dataset

__all__ = ["Batch", "Batches", "Forward"]

# Runs a model on a batch: its arguments are the model and the batch as the data gave it.
Forward = Callable[[nn.Module, Any], Any]

FORWARD_HELP = (
    "say how the model takes a batch, as in "
    "forward=lambda model, batch: model(batch['image'], batch['mask'])"
)


@dataclass(frozen=True)
class Batch:
    """One batch, and what of it is meant to be compared with the output.

    Attributes
    ----------
    value : anything
        As the data gave it, its tensors on the model's device.
    target : anything
        The second of two sequences; otherwise the whole batch.
    size : int
        Number of examples.
    """

    value: Any
    target: Any
    size: int


class Batches:
    """All batches of some data, for a model.

    Parameters
    ----------
    data : anything
        A tensor or array of examples; a tuple of inputs and targets; a mapping of names to tensors;
        a `Dataset`; a `DataLoader`, or any other iterable of batches.
    model : Module
        Gives the device, and the kind of float for arrays.
    batch_size : int
        Examples a batch, where `data` is not in batches yet.
    max_batches : int, optional
        Stop after so many.
    """

    def __init__(
        self, data: Any, model: nn.Module, batch_size: int, max_batches: int | None
    ) -> None:
        self.data, self._model, self._max = data, model, max_batches
        first = next((p for p in model.parameters() if p.is_floating_point()), None)
        self._device = torch.device("cpu") if first is None else first.device
        self._dtype = torch.float32 if first is None else first.dtype
        self._batches = _in_batches(data, batch_size)
        self.once = isinstance(self._batches, Iterator)
        self._read_before = False
        total = _length_of(self._batches)
        self.total = max_batches if total is None else min(total, max_batches or total)

    def __iter__(self) -> Iterator[Batch]:
        """Give the batches one by one; none at a second time, where they can be read only once.

        Raises
        ------
        ValueError
            If there is none at the first time, if one has no examples, or if inputs are nan or
            infinite.
        """
        number = -1
        for number, value in enumerate(itertools.islice(iter(self._batches), self._max)):
            yield self._read(value, number)
        if number < 0 and not self._read_before:
            raise ValueError(
                "data holds no examples. A generator can be read only once: make a new one, or "
                "pass a list of batches, a DataLoader or a tensor"
            )
        self._read_before = True

    def endless(self, seed: int) -> Iterator[Batch]:
        """Give batches without end, over and over, for training.

        Parameters
        ----------
        seed : int
            Of the order, anew at each turn, where the data hold all examples. A loader has an order
            of its own.
        """
        generator = torch.Generator().manual_seed(seed)
        while True:
            if isinstance(self._batches, _Slices):
                values = self._batches.in_random_order(generator)
            else:
                values = iter(self._batches)
            for number, value in enumerate(itertools.islice(values, self._max)):
                yield self._read(value, number)

    def _read(self, value: Any, number: int) -> Batch:
        # A tensor is its own tree; to say so at once is quicker.
        if isinstance(value, Tensor):
            value = value.to(self._device)
            leaves = [value]
        else:
            if isinstance(value, Mapping):
                value = dict(value)  # tokenisers give mappings of kinds of their own
            value = tree_map(self._at_home, value)
            leaves = [leaf for leaf in tree_leaves(value) if isinstance(leaf, Tensor)]
        if not leaves:
            raise TypeError(
                f"batch {number} is a {type(value).__name__} without any tensor or array in it; "
                "data may be a tensor, (inputs, targets), a dict of tensors, or batches of these"
            )
        sized = next((leaf for leaf in leaves if leaf.ndim), None)
        if sized is None or not len(sized):
            raise ValueError(f"batch {number} holds no examples; leave it out")
        pair = isinstance(value, tuple | list) and len(value) == 2
        inputs = tree_leaves(value[0]) if pair else leaves
        for leaf in inputs:
            self._check(leaf, number)
        return Batch(value, value[1] if pair else value, len(sized))

    def _at_home(self, leaf: Any) -> Any:
        """Put a tensor on the model's device, and make tensors of arrays."""
        if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fiub":
            # torch warns of arrays that cannot be written to, and refuses reversed ones.
            leaf = torch.from_numpy(np.require(leaf, requirements=["C", "W"]))
            leaf = leaf.to(self._dtype) if leaf.is_floating_point() else leaf
        return leaf.to(self._device) if isinstance(leaf, Tensor) else leaf

    def _check(self, leaf: Any, number: int) -> None:
        if not isinstance(leaf, Tensor) or not leaf.is_floating_point():
            return
        # A sum is quick; only if it is odd, each number is looked at.
        if not math.isfinite(leaf.detach().sum()) and not leaf.isfinite().all():
            rows = (~leaf.isfinite()).reshape(len(leaf) if leaf.ndim else 1, -1).any(1)
            raise ValueError(
                f"batch {number} has nan or infinity in {int(rows.sum())} of its {len(rows)} "
                "examples; no unit can be judged on these. Mend the data, or leave these examples "
                "out"
            )


def default_forward(model: nn.Module, value: Any) -> Any:
    """Run a model on a batch whose form leaves no doubt.

    Parameters
    ----------
    model : Module
        The model.
    value : Tensor, sequence or mapping
        Inputs; or two sequences, inputs and targets; or arguments by name.

    Raises
    ------
    TypeError
        If the form leaves doubt.
    """
    if isinstance(value, Tensor):
        return model(value)
    if isinstance(value, Mapping):
        try:
            return model(**value)
        except TypeError as error:
            raise TypeError(
                f"the model does not take a batch of {', '.join(map(repr, value))} by name "
                f"({error}); {FORWARD_HELP}"
            ) from error
    if isinstance(value, tuple | list) and len(value) in (1, 2) and isinstance(value[0], Tensor):
        return model(value[0])
    what = f"{type(value).__name__} of {len(value)}" if isinstance(value, Sized) else str(value)
    raise TypeError(f"a batch is a {what}, which may mean many things; {FORWARD_HELP}")


def check_kinds(kinds: Collection[torch.dtype], value: Any) -> None:
    """Refuse a batch whose floats are of another kind than all of the model's parameters.

    Raises
    ------
    TypeError
        If so, and nothing such as autocast converts them.
    """
    leaf = value[0] if isinstance(value, tuple | list) and value else value
    if not isinstance(leaf, Tensor) or not leaf.is_floating_point():
        return
    if leaf.dtype in kinds or len(kinds) != 1:
        return
    (kind,) = kinds
    if not torch.is_autocast_enabled(leaf.device.type):
        raise TypeError(
            f"the model computes in {kind} and the data are {leaf.dtype}: pass data of the same "
            f"kind, as by data.to({kind}), or a copy of the model: "
            f"copy.deepcopy(model).to({leaf.dtype})"
        )


def form_of(value: Any) -> str:
    """Tell the form of a batch.

    Examples
    --------
    >>> form_of([torch.zeros(8, 3), {"mask": torch.ones(8).bool()}])
    "[float32 (8, 3), {'mask': bool (8)}]"
    """
    if isinstance(value, Tensor):
        return f"{str(value.dtype).partition('.')[2]} ({', '.join(map(str, value.shape))})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name!r}: {form_of(part)}" for name, part in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(form_of, value)) + "]"
    return type(value).__name__


def _in_batches(data: Any, batch_size: int) -> Iterable:
    """Cut data into batches, unless they are already."""
    if isinstance(data, DataLoader):
        return data
    if isinstance(data, Dataset):
        return DataLoader(data, batch_size=batch_size)
    if isinstance(data, Mapping):
        data = dict(data)
    if isinstance(data, Tensor | np.ndarray | dict) or _is_tuple_of_arrays(data):
        return _Slices(data, batch_size)
    if isinstance(data, Iterable) and not isinstance(data, str | bytes):
        return data
    raise TypeError(
        f"data must be a tensor, (inputs, targets), a dict of tensors, a DataLoader or another "
        f"iterable of batches; got {type(data).__name__}"
    )


def _length_of(batches: Iterable) -> int | None:
    """Count the batches; None where that is not known, as for a loader of a stream."""
    try:
        return len(batches) if isinstance(batches, Sized) else None
    except TypeError:
        return None


def _is_tuple_of_arrays(data: Any) -> bool:
    return isinstance(data, tuple) and all(isinstance(part, Tensor | np.ndarray) for part in data)


class _Slices:
    """Batches of arrays that hold all examples."""

    def __init__(self, data: Any, batch_size: int) -> None:
        arrays = [leaf for leaf in tree_leaves(data) if isinstance(leaf, Tensor | np.ndarray)]
        lengths = {len(array) for array in arrays if array.ndim}
        if len(lengths) != 1:
            raise ValueError(
                "inputs and targets must have the same number of examples; got "
                + " and ".join(str(tuple(array.shape)) for array in arrays)
            )
        self._data, self._size, (self._length,) = data, batch_size, lengths

    def __len__(self) -> int:
        return -(-self._length // self._size)

    def __iter__(self) -> Iterator:
        for start in range(0, self._length, self._size):
            yield self._take(slice(start, start + self._size))

    def in_random_order(self, generator: torch.Generator) -> Iterator:
        for chosen in torch.randperm(self._length, generator=generator).split(self._size):
            yield self._take(chosen)

    def _take(self, chosen: slice | Tensor) -> Any:
        def part(leaf: Any) -> Any:
            return leaf[chosen] if isinstance(leaf, Tensor | np.ndarray) else leaf

        return tree_map(part, self._data)
