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
import weakref
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from types import FrameType
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from helpers.health.calls import READERS, Activity, read_activation
from helpers.health.layout import Layout, axis_after_move, axis_after_reshape, layout_of
from helpers.health.names import UNKNOWN, Place, Source, owner_of
from helpers.health.record import Record
from helpers.health.tally import NOWHERE, PIECE, Evidence, Glimpse, Origin, Sight, Tally

__all__ = ["Capture"]

Tensor = torch.Tensor

# Beyond so many, a sum such as a transformer's residual stream has no one source.
MANY_SOURCES = 3

CONVOLUTIONS = {f"conv{n}d" for n in (1, 2, 3)} | {f"conv_transpose{n}d" for n in (1, 2, 3)}
NORMS = {"batch_norm": 3, "instance_norm": 3, "layer_norm": 2, "group_norm": 2, "rms_norm": 2}
RECURRENT = {"rnn_relu": "relu", "rnn_tanh": "tanh"}
CELLS = {"rnn_relu_cell": "relu", "rnn_tanh_cell": "tanh"}
# What hands values on, each still at home in its unit: on the same axis,
CARRIERS = {
    *("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"),
    *("contiguous", "to", "float", "double", "half", "bfloat16", "type", "clone"),
    *("max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d"),
    *(f"adaptive_{kind}_pool{n}d" for kind in ("avg", "max") for n in (1, 2, 3)),
    *("interpolate", "pad"),
}
# in the same order, or with the axes in another order or fewer.
RESHAPES = {"view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze"}
# Another type: a weight that is brought to it at each use, as Keras does, is still that weight.
CASTS = {"to", "float", "double", "half", "bfloat16", "type"}
MOVES = {"permute", "transpose", "movedim", "moveaxis", "swapaxes", "swapdims"}


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
    recomputed : list of (str, Tensor)
        The names again, with the weights, where one is computed anew at each use in the pass.
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
        self.recomputed: list[tuple[str, Tensor]] = []
        self.norms: dict[str, tuple[str, Tensor | None, Tensor | None]] = {}
        self._boundary = boundary
        self._origins: dict[int, tuple[weakref.ref, Origin]] = {}
        self._casts: dict[int, tuple[weakref.ref, Tensor]] = {}
        self._seen: dict[Tally, Sight | Glimpse] = {}
        self._padding: Tensor | None = None
        self._counts: set[int | None] = set()

    def __exit__(self, *error: Any) -> None:
        """Leave the pass, and let go of its frame, which holds all that the pass computed."""
        super().__exit__(*error)
        self._boundary = None

    @property
    def examples(self) -> int | None:
        """How many examples the pass had: what all sites agree on, or else the batch's number."""
        return next(iter(self._counts)) if len(self._counts) == 1 else self.batch

    def finish(self, output: Any) -> None:
        """Take the pass into the record; call it when the pass is complete, and not if it failed.

        Parameters
        ----------
        output : anything
            What the model returned. The weights behind it have no activation, and are not judged.
        """
        record = self.record
        with record.lock:
            for leaf in [output] if isinstance(output, Tensor) else tree_leaves(output):
                record.outputs.update(self._origin(leaf).names)
                self._leak(leaf, "the output")
            for tally, seen in self._seen.items():
                record.take(tally, seen)
            if record.waiting and record.waits > PIECE:
                record.settle()
        self._seen.clear()
        self._origins.clear()
        self._casts.clear()

    def remember(self, earlier: Capture) -> None:
        """Keep what an earlier pass used and this one did not, as control flow may have it."""
        self.weights = earlier.weights | self.weights
        self.biases = earlier.biases | self.biases
        self.norms = earlier.norms | self.norms

    # --- every call of torch arrives here ---

    def __torch_function__(
        self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Make the call, and look at it if it is one that matters."""
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "").strip("_")
        return HANDLERS.get(name, Capture._other)(self, name, func, args, kwargs)

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
        if name == "addmm":
            bias, inputs, weight = _arguments(args, kwargs, "input", "mat1", "mat2")
        else:
            second = "other" if name == "matmul" else "mat2"
            bias, (inputs, weight) = None, _arguments(args, kwargs, "input", second)
        weight = self._uncast(weight)
        if id(weight) in self.record.names and weight.ndim == 2:
            self._product(out, inputs, weight, bias, axis=1, out_axis=-1)
        else:
            self._leak(inputs, name)
            self._leak(weight, name)
        return out

    def _product(
        self, out: Tensor, inputs: Tensor, weight: Tensor, bias: Any, axis: int, out_axis: int
    ) -> None:
        """Remember from which weight a product comes, and which units feed it."""
        feeding = self._origin(inputs)
        key = id(weight), feeding.feeder, feeding.axis, axis, out_axis
        known = self.record.products.get(key)
        if known is not None and known.sources[0].units == out.shape[out_axis]:
            self._use(known.sources[0], weight, bias)
            self._mark(out, known)
            return
        lasting = id(weight) in self.record.names
        weight = self._uncast(weight)
        name = self._name_of(weight)
        origin = _origin_of(name, out.shape[out_axis], axis, out_axis)
        self._use(origin.sources[0], weight, bias)
        feeder, columns = feeding.feeder, weight.shape[1 - axis]
        fits = feeder is not None and feeder.units and feeding.axis == out_axis
        if fits and columns % feeder.units == 0:
            feeder.consumers[name] = columns // feeder.units
        else:
            self._leak(inputs, "another product")
            feeder = None
        if self.record.wiring is not None:
            self.record.wiring.product(name, feeder)
        elif lasting and out.numel():
            # The next batch will say the same. Only wiring asks for more than this key tells.
            self.record.products[key] = origin
        self._mark(out, origin)

    def _use(self, source: Source, weight: Tensor, bias: Tensor | None) -> None:
        self.record.sources[source.name] = source
        known = self.weights.setdefault(source.name, weight)
        if known is not weight and weight.requires_grad:
            self.recomputed.append((source.name, weight))
        if bias is not None:
            self._bias(source.name, bias)

    def _name_of(self, weight: Tensor) -> str:
        """Name a weight; one that is computed at each pass is named by the module that uses it."""
        known = self.record.names.get(id(weight))
        if known is not None:
            return known
        place = self._place()
        name = ".".join(filter(None, (place.path, "weight")))
        if not place.ready_made:
            first = self.record.computed.setdefault(name, place)
            name = name if place == first else f"{name} (line {place.line})"
            if self.weights.get(name, weight) is not weight:
                self.record.notes.add(
                    f"{name} is computed several times in a pass; all are taken as one layer"
                )
        return name

    def _other(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Make any other call, and note what goes into it, if something comes out."""
        out = func(*args, **kwargs)
        if self.record.wiring is not None:
            made = out if isinstance(out, tuple | list) else (out,)
            if name == "setitem" or any(isinstance(part, Tensor) for part in made):
                for given in (*args, *kwargs.values()):
                    for part in given if isinstance(given, tuple | list) else (given,):
                        self._leak(part, name)
        return out

    def _leak(self, value: Any, how: str) -> None:
        """Note that values go another way than through weights and activations."""
        wiring = self.record.wiring
        if wiring is None or not isinstance(value, Tensor):
            return
        origin, own = self._origin(value), self.record.names.get(id(self._uncast(value)))
        weights = [source.name for source in origin.sources] + ([own] if own else [])
        if origin.feeder or weights:
            wiring.leak(origin.feeder, weights, how)

    def _bias(self, weight: str, bias: Tensor) -> None:
        """Remember the bias that is added to the products of a weight."""
        self.biases[weight] = bias
        name = self.record.names.get(id(bias))
        if name is not None and self.record.wiring is not None:
            self.record.wiring.biases[weight] = name

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
        if origin is NOWHERE and name == "batch_norm" and inputs.ndim > 1:
            # What it normalises is joined from several layers, perhaps; it tells the units itself.
            self._leak(inputs, name)
            axis = 1 - inputs.ndim
            origin = Origin((Source(UNKNOWN, inputs.shape[1], out_axis=axis),), axis=axis)
        if origin.sources:
            label = self._place(to_line=False).path or name
            shift = shift if isinstance(shift, Tensor) else None  # rms_norm has none
            self.norms[label] = name, scale, shift
            if self.record.evidence_for is None or self.record.evidence_for:
                self._look_before(label, inputs, origin)
            self._mark(out, replace(origin, norm=label))
            return out
        label = self.record.names.get(id(scale))
        if origin.feeder and name == "batch_norm" and label and inputs.ndim + origin.axis == 1:
            origin.feeder.consumers[label] = 1  # with a scale of 0 they would say nothing
            if self.record.wiring is not None:
                self.record.wiring.product(label, origin.feeder)
        else:
            self._leak(inputs, name)
        return out

    def _look_before(self, label: str, inputs: Tensor, origin: Origin) -> None:
        """Take the moments of what a normalisation is given."""
        layout = layout_of(tuple(inputs.shape), origin.sources[0].units, origin.axis, self.batch)
        padded, axis = self._padded(inputs, layout), layout.position_axis(inputs.ndim)
        with torch._C.DisableTorchFunction(), self.record.lock:
            found = self.record.before.setdefault(label, Evidence())
            found.add(layout.arrange(inputs.detach()), axis, padded)

    def _add(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Join the origins of what is added; a parameter that is added is a bias."""
        origins = [self._origin(arg) for arg in args[:2]]
        out = func(*args, **kwargs)
        sources = tuple(dict.fromkeys(s for origin in origins for s in origin.sources))
        if sources:
            for arg in args[:2]:
                first = sources[0].name not in self.biases
                if first and id(arg) in self.record.names and arg.ndim == 1:
                    self._bias(sources[0].name, arg)
            norm = next((origin.norm for origin in origins if origin.norm), "")
            axis = next(origin.axis for origin in origins if origin.sources)
            partial = len(sources) > MANY_SOURCES or any(origin.partial for origin in origins)
            self._mark(out, Origin(sources[:MANY_SOURCES], norm, axis=axis, partial=partial))
        for arg, origin in zip(args[:2], origins, strict=True):
            if origin.feeder or len(sources) > 1:
                self._leak(arg, "a sum")
        return out

    def _carry(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Carry an origin through what leaves each value in its unit."""
        inputs = args[0] if args else kwargs.get("input")
        origin = self._origin(inputs)
        if origin is NOWHERE:
            if name in CASTS and id(inputs) in self.record.names:
                out = func(*args, **kwargs)
                self._casts[id(out)] = weakref.ref(out), inputs
                return out
            self._leak(inputs, name)  # a weight, perhaps
            return func(*args, **kwargs)
        before, axis = tuple(inputs.shape), origin.axis
        out = func(*args, **kwargs)
        if not isinstance(out, Tensor):
            return out
        units = origin.feeder.units if origin.feeder else origin.sources[0].units
        if name in RESHAPES:
            if origin.feeder and axis == -1 and origin.feeder.units_last and out.shape[-1] != units:
                # Its positions are flattened too, and lie further out: `Tally.units_last`.
                axis = None if out.shape[-1] % units else -1
            else:
                axis = axis_after_reshape(before, tuple(out.shape), axis, units)
        elif name in MOVES or name == "mean":
            axis = axis_after_move(lambda x: func(x, *args[1:], **kwargs), len(before), axis)
        elif out.shape[axis] != before[axis]:
            axis = None  # such as channels added by padding
        if axis is None:
            self._leak(inputs, name)
        if axis is None:
            origin = NOWHERE
        elif axis != origin.axis:
            origin = replace(origin, axis=axis)
        self._mark(out, origin)
        return out

    def _attention(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Learn which tokens are padding: what units do there is not about the data."""
        query, key = _arguments(args, kwargs, "query", "key")
        if query.ndim == 3:  # the tokens come first here, in any case
            self._settle(examples=query.shape[1], steps=query.shape[0])
        if query is key:  # not where one sequence looks at another
            mask = kwargs.get("key_padding_mask")
            if mask is not None and mask.dtype.is_floating_point:
                mask = mask == -math.inf
            self._padding = mask
        return self._other(name, func, args, kwargs)

    def _recurrent(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Take a recurrent network layer by layer, so that each can be seen.

        The outputs are the same. Where units are dropped at random between layers they would not
        be, and with packed sequences examples cannot be told apart: these are left alone.
        """
        if len(args) != 9 or not isinstance(args[2], list | tuple):
            self.record.notes.add("recurrent layers over packed sequences are not looked at")
            return func(*args, **kwargs)
        x, state, weights, has_biases, layers, dropout, train, both_ways, batch_first = args
        self._settle_recurrent(x, batch_first)
        self._leak(x, "a recurrent layer")
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

    def _gated(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Learn from an LSTM or GRU, whose gates work inside one call, what counts examples."""
        if isinstance(args[3], bool):  # not a packed sequence
            self._settle_recurrent(args[0], args[-1])
        return self._other(name, func, args, kwargs)

    def _settle_recurrent(self, x: Tensor, batch_first: bool) -> None:
        if x.ndim == 3:
            self._settle(examples=x.shape[1 - batch_first], steps=x.shape[int(batch_first)])

    def _settle(self, examples: int, steps: int) -> None:
        """Learn the number of examples from a layer that knows it: data may have tokens first."""
        if self.batch is not None and examples != self.batch == steps:
            self.batch = examples
            if examples > 1:  # one, where the data have no axis of examples at all
                self.record.notes.add(
                    "a layer reads the first axis of the data as a sequence and the second as "
                    "examples (see batch_first); N counts them so"
                )

    def _cell(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Look at one step of a recurrent network."""
        out = func(*args, **kwargs)
        tally = self._step(CELLS[name], args[2], out, example_axis=0)
        self._leak(args[0], "a recurrent layer")
        self._leak(args[1], "a recurrent layer")
        self._mark(out, Origin(feeder=tally))
        return out

    def _step(self, name: str, weight: Tensor, a: Tensor, example_axis: int) -> Tally | None:
        """Look at activations whose pre-activations stay inside torch."""
        source = Source(self._name_of(weight), a.shape[-1])
        self._use(source, weight, None)
        self._leak(weight, "a recurrent sum")
        activity = read_activation(name, (a,), {})  # both are above 0 where z is
        tally = self.record.tally(activity, Origin((source,)), self._place(), a.shape[-1])
        if tally is not None:
            self._see(tally, None, a, example_axis)
        return tally

    def _may_be_activation(self, name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Look at an activation; a clamp, say, may be at another number than 0."""
        activity = read_activation(name, args, kwargs)
        if activity is None:
            return self._other(name, func, args, kwargs)
        return self._activation(activity, func, args, kwargs)

    def _activation(self, activity: Activity, func: Callable, args: tuple, kwargs: dict) -> Any:
        """Look at an activation, before and after; it may work in place."""
        z = args[0] if args else kwargs["input"]
        origin = self._origin(z)
        if (activity.cut and not origin.sources) or z.is_nested or z.layout != torch.strided:
            return self._other(activity.name, func, args, kwargs)
        if not z.ndim or id(z) in self.record.names:  # such as a gate that is a parameter
            return self._other(activity.name, func, args, kwargs)
        place = self._place(to_line=not origin.sources)
        tally = self.record.tally(activity, origin, place, self._units(z, origin))
        if self.record.wiring is not None:
            self.record.wiring.read(origin.names, tally or place)
            if origin.feeder:
                self._leak(z, activity.name)
        before = None
        if tally is not None and (tally.wants_evidence or not activity.from_output):
            before = z.detach().clone() if _works_in_place(func, args, kwargs) else z
        out = func(*args, **kwargs)
        if tally is not None:
            self._see(tally, before, out)
            self._mark(out, Origin(feeder=tally, axis=tally.axis))
        elif out is z:
            self._mark(out, NOWHERE)  # no pre-activation any more
        return out

    # --- looking at one activation ---

    def _see(
        self, tally: Tally, z: Tensor | None, a: Tensor, example_axis: int | None = None
    ) -> None:
        """Add a call to what this pass has seen at its site; z is not needed where a tells all."""
        if not a.numel():
            return
        z = None if z is None else z.detach()
        with torch._C.DisableTorchFunction():  # so that a capture around this one sees none of it
            sight = self._sight(tally, z, a.detach(), example_axis)
            earlier = self._seen.get(tally)
            if earlier is None and self.record.gathers and sight.is_small:
                self._seen[tally] = sight.kept()
                return
            glimpse = tally.look(sight)
            if isinstance(earlier, Sight):
                earlier = tally.look(earlier)
        if earlier is not None and earlier.examples == glimpse.examples:
            glimpse = earlier.merge(glimpse)
        elif earlier is not None:  # other examples, as where a network is applied to each of two
            with self.record.lock:
                tally.add(earlier)
        self._seen[tally] = glimpse

    def _sight(self, tally: Tally, z: Tensor | None, a: Tensor, example_axis: int | None) -> Sight:
        """Find out what the axes are."""
        layout = self._layout(a, tally.origin, example_axis)
        axis, padded = layout.position_axis(a.ndim), self._padded(a, layout)
        tally.axis = layout.unit - a.ndim
        a, z = layout.arrange(a), None if z is None else layout.arrange(z)
        tally.units, tally.units_last = a.shape[3 - axis], axis == 1
        if z is not None and tally.wants_evidence:
            with self.record.lock:
                tally.add_evidence(z, axis, padded)
        return Sight(z, a, axis, padded)

    def _layout(self, a: Tensor, origin: Origin, example_axis: int | None) -> Layout:
        if example_axis is not None:
            layout = Layout(unit=a.ndim - 1, example=example_axis)
            self._counts.add(layout.examples(tuple(a.shape)))
            return layout
        units = origin.sources[0].units if origin.sources else None
        layout = layout_of(tuple(a.shape), units, origin.axis, self.batch)
        self._counts.add(layout.examples(tuple(a.shape)) if layout.certain else self.batch)
        if not layout.certain:
            self.record.notes.add(
                "at some sites the first axis is not the batch; N counts its rows there"
            )
        return layout

    def _units(self, z: Tensor, origin: Origin) -> int:
        """Give the number of units; without a known weight it tells layers at one line apart."""
        if origin.sources:
            return origin.sources[0].units
        return z.shape[layout_of(tuple(z.shape), None, -1, None).unit]

    def _padded(self, a: Tensor, layout: Layout) -> Tensor | None:
        """Give the mask of padding in the arranged order, if it is about this tensor."""
        mask = self._padding
        if mask is None or a.ndim != 3 or layout.unit != 2 or layout.example < 0:
            return None
        arranged = (a.shape[layout.example], a.shape[1 - layout.example])
        return mask[:, :, None] if tuple(mask.shape) == arranged else None

    # --- where a call, and a tensor, come from ---

    def _place(self, to_line: bool = True) -> Place:
        """Find the module that makes a call, and the line of the model's own code.

        Where a module of torch makes it and the weight before it is known, these two tell the site,
        and the line need not be found.
        """
        path, ready_made, frame = None, False, sys._getframe(2)
        while frame is not None and frame is not self._boundary:
            code = frame.f_code
            owner = owner_of(code.co_filename)
            if owner != "helpers":
                torchs = owner == "torch"
                if path is None and code.co_varnames[:1] == ("self",):
                    path = self.record.paths.get(id(frame.f_locals.get("self")))
                    ready_made = torchs
                if path and torchs and not to_line:
                    return Place(path, ready_made)
                if not torchs:
                    return Place(path or "", ready_made, code.co_filename, frame.f_lineno)
            frame = frame.f_back
        return Place(path or "", ready_made)

    def _origin(self, tensor: Any) -> Origin:
        reference, origin = self._origins.get(id(tensor), (None, NOWHERE))
        return origin if reference is not None and reference() is tensor else NOWHERE

    def _uncast(self, tensor: Any) -> Any:
        """Give the weight of which a tensor is a copy in another type, or else the tensor."""
        reference, weight = self._casts.get(id(tensor), (None, None))
        return weight if reference is not None and reference() is tensor else tensor

    def _mark(self, tensor: Tensor, origin: Origin) -> None:
        # By identity, with a weak reference: once a tensor is gone, another may get its id.
        self._origins[id(tensor)] = weakref.ref(tensor), origin


HANDLERS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(READERS, Capture._may_be_activation),
    "linear": Capture._linear,
    **dict.fromkeys(CONVOLUTIONS, Capture._convolution),
    **dict.fromkeys(("matmul", "mm", "addmm"), Capture._matmul),
    **dict.fromkeys(NORMS, Capture._norm),
    **dict.fromkeys(("add", "radd", "iadd"), Capture._add),
    **dict.fromkeys(CARRIERS | RESHAPES | MOVES | {"mean"}, Capture._carry),
    **dict.fromkeys(RECURRENT, Capture._recurrent),
    **dict.fromkeys(CELLS, Capture._cell),
    **dict.fromkeys(("lstm", "gru"), Capture._gated),
    "multi_head_attention_forward": Capture._attention,
}


def _arguments(args: tuple, kwargs: dict, *names: str) -> list[Any]:
    """Give the arguments of a call by their names, in order; None for what is not given."""
    return [args[k] if k < len(args) else kwargs.get(name) for k, name in enumerate(names)]


@lru_cache(maxsize=1024)  # the same at each pass
def _origin_of(name: str, units: int, axis: int, out_axis: int) -> Origin:
    return Origin((Source(name, units, axis, out_axis),), axis=out_axis)


def _works_in_place(func: Callable, args: tuple, kwargs: dict) -> bool:
    name = getattr(func, "__name__", "")
    asked = kwargs.get("inplace", False) or "out" in kwargs
    return name.endswith("_") or asked or (args and args[-1] is True)
