"""Capture: see every activation of one forward pass, and keep a few numbers for each unit.

A `Capture` is entered around a forward pass. While it is, torch hands it every call of one of its
functions (`torch.overrides.TorchFunctionMode`), whether a module made the call, a line such as
``F.relu(x)``, or a layer of torch itself. It changes nothing: it looks at what goes in and what
comes out. What it has seen goes into a `Record`, which many passes share. A record holds a few
numbers for each unit, and never an activation, so that its size does not hang on that of the data.
"""

from __future__ import annotations

import math
import sys
import threading
import weakref
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from helpers.health.calls import Activity, read_activation
from helpers.health.layout import Layout, layout_of

__all__ = ["FLAT_BELOW", "Capture", "Evidence", "Origin", "Record", "Source", "Tally", "written"]

Tensor = torch.Tensor

# A slope counts as flat below this (`units.saturated`).
FLAT_BELOW = 0.01
# Beyond so many, a sum such as a transformer's residual stream has no one source.
MANY_SOURCES = 3

TORCH_FILES = str(Path(torch.__file__).parent)
OWN_FILES = str(Path(__file__).parent)

CONVOLUTIONS = {f"conv{n}d" for n in (1, 2, 3)} | {f"conv_transpose{n}d" for n in (1, 2, 3)}
NORMS = {"batch_norm": 3, "instance_norm": 3, "layer_norm": 2, "group_norm": 2, "rms_norm": 2}
RECURRENT = {"rnn_relu": "relu", "rnn_tanh": "tanh"}
CELLS = {"rnn_relu_cell": "relu", "rnn_tanh_cell": "tanh"}
# What hands values on, each still at home in its unit.
CARRIERS = {
    *("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"),
    *("view", "reshape", "flatten", "unflatten", "permute", "transpose", "movedim", "squeeze"),
    *("unsqueeze", "contiguous", "to", "float", "double", "half", "bfloat16", "type", "clone"),
    *("max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d"),
    *(f"adaptive_{kind}_pool{n}d" for kind in ("avg", "max") for n in (1, 2, 3)),
    *("interpolate", "pad", "mean"),
}


@dataclass(frozen=True)
class Source:
    """A weight whose products are pre-activations.

    Attributes
    ----------
    name : str
        Such as "fc1.weight".
    units : int
        Of how many units it holds the incoming weights.
    axis : int
        Axis of the units in the weight: 0 for Linear and Conv, 1 for ``x @ w``.
    out_axis : int
        Axis of the units in the product, from the end: -3 for a convolution over pixels.
    """

    name: str
    units: int
    axis: int = 0
    out_axis: int = -1


@dataclass(frozen=True)
class Origin:
    """Where a tensor comes from, as far as it matters here.

    Attributes
    ----------
    sources : tuple of Source
        The weights whose products were added to make it.
    norm : str
        The normalisation behind them, such as "bn1"; empty if there is none.
    feeder : Tally, optional
        The activation whose values these are, if they are an activation's.
    """

    sources: tuple[Source, ...] = ()
    norm: str = ""
    feeder: Tally | None = None


