"""M networks of one shape as stacked tensors: forward pass, backward pass by hand, losses.

Every tensor has the networks on its first axis, and no operation mixes them: what happens to one,
nan included, cannot reach another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from helpers.activations import Activation
from helpers.fleet.kernels import Kernel, Piecewise, Rectifier, Smooth

__all__ = ["PIECEWISE", "Design", "Stack", "cross_entropy", "squared_error"]

Tensor = torch.Tensor

PIECEWISE = ("identity", "relu", "leaky_relu", "prelu", "rrelu")
# As in torch.nn.BatchNorm1d.
EPS, FORGET = 1e-5, 0.1


@dataclass(frozen=True)
class Design:
    """What all networks of a fleet have in common.

    Attributes
    ----------
    sizes : tuple of int
        Inputs, units of each hidden layer, outputs.
    activation : Activation
        What follows each hidden layer.
    normalize : bool
        Whether each hidden unit's ``x @ w`` is brought to mean 0 and variance 1 over the batch.
    skip : bool
        Whether a hidden layer's input is added to its output, where both are of one size.
    dtype : torch.dtype
        float64 or float32.
    device : torch.device
        Where the tensors are.
    """

    sizes: tuple[int, ...]
    activation: Activation
    normalize: bool
    skip: bool
    dtype: torch.dtype
    device: torch.device

    @property
    def hidden(self) -> int:
        """Number of hidden layers."""
        return len(self.sizes) - 2

    def skips(self, layer: int) -> bool:
        """Whether this layer adds its input to its output."""
        return self.skip and layer < self.hidden and self.sizes[layer] == self.sizes[layer + 1]


class Stack:
    """M networks on one device, while they are trained or measured.

    Parameters
    ----------
    design : Design
        Shape and kind of the networks.
    parameters : sequence of ndarray, shapes (M, ...)
        For each layer w of shape (M, fan_in, fan_out), then b of shape (M, fan_out); after them,
        for PReLU, the slopes of each hidden layer, of shape (M,).
    slope : ndarray, shape (M,), optional
        Slope of each network's negative side, where it is not learned.
    statistics : sequence of ndarray, shapes (M, units)
        Running mean and variance of each hidden layer, where layers are normalised.

    Attributes
    ----------
    flat, flat_grad : tensor, shape (number of all parameters,)
        What the optimiser sees. Each array of parameters lies in it as one block, M networks long.
    parameters, gradients : list of tensor
        Views of these blocks, of the shapes given. The weights of the last layer lie there with the
        outputs first, as its outputs do: products with them are up to three times faster.
    """

    def __init__(
        self,
        design: Design,
        parameters: Sequence[np.ndarray],
        slope: np.ndarray | None,
        statistics: Sequence[np.ndarray],
    ) -> None:
        """Copy the parameters to the device."""
        self.design = design
        self.members = len(parameters[0])
        shapes = [array.shape for array in parameters]
        self.flat, self.parameters = self._block(shapes)
        self.flat_grad, self.gradients = self._block(shapes)
        for tensor, array in zip(self.parameters, parameters, strict=True):
            tensor.copy_(torch.from_numpy(array))
        layers = len(design.sizes) - 1
        self.w, self.b = self.parameters[: 2 * layers : 2], self.parameters[1 : 2 * layers : 2]
        self.grad_w, self.grad_b = (
            self.gradients[: 2 * layers : 2],
            self.gradients[1 : 2 * layers : 2],
        )
        # A view costs as much as a small product: those that every step needs are made once.
        self._across = [w.transpose(1, 2) for w in self.w]
        self._grad_last = self.grad_w[-1].transpose(1, 2)
        self._shift = [b.unsqueeze(1) for b in self.b[:-1]] + [self.b[-1].unsqueeze(2)]
        self.slopes, self.grad_slopes = self.parameters[2 * layers :], self.gradients[2 * layers :]
        self._fixed = None if slope is None or not slope.any() else self.tensor(slope)
        self.statistics = [self.tensor(array) for array in statistics]
        # With skip connections the gradient of a layer's output is needed once more.
        in_place = not design.skip
        self._training = [self._kernel(layer, in_place) for layer in range(design.hidden)]
        self._measuring = [self._kernel(layer, False) for layer in range(design.hidden)]
        self._inputs: list[Tensor] = []
        self._normalised: list[tuple[Tensor, Tensor]] = []
        self._kept: dict[tuple[str, int], Tensor] = {}

    def tensor(self, array: np.ndarray) -> Tensor:
        """Copy numbers to the device, in the stack's type."""
        return torch.tensor(array, dtype=self.design.dtype, device=self.design.device)

    def _block(self, shapes: Sequence[tuple[int, ...]]) -> tuple[Tensor, list[Tensor]]:
        """Make one flat tensor, and views of it of these shapes."""
        counts = [math.prod(shape) for shape in shapes]
        flat = torch.zeros(sum(counts), dtype=self.design.dtype, device=self.design.device)
        parts = [part.view(shape) for part, shape in zip(flat.split(counts), shapes, strict=True)]
        last = 2 * self.design.hidden
        members, units, outputs = shapes[last]
        parts[last] = parts[last].view(members, outputs, units).transpose(1, 2)
        return flat, parts

    def _kernel(self, layer: int, in_place: bool) -> Kernel:
        """Make what follows a hidden layer; where it can, activations take the place of z."""
        if self.design.activation.name not in PIECEWISE:
            return Smooth(self.design.activation)
        slope = self.slopes[layer] if self.slopes else self._fixed
        return Rectifier(in_place) if slope is None else Piecewise(slope.view(-1, 1, 1))

    # --- forward ---

    def train_forward(
        self, x: Tensor, leaks: Sequence[Tensor] = (), remember: bool = True
    ) -> Tensor:
        """Compute the outputs of a batch, and keep what `backward` needs.

        Parameters
        ----------
        x : tensor, shape (M, N, inputs)
            Each network's batch.
        leaks : sequence of tensor, shapes (M, N, units)
            For randomised leaky ReLU, the slopes of each hidden layer for this batch; by default
            their mean.
        remember : bool
            Let the running means of normalised layers follow this batch.

        Returns
        -------
        tensor, shape (M, outputs, N)
            With the outputs first, softmax and its relatives run several times faster.
        """
        self._inputs, self._normalised = [x], []
        for layer, kernel in enumerate(self._training):
            if self.design.activation.name == "rrelu":
                kernel.slope = leaks[layer] if leaks else self._fixed.view(-1, 1, 1)
            a = self._inputs[-1]
            z = self.room("z", layer, (self.members, x.shape[1], self.design.sizes[layer + 1]))
            torch.bmm(a, self.w[layer], out=z)
            if self.design.normalize:
                z = self._normalise_batch(z, layer, remember)
            z.add_(self._shift[layer])
            out = kernel.forward(z)
            self._inputs.append(out + a if self.design.skips(layer) else out)
        return self._last("out", self._inputs[-1])

    def _last(self, what: str, a: Tensor) -> Tensor:
        """Compute the outputs from the last activations."""
        out = self.room(what, -1, (self.members, self.design.sizes[-1], a.shape[1]))
        return torch.bmm(self._across[-1], a.transpose(1, 2), out=out).add_(self._shift[-1])

    def room(self, what: str, layer: int, shape: tuple[int, ...]) -> Tensor:
        """Give room for a result, the same as last time if it fits: fresh memory is slow."""
        kept = self._kept.get((what, layer))
        if kept is None or kept.shape != shape:
            kept = self._kept[what, layer] = self.flat.new_empty(shape)
        return kept

    def _normalise_batch(self, z: Tensor, layer: int, remember: bool) -> Tensor:
        """Bring each unit to mean 0 and variance 1 over the batch."""
        variance, mean = torch.var_mean(z, 1, correction=0, keepdim=True)
        scale = (variance + EPS).rsqrt_()
        z = (z - mean).mul_(scale)
        self._normalised.append((z.clone(), scale))
        if remember:
            unbiased = z.shape[1] / max(z.shape[1] - 1, 1)
            running_mean, running_variance = self.statistics[2 * layer : 2 * layer + 2]
            running_mean.lerp_(mean.squeeze(1), FORGET)
            running_variance.lerp_(variance.squeeze(1) * unbiased, FORGET)
        return z

    def measure_forward(
        self, x: Tensor, see: Callable[[int, Tensor, Tensor], None] | None = None
    ) -> Tensor:
        """Compute the outputs, changing nothing.

        Parameters
        ----------
        x : tensor, shape (M, N, inputs)
            Inputs; an expanded tensor where networks share them.
        see : callable, optional
            Is shown each hidden layer: its number from 0, z and f'(z), both (M, N, units).

        Returns
        -------
        tensor, shape (M, outputs, N)
            Outputs.
        """
        a = x
        for layer, kernel in enumerate(self._measuring):
            size = self.design.sizes[layer + 1]
            z = self.room("measured", layer, (self.members, x.shape[1], size))
            torch.bmm(a, self.w[layer], out=z)
            if self.design.normalize:
                mean, variance = self.statistics[2 * layer : 2 * layer + 2]
                z.sub_(mean.unsqueeze(1)).mul_((variance.unsqueeze(1) + EPS).rsqrt_())
            z.add_(self._shift[layer])
            out = kernel.forward(z)
            if see is not None:
                see(layer, z, kernel.derivative())
            a = out + a if self.design.skips(layer) else out
        return self._last("measured", a)

    # --- backward ---

    def backward(self, grad_out: Tensor) -> None:
        """Leave in `gradients` those of each network's loss, for the last `train_forward`.

        Parameters
        ----------
        grad_out : tensor, shape (M, outputs, N)
            Gradient of the loss with respect to the outputs.
        """
        torch.sum(grad_out, 2, out=self.grad_b[-1])
        torch.bmm(grad_out, self._inputs[-1], out=self._grad_last)
        grad = grad_out.transpose(1, 2)
        carried = None  # what comes back along a skip connection
        for layer in range(self.design.hidden - 1, -1, -1):
            a, kernel = self._inputs[layer], self._training[layer]
            grad_a = self.room("grad_a", layer, self._inputs[layer + 1].shape)
            torch.bmm(grad, self._across[layer + 1], out=grad_a)
            if carried is not None:
                grad_a.add_(carried)
            carried = grad_a if self.design.skips(layer) else None
            if self.slopes:
                self.grad_slopes[layer].copy_(kernel.slope_gradient(grad_a))
            grad = kernel.backward(grad_a)
            torch.sum(grad, 1, out=self.grad_b[layer])
            if self.design.normalize:
                grad = self._through_batch(grad, layer)
            torch.bmm(a.transpose(1, 2), grad, out=self.grad_w[layer])

    def _through_batch(self, grad: Tensor, layer: int) -> Tensor:
        """Pass a gradient back through the normalisation of a batch."""
        normal, scale = self._normalised[layer]
        mean = grad.mean(1, keepdim=True)
        along = (grad * normal).mean(1, keepdim=True)
        return (grad - mean).sub_(normal * along).mul_(scale)

    def gradient_norms(self) -> Tensor:
        """Measure the gradient of each layer's weights: tensor of shape (M, layers)."""
        return torch.stack([grad.flatten(1).norm(dim=1) for grad in self.grad_w], 1)

    def clip(self, largest: float) -> None:
        """Shorten each network's gradient to a norm of at most `largest`."""
        squares = sum(grad.flatten(1).square().sum(1) for grad in self.gradients)
        scale = (largest / (squares.sqrt() + 1e-6)).clamp_(max=1)  # as torch's clip_grad_norm_
        for grad in self.gradients:
            grad.mul_(scale.view(-1, *[1] * (grad.ndim - 1)))