class Place(NamedTuple):
    """Where a call is made: in which module, and by which line of the model's own code.

    `ready_made` says that the module is one of torch's, so that its name tells more than a line.
    """

    path: str = ""
    ready_made: bool = False
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Write it as short as it can be found again."""
        if self.ready_made or not self.file:
            return self.path
        # A cell of a notebook has the name of a file that nobody has seen.
        file = "cell" if "ipykernel_" in self.file else Path(self.file).name
        return f"{file}:{self.line}"


NOWHERE = Origin()


@dataclass
class Evidence:
    """Moments of the pre-activations, for the causes; shape (units,) each.

    Sums are taken around `shift`, the mean over the first batch, so that a spread that is small
    beside the mean is not lost to rounding.
    """

    shift: Tensor
    positions: int = 0
    total: Tensor | float = 0.0
    squares: Tensor | float = 0.0
    low: Tensor | float = math.inf
    high: Tensor | float = -math.inf

    @property
    def mean(self) -> Tensor:
        """The mean pre-activation."""
        return self.shift + self.total / self.positions

    @property
    def spread(self) -> Tensor:
        """The standard deviation of the pre-activation."""
        around = self.total / self.positions
        return (self.squares / self.positions - around * around).clamp_min(0).sqrt()


@dataclass(eq=False)
class Tally:
    """What was seen at one call site: sums and maxima for each unit, shape (units,).

    Attributes
    ----------
    name : str
        Such as "fc1.weight -> relu @ model.py:30".
    activity : Activity
        The activation.
    origin : Origin
        Where its input comes from.
    wants_evidence : bool
        Whether moments of the pre-activations are taken too, and flat examples at one-sided curves.
    units : int
        Number of units.
    units_last : bool
        Whether positions come before units: flattened, the values of a unit then lie apart.
    examples, positions : int
        Independent examples seen, and values of each unit in them.
    on_examples, on_positions : Tensor
        On how many of these z > 0. An example counts if it is so at one of its positions.
    flat_examples : Tensor
        On how many examples abs(f'(z)) was below FLAT_BELOW at all positions.
    size : Tensor
        Sum of abs(a) over positions.
    top : Tensor
        The largest z (for ReLU: the largest a, which tells as much).
    consumers : dict of str to int
        The weights that these units feed: by name, how many of its columns each unit has.
    """

    name: str
    activity: Activity
    origin: Origin
    wants_evidence: bool = False
    units: int = 0
    units_last: bool = True
    examples: int = 0
    positions: int = 0
    on_examples: Tensor | float = 0.0
    on_positions: Tensor | float = 0.0
    flat_examples: Tensor | float = 0.0
    size: Tensor | float = 0.0
    top: Tensor | float = -math.inf
    evidence: Evidence | None = None
    consumers: dict[str, int] = field(default_factory=dict)

    def add(self, glimpse: Glimpse) -> None:
        """Add what one pass has seen."""
        wide = torch.float32 if glimpse.on.device.type == "mps" else torch.float64
        self.examples += len(glimpse.on)
        self.positions += glimpse.positions
        self.on_examples += glimpse.on.sum(0).to(wide)
        self.on_positions += glimpse.on_positions.to(wide)
        self.size += glimpse.size.to(wide)
        if glimpse.steep is not None:
            self.flat_examples += (glimpse.steep < FLAT_BELOW).sum(0)
        self.top = glimpse.top if isinstance(self.top, float) else self.top.maximum(glimpse.top)

    def add_evidence(self, z: Tensor, position_axis: int, padded: Tensor | None) -> None:
        """Add the moments of pre-activations, arranged by a `Layout`."""
        axes = (0, position_axis)
        count = z.shape[0] * z.shape[position_axis] if padded is None else int((~padded).sum())
        z = z.double() if z.device.type != "mps" else z.float()
        if self.evidence is None:
            self.evidence = Evidence(_hidden(z, padded, 0.0).sum(axes) / max(count, 1))
        found = self.evidence
        shift = found.shift if position_axis == 1 else found.shift[:, None]
        around = _hidden(z - shift, padded, 0.0)
        found.positions += count
        found.total += around.sum(axes)
        found.squares += (around * around).sum(axes)
        low, high = (
            _hidden(z, padded, math.inf).amin(axes),
            _hidden(z, padded, -math.inf).amax(axes),
        )
        found.low = low if isinstance(found.low, float) else found.low.minimum(low)
        found.high = high if isinstance(found.high, float) else found.high.maximum(high)


@dataclass
class Record:
    """What all passes have seen together.

    Attributes
    ----------
    names, paths : dict of int to str
        Names of the model's parameters and modules, by identity.
    wanted : callable
        Tells whether a site is to be looked at, by its name.
    evidence_for : collection of str, optional
        Names of the sites of which evidence is taken; None for all.
    tallies : dict
        What was seen, by call site, in the order of the calls.
    unwanted : set of str
        Names of the sites that were left out.
    sources : dict of str to Source
        The weights that were used.
    outputs : set of str
        Those of them whose products left the model without an activation.
    notes : set of str
        What could not be looked at, or not with certainty.
    """

    names: dict[int, str]
    paths: dict[int, str]
    wanted: Callable[[str], bool] = lambda name: True
    evidence_for: Collection[str] | None = ()
    tallies: dict[tuple, Tally] = field(default_factory=dict)
    unwanted: dict[tuple, str] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    outputs: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)
    lock: Any = field(default_factory=threading.RLock)

    @staticmethod
    def of(model: torch.nn.Module, **options: Any) -> Record:
        """Prepare an empty record for a model."""
        names = {id(parameter): written(name) for name, parameter in model.named_parameters()}
        paths = {id(module): written(path) for path, module in model.named_modules()}
        return Record(names, paths, **options)

    def tally(self, activity: Activity, origin: Origin, place: Place) -> Tally | None:
        """Find the tally of a call site, or begin one; None if the site is not wanted."""
        key = activity.name, tuple(source.name for source in origin.sources), place
        with self.lock:
            if key in self.tallies or key in self.unwanted:
                return self.tallies.get(key)
            name = _site_name(activity, origin, place)
            known = [*(tally.name for tally in self.tallies.values()), *self.unwanted.values()]
            same = sum(other.partition(" #")[0] == name for other in known)
            name = f"{name} #{same + 1}" if same else name
            if not self.wanted(name):
                self.unwanted[key] = name
                return None
            evidence = self.evidence_for is None or name in self.evidence_for
            self.tallies[key] = Tally(name, activity, origin, wants_evidence=evidence)
            return self.tallies[key]


@dataclass
class Glimpse:
    """What one pass has seen at a site; all its calls there are positions of the same examples."""

    on: Tensor  # (examples, units): 1 where z > 0 at one position at least
    steep: Tensor | None  # (examples, units): the largest abs(f'(z))
    on_positions: Tensor
    size: Tensor
    top: Tensor
    positions: int

    def merge(self, later: Glimpse) -> Glimpse:
        """Join what a later call in the same pass has seen."""
        return Glimpse(
            on=self.on.maximum(later.on),
            steep=None if self.steep is None else self.steep.maximum(later.steep),
            on_positions=self.on_positions + later.on_positions,
            size=self.size + later.size,
            top=self.top.maximum(later.top),
            positions=self.positions + later.positions,
        )


class Capture(TorchFunctionMode):
    """See the activations of one forward pass; enter it around the pass, in its thread.

    Parameters
    ----------
    record : Record
        Where to what was seen goes.
    batch : int, optional
        Number of examples of the batch, if known: it tells the axis of the examples.
    boundary : frame, optional
        The frame around the pass; code outside of it is not the model's.

    Attributes
    ----------
    weights, biases : dict of str to Tensor
        The weights that the pass used, by name, and the biases, by the name of their weight.
    norms : dict of str to tuple
        The kind, the scale and the shift of the normalisations that the pass used.
    """

    def __init__(
        self, record: Record, batch: int | None = None, boundary: FrameType | None = None
    ) -> None:
        super().__init__()
        self.record, self.batch = record, batch
        self.weights: dict[str, Tensor] = {}
        self.biases: dict[str, Tensor] = {}
        self.norms: dict[str, tuple[str, Tensor | None, Tensor | None]] = {}
        self._boundary = boundary
        self._origins: dict[int, tuple[weakref.ref, Origin]] = {}
        self._glimpses: dict[Tally, Glimpse] = {}
        self._padding: Tensor | None = None

    def finish(self, output: Any) -> None:
        """Take the pass into the record; call it when the pass is complete, and not if it failed.

        Parameters
        ----------
        output : anything
            What the model returned. The weights behind it have no activation, and are not judged.
        """
        record = self.record
        with record.lock:
            for leaf in tree_leaves(output):
                record.outputs.update(source.name for source in self._origin(leaf).sources)
            for tally, glimpse in self._glimpses.items():
                tally.add(glimpse)
        self._glimpses.clear()
        self._origins.clear()

    # --- every call of torch arrives here ---

    def __torch_function__(
        self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Make the call, and look at it if it is one that matters."""
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "").strip("_")
        handle = HANDLERS.get(name)
        if handle is not None:
            return handle(self, name, func, args, kwargs)
        activity = read_activation(name, args, kwargs)
        if activity is not None:
            return self._activation(activity, func, args, kwargs)
        return func(*args, **kwargs)

    def _linear(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Look at a linear map: its product is a pre-activation."""
        out = func(*args, **kwargs)
        inputs, weight, bias = _arguments(args, kwargs, "input", "weight", "bias")
        self._product(out, inputs, weight, bias, axis=0, out_axis=-1)
        return out

    def _convolution(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Look at a convolution; its units are channels."""
        out = func(*args, **kwargs)
        inputs, weight, bias = _arguments(args, kwargs, "input", "weight", "bias")
        axis = int(name.startswith("conv_transpose"))
        self._product(out, inputs, weight, bias, axis=axis, out_axis=-1 - int(name[-2]))
        return out

    def _matmul(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Look at ``x @ w`` where w is a parameter of the model."""
        out = func(*args, **kwargs)
        bias, inputs, weight = args[:3] if name == "addmm" else (None, *args[:2])
        if id(weight) in self.record.names and weight.ndim == 2:
            self._product(out, inputs, weight, bias, axis=1, out_axis=-1)
        return out

    def _product(
        self, out: Tensor, inputs: Tensor, weight: Tensor, bias: Any, axis: int, out_axis: int
    ) -> None:
        """Remember from which weight a product comes, and which units feed it."""
        name = self._name_of(weight)
        source = Source(name, out.shape[out_axis], axis, out_axis)
        self._use(source, weight, bias)
        feeder = self._origin(inputs).feeder
        columns = weight.shape[1 - axis]
        if feeder is not None and feeder.units and columns % feeder.units == 0:
            feeder.consumers[name] = columns // feeder.units
        self._mark(out, Origin((source,)))

    def _use(self, source: Source, weight: Tensor, bias: Tensor | None) -> None:
        self.record.sources[source.name] = source
        self.weights[source.name] = weight
        if bias is not None:
            self.biases[source.name] = bias

    def _name_of(self, weight: Tensor) -> str:
        """Name a weight; one that is computed at each pass is named by the module that uses it."""
        known = self.record.names.get(id(weight))
        return known or ".".join(filter(None, (self._place()[0], "weight")))

    def _norm(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Carry an origin through a normalisation, and remember its scale and shift."""
        out = func(*args, **kwargs)
        place = NORMS[name]
        inputs = args[0] if args else kwargs["input"]
        scale, shift = (
            args[k] if len(args) > k else kwargs.get(word)
            for k, word in ((place, "weight"), (place + 1, "bias"))
        )
        origin = self._origin(inputs)
        if origin.sources:
            label = self._place()[0] or name
            self.norms[label] = name, scale, shift
            self._mark(out, Origin(origin.sources, norm=label))
        elif origin.feeder and name == "batch_norm":
            self._mark(out, origin)
        return out

    def _add(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Join the origins of what is added; a parameter that is added is a bias."""
        origins = [self._origin(arg) for arg in args[:2]]
        out = func(*args, **kwargs)
        sources = tuple(dict.fromkeys(s for origin in origins for s in origin.sources))
        if sources:
            for arg in args[:2]:
                if id(arg) in self.record.names and arg.ndim == 1:
                    self.biases.setdefault(sources[0].name, arg)
            norm = next((origin.norm for origin in origins if origin.norm), "")
            self._mark(out, Origin(sources[:MANY_SOURCES], norm))
        return out

    def _carry(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Carry an origin through what leaves each value in its unit."""
        inputs = args[0] if args else kwargs.get("input")
        origin = self._origin(inputs)
        out = func(*args, **kwargs)
        if origin.feeder and name in {"permute", "transpose", "movedim"}:
            origin = Origin()  # flattened after this, units would no longer lie side by side
        if (origin.sources or origin.feeder) and isinstance(out, Tensor):
            self._mark(out, origin)
        return out

    def _attention(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Learn which tokens are padding: what units do there is not about the data."""
        if args[0] is args[1]:  # not where one sequence looks at another
            mask = kwargs.get("key_padding_mask")
            if mask is not None and mask.dtype.is_floating_point:
                mask = mask == -math.inf
            self._padding = mask
        return func(*args, **kwargs)

    def _recurrent(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Take a recurrent network layer by layer, so that each can be seen.

        The outputs are the same. Where units are dropped at random between layers they would not
        be, and with packed sequences examples cannot be told apart: these are left alone.
        """
        if len(args) != 9 or not isinstance(args[2], list | tuple):
            self.record.notes.add("recurrent layers over packed sequences are not looked at")
            return func(*args, **kwargs)
        x, state, weights, has_biases, layers, dropout, train, both_ways, batch_first = args
        if train and dropout > 0 and layers > 1:
            self.record.notes.add(
                "recurrent layers with dropout between them are looked at in eval mode only"
            )
            return func(*args, **kwargs)
        ways = 1 + both_ways
        each = len(weights) // (layers * ways)
        finals = []
        for layer in range(layers):
            own = weights[layer * ways * each : (layer + 1) * ways * each]
            first = state[layer * ways : (layer + 1) * ways]
            x, final = func(x, first, own, has_biases, 1, 0.0, train, both_ways, batch_first)
            finals.append(final)
            for way, a in enumerate(x.chunk(ways, dim=-1)):
                example_axis = -1 if a.ndim < 3 else 0 if batch_first else 1
                self._step(RECURRENT[name], own[way * each], a, example_axis)
        return x, torch.cat(finals)

    def _cell(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Look at one step of a recurrent network."""
        out = func(*args, **kwargs)
        tally = self._step(CELLS[name], args[2], out, example_axis=0)
        self._mark(out, Origin(feeder=tally))
        return out

    def _step(self, name: str, weight: Tensor, a: Tensor, example_axis: int) -> Tally | None:
        """Look at activations whose pre-activations stay inside torch."""
        source = Source(self._name_of(weight), a.shape[-1])
        self._use(source, weight, None)
        activity = read_activation(name, (a,), {})
        if name == "tanh":  # z > 0 where a > 0
            activity = replace(activity, from_output=True)
        tally = self.record.tally(activity, Origin((source,)), self._place())
        if tally is not None:
            self._see(tally, None, a, example_axis)
        return tally

    def _activation(self, activity: Activity, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Look at an activation, before and after; it may work in place."""
        z = args[0] if args else kwargs["input"]
        origin = self._origin(z)
        if (activity.cut and not origin.sources) or z.is_nested or z.layout != torch.strided:
            return func(*args, **kwargs)
        tally = self.record.tally(activity, origin, self._place())
        before = None
        if tally is not None and (tally.wants_evidence or not activity.from_output):
            before = z.detach().clone() if _works_in_place(func, args, kwargs) else z
        out = func(*args, **kwargs)
        if tally is not None:
            self._see(tally, before, out)
        self._mark(out, Origin(feeder=tally))
        return out

    # --- looking at one activation ---

    def _see(
        self, tally: Tally, z: Tensor | None, a: Tensor, example_axis: int | None = None
    ) -> None:
        """Add a call to what this pass has seen at its site; z is not needed where a tells all."""
        if not a.numel():
            return
        with torch.no_grad():
            glimpse = self._glimpse(tally, z, a.detach(), example_axis)
        earlier = self._glimpses.get(tally)
        if earlier is not None and earlier.on.shape == glimpse.on.shape:
            glimpse = earlier.merge(glimpse)
        elif earlier is not None:  # other examples, as where a network is applied to each of two
            with self.record.lock:
                tally.add(earlier)
        self._glimpses[tally] = glimpse

    def _glimpse(
        self, tally: Tally, z: Tensor | None, a: Tensor, example_axis: int | None
    ) -> Glimpse:
        """Look once. To sum signs is 6 to 17 times as quick as to count what compares as true."""
        activity, layout = tally.activity, self._layout(a, tally.origin, example_axis)
        axis, padded = layout.position_axis(a.ndim), self._padded(a, layout)
        a = layout.arrange(a)
        source = a if z is None else layout.arrange(z.detach())
        steep = None
        if activity.two_sided or (tally.wants_evidence and activity.saturates):
            steep = _largest(_hidden(activity.steepness(source, a), padded, 0.0), axis)
        if tally.wants_evidence and z is not None:
            with self.record.lock:
                tally.add_evidence(source, axis, padded)
        a, source = _hidden(a, padded, 0.0), _hidden(source, padded, -math.inf)
        top = _largest(source, axis)
        on = (source if z is None else source.relu()).sign()
        tally.units, tally.units_last = on.shape[3 - axis], axis == 1
        hidden = 0 if padded is None else int(padded.sum())
        return Glimpse(
            on=top.sign().clamp_min(0).float(),
            steep=steep,
            on_positions=_hidden(on, padded, 0.0).sum((0, axis), dtype=torch.float32),
            size=(a if activity.from_output else a.abs()).sum((0, axis), dtype=torch.float32),
            top=top.amax(0),
            positions=on.shape[0] * on.shape[axis] - hidden,
        )

    def _layout(self, a: Tensor, origin: Origin, example_axis: int | None) -> Layout:
        if example_axis is not None:
            return Layout(unit=a.ndim - 1, example=example_axis)
        units, out_axis = None, -1
        if origin.sources:
            units, out_axis = origin.sources[0].units, origin.sources[0].out_axis
        layout = layout_of(tuple(a.shape), units, out_axis, self.batch)
        if not layout.certain:
            self.record.notes.add(
                "at some sites the first axis is not the batch; N counts its rows there"
            )
        return layout

    def _padded(self, a: Tensor, layout: Layout) -> Tensor | None:
        """Give the mask of padding in the arranged order, if it is about this tensor."""
        mask = self._padding
        if mask is None or a.ndim != 3 or layout.unit != 2 or layout.example < 0:
            return None
        arranged = (a.shape[layout.example], a.shape[1 - layout.example])
        return mask[:, :, None] if tuple(mask.shape) == arranged else None

    # --- where a call, and a tensor, come from ---

    def _place(self) -> Place:
        """Find the module that makes a call, and the line of the model's own code."""
        path, ready_made, frame = None, False, sys._getframe(2)
        while frame is not None and frame is not self._boundary:
            code = frame.f_code
            if not code.co_filename.startswith(OWN_FILES):
                torchs = code.co_filename.startswith(TORCH_FILES)
                if path is None and code.co_varnames[:1] == ("self",):
                    path = self.record.paths.get(id(frame.f_locals.get("self")))
                    ready_made = torchs
                if not torchs:
                    return Place(path or "", ready_made, code.co_filename, frame.f_lineno)
            frame = frame.f_back
        return Place(path or "", ready_made)

    def _origin(self, tensor: Any) -> Origin:
        reference, origin = self._origins.get(id(tensor), (None, NOWHERE))
        return origin if reference is not None and reference() is tensor else NOWHERE

    def _mark(self, tensor: Tensor, origin: Origin) -> None:
        # By identity, with a weak reference: once a tensor is gone, another may get its id.
        self._origins[id(tensor)] = weakref.ref(tensor), origin


HANDLERS: dict[str, Callable[..., Any]] = {
    "linear": Capture._linear,
    **dict.fromkeys(CONVOLUTIONS, Capture._convolution),
    **dict.fromkeys(("matmul", "mm", "addmm"), Capture._matmul),
    **dict.fromkeys(NORMS, Capture._norm),
    **dict.fromkeys(("add", "radd", "iadd"), Capture._add),
    **dict.fromkeys(CARRIERS, Capture._carry),
    **dict.fromkeys(RECURRENT, Capture._recurrent),
    **dict.fromkeys(CELLS, Capture._cell),
    "multi_head_attention_forward": Capture._attention,
}


def written(name: str) -> str:
    """Name a part of a model as it is written, without the wrapper of `torch.compile`.

    Examples
    --------
    >>> written("_orig_mod.fc1.weight"), written("body._orig_mod")
    ('fc1.weight', 'body')
    """
    return ".".join(part for part in name.split(".") if part != "_orig_mod")


def _arguments(args: tuple, kwargs: dict, *names: str) -> list[Any]:
    """Give the arguments of a call by their names, in order; None for what is not given."""
    return [args[k] if k < len(args) else kwargs.get(name) for k, name in enumerate(names)]


def _largest(values: Tensor, axis: int) -> Tensor:
    return values.squeeze(axis) if values.shape[axis] == 1 else values.amax(axis)


def _hidden(values: Tensor, mask: Tensor | None, fill: float) -> Tensor:
    return values if mask is None else values.masked_fill(mask, fill)


def _works_in_place(func: Callable, args: tuple, kwargs: dict) -> bool:
    name = getattr(func, "__name__", "")
    return name.endswith("_") or kwargs.get("inplace", False) or (args and args[-1] is True)


def _site_name(activity: Activity, origin: Origin, place: Place) -> str:
    """Name a site, as "fc1.weight -> relu @ model.py:30"."""
    weights = " + ".join(source.name for source in origin.sources) or "?"
    name = " -> ".join(filter(None, (weights, origin.norm, activity.name)))
    return f"{name} @ {place}" if str(place) else name