# --- losses ---------------------------------------------------------------------------------------


def cross_entropy(out: Tensor, labels: Tensor, room: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Give each network's mean softmax cross-entropy, and its gradient.

    Parameters
    ----------
    out : tensor, shape (M, K, N)
        One score for each class.
    labels : tensor of int, shape (M, N)
        The right classes.
    room : tensor, shape (M, K, N), optional
        For the gradient; by default it is new.

    Returns
    -------
    loss : tensor, shape (M,)
        Mean over the N examples.
    gradient : tensor, shape (M, K, N)
        With respect to `out`.
    """
    labels = labels.unsqueeze(1)
    shares = torch.log_softmax(out, 1, out=room)
    right = shares.gather(1, labels)
    loss = right.sum((1, 2)).mul_(-1 / out.shape[2])
    gradient = shares.exp_().scatter_add_(1, labels, right.fill_(-1))
    return loss, gradient.mul_(1 / out.shape[2])


def squared_error(out: Tensor, target: Tensor, room: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Give each network's mean squared error, and its gradient.

    Parameters
    ----------
    out : tensor, shape (M, K, N)
        Outputs.
    target : tensor, shape (M, N, K)
        What they should be.
    room : tensor, shape (M, K, N), optional
        For the gradient; by default it is new.

    Returns
    -------
    loss : tensor, shape (M,)
        Mean over the N * K numbers.
    gradient : tensor, shape (M, K, N)
        With respect to `out`.
    """
    difference = torch.sub(out, target.transpose(1, 2), out=room)
    count = out.shape[1] * out.shape[2]
    loss = difference.square().sum((1, 2)).mul_(1 / count)
    return loss, difference.mul_(2 / count)
