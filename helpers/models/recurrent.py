"""Which language is this name in? Models that read letter by letter, and one that counts them.

`Reader` is a recurrent network written out as a loop: after each letter,

    state = activation(vector of the letter + again @ state + bias).

`FusedReader` is the same through ``nn.RNN``, `GateReader` has the gates of a GRU, and `Ngrams` is
the linear baseline: it adds up scores of pieces of the name. All take rows of numbers as
`helpers.datasets.spell` writes them and give a score for each language. `learn` trains any of them
on the names of `helpers.datasets.names`, `memory` measures how a gradient fares on its way back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from helpers.datasets.names import ALPHABET, END, LANGUAGES, Names, names, spell
from helpers.models.training import History, train

__all__ = [
    "ARMS",
    "STARTS",
    "FusedReader",
    "GateReader",
    "Learned",
    "Ngrams",
    "Reader",
    "build",
    "joined",
    "learn",
    "memory",
    "run",
    "start_",
]

SYMBOLS = len(ALPHABET) + 2  # END and "any other" come first
STARTS = ("identity", "usual", "orthogonal", "he")
HIDDEN = 64
LONG = (10, 50, 100, 200, 400)  # letters after which the size of the state is measured
LETTER_SPREAD = 0.3  # standard deviation of the letters' vectors at the start


class Reader(nn.Module):
    """Read a name letter by letter into one state, then score the languages.

    Parameters
    ----------
    activation : str
        "relu", "leaky_relu" or "tanh".
    slope : float
        Of the negative side of leaky ReLU.
    hidden : int
        Units of the state.
    classes : int
        Languages.

    References
    ----------
    J. Elman (1990), https://doi.org/10.1207/s15516709cog1402_1. Taught in notebook 14.

    Examples
    --------
    >>> reader = Reader("leaky_relu", slope=0.1, hidden=8)
    >>> reader(torch.tensor([[10, 11, 12], [10, 0, 0]])).shape  # the second has one letter
    torch.Size([2, 12])
    """

    def __init__(
        self,
        activation: str = "relu",
        slope: float = 0.0,
        hidden: int = HIDDEN,
        classes: int = len(LANGUAGES),
    ) -> None:
        if activation not in ("relu", "leaky_relu", "tanh"):
            raise ValueError(
                f'activation must be "relu", "leaky_relu" or "tanh"; got {activation!r}'
            )
        super().__init__()
        self.activation, self.slope = activation, slope
        self.letter = nn.Embedding(SYMBOLS, hidden, padding_idx=END)
        self.again = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, classes)

    def step(self, vector: Tensor, state: Tensor) -> Tensor:
        """Read one letter of each name: the new state, shape (N, hidden)."""
        z = vector + self.again(state)
        if self.activation == "tanh":
            return torch.tanh(z)
        return F.relu(z) if self.activation == "relu" else F.leaky_relu(z, self.slope)

    def states(self, letters: Tensor) -> list[Tensor]:
        """Read names of one length, and give the state after each letter, T of shape (N, hidden).

        Parameters
        ----------
        letters : tensor of int, shape (N, T)
            Names of T letters each, as `helpers.datasets.spell` writes them.

        Raises
        ------
        ValueError
            If the names differ in length.
        """
        _refuse_ends(letters)
        vectors = self.letter(letters).unbind(dim=1)
        states = [torch.zeros_like(vectors[0])]
        for vector in vectors:
            states.append(self.step(vector, states[-1]))
        return states[1:]

    def forward(self, letters: Tensor) -> Tensor:
        """Score the languages for names of any lengths, shape (N, classes)."""
        lengths, order = (letters != END).sum(dim=1).sort(descending=True, stable=True)
        vectors = self.letter(letters[order]).unbind(dim=1)
        state, over = torch.zeros_like(vectors[0]), []
        for place in range(int(lengths[0])):
            left = int((lengths > place).sum())  # names that have a letter here: the first ones
            if left < len(state):
                over.append(state[left:])
                state = state[:left]
            state = self.step(vectors[place][:left], state)
        last = torch.cat([state, *reversed(over)])
        return self.out(last[order.argsort()])


class FusedReader(nn.Module):
    """Read as `Reader` does, through ``nn.RNN``, which knows "relu" and "tanh" alone.

    Parameters
    ----------
    activation, hidden, classes
        As for `Reader`.

    Examples
    --------
    >>> reader = Reader("tanh", hidden=8)
    >>> letters = torch.tensor([[10, 11, 12], [10, 0, 0]])
    >>> torch.allclose(FusedReader.of(reader)(letters), reader(letters), atol=1e-6)
    True
    """

    def __init__(
        self, activation: str = "relu", hidden: int = HIDDEN, classes: int = len(LANGUAGES)
    ) -> None:
        super().__init__()
        self.letter = nn.Embedding(SYMBOLS, hidden, padding_idx=END)
        self.rnn = nn.RNN(hidden, hidden, nonlinearity=activation, batch_first=True)
        self.out = nn.Linear(hidden, classes)

    @classmethod
    @torch.no_grad()
    def of(cls, reader: Reader) -> FusedReader:
        """Copy a `Reader`. Raises ValueError for leaky ReLU, which ``nn.RNN`` does not have."""
        if reader.activation == "leaky_relu":
            raise ValueError('nn.RNN has "relu" and "tanh" only: write the loop out for leaky ReLU')
        hidden, classes = reader.again.in_features, reader.out.out_features
        fused = cls(reader.activation, hidden, classes).to(reader.out.weight)
        fused.letter.load_state_dict(reader.letter.state_dict())
        fused.out.load_state_dict(reader.out.state_dict())
        fused.rnn.weight_ih_l0.copy_(torch.eye(hidden))  # the vector of the letter as it is
        fused.rnn.weight_hh_l0.copy_(reader.again.weight)
        fused.rnn.bias_ih_l0.zero_()
        fused.rnn.bias_hh_l0.copy_(reader.again.bias)
        return fused

    def forward(self, letters: Tensor) -> Tensor:
        """Score the languages, shape (N, classes)."""
        return self.out(self.rnn(_packed(self.letter(letters), letters))[1][0])


class GateReader(nn.Module):
    """Read letter by letter with a GRU: gates decide what is kept of the state.

    Parameters
    ----------
    hidden, classes
        As for `Reader`.

    References
    ----------
    K. Cho et al. (2014), https://arxiv.org/abs/1406.1078. Taught in notebook 14.

    Examples
    --------
    >>> GateReader(hidden=8)(torch.tensor([[10, 11, 12], [10, 0, 0]])).shape
    torch.Size([2, 12])
    """

    def __init__(self, hidden: int = HIDDEN, classes: int = len(LANGUAGES)) -> None:
        super().__init__()
        self.letter = nn.Embedding(SYMBOLS, hidden, padding_idx=END)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, classes)

    def states(self, letters: Tensor) -> tuple[Tensor, ...]:
        """Read names of one length, and give the state after each letter, T of shape (N, hidden).

        Raises
        ------
        ValueError
            If the names differ in length.
        """
        _refuse_ends(letters)
        return self.gru(self.letter(letters))[0].unbind(dim=1)

    def forward(self, letters: Tensor) -> Tensor:
        """Score the languages, shape (N, classes)."""
        return self.out(self.gru(_packed(self.letter(letters), letters))[1][0])


class Ngrams(nn.Module):
    """Score the languages by the pieces of a name, up to three characters each: a linear model.

    Every piece that occurs in the names to learn from has a score for each language; the scores of
    the pieces of a name are added up. The beginning and the end of the name count as characters.

    Parameters
    ----------
    letters : tensor of int, shape (N, T)
        The names to learn from. Pieces that are not in them are passed over later on.
    longest : int
        Characters of the longest pieces: 1, 2 or 3.
    classes : int
        Languages.

    Examples
    --------
    >>> model = Ngrams(torch.tensor([[10, 11], [10, 0]]))
    >>> len(model.known)  # ^ a b $, ^a ab b$ a$, ^ab ab$ ^a$
    11
    """

    def __init__(self, letters: Tensor, longest: int = 3, classes: int = len(LANGUAGES)) -> None:
        if longest not in (1, 2, 3):
            raise ValueError(f"longest must be 1, 2 or 3; got {longest!r}")
        super().__init__()
        self.longest = longest
        codes = self._codes(letters).unique()
        self.register_buffer("known", codes[codes > 0])  # sorted
        self.scores = nn.EmbeddingBag(len(self.known) + 1, classes, mode="sum", padding_idx=0)
        nn.init.zeros_(self.scores.weight)

    def _codes(self, letters: Tensor) -> Tensor:
        """Give a number to each piece of a name, 0 where there is none, shape (N, pieces)."""
        base = SYMBOLS + 2
        # The end becomes 1, what comes after it 0, and the beginning is the highest number.
        marks = F.pad(letters + 1, (1, 1), value=1)
        marks[:, 0] = base - 1
        over = (marks == 1).cumsum(dim=1) > 1
        marks = marks.masked_fill(over, 0)
        found = []
        for size in range(1, self.longest + 1):
            windows = marks.unfold(1, size, 1)
            powers = base ** torch.arange(size, device=letters.device)
            code = (windows * powers).sum(dim=2)
            found.append(code.masked_fill((windows == 0).any(dim=2), 0))
        return torch.cat(found, dim=1)

    def forward(self, letters: Tensor) -> Tensor:
        """Score the languages, shape (N, classes)."""
        codes = self._codes(letters)
        place = torch.searchsorted(self.known, codes).clamp(max=len(self.known) - 1)
        known = (self.known[place] == codes) & (codes > 0)
        return self.scores(torch.where(known, place + 1, 0))


def _refuse_ends(letters: Tensor) -> None:
    if (letters == END).any():
        raise ValueError("states are of names of one length: group them, or join several")


def _packed(vectors: Tensor, letters: Tensor) -> nn.utils.rnn.PackedSequence:
    """Leave out what comes after the end of each name."""
    lengths = (letters != END).sum(dim=1).cpu()
    return nn.utils.rnn.pack_padded_sequence(
        vectors, lengths, batch_first=True, enforce_sorted=False
    )


# --- the start --------------------------------------------------------------------------------


@torch.no_grad()
def start_(model: nn.Module, kind: str = "identity", *, seed: int = 0) -> nn.Module:
    """Draw the weights of a model of this module, in place, from the seed alone.

    The letters' vectors are normal with standard deviation 0.3, the scores' weights with variance
    1 / hidden, biases 0: the same for each kind and activation, so that a comparison is paired.

    Parameters
    ----------
    model : Reader, FusedReader, GateReader or Ngrams
        What it has of these is drawn. `Ngrams` begins with zeros and stays as it is.
    kind : str
        Of the matrix of a `Reader` by which the state comes again: "identity" (Le et al. 2015),
        "usual" (torch's own for a recurrent layer: uniform, +-1 / sqrt(hidden)), "orthogonal", or
        "he" (normal, variance 2 / hidden). Gates are always drawn as usual.
    seed : int
        Of the draw.

    Returns
    -------
    torch.nn.Module
        The model itself.

    Raises
    ------
    ValueError
        If there is no such kind.

    References
    ----------
    Q. Le, N. Jaitly and G. Hinton (2015), https://arxiv.org/abs/1504.00941. Taught in notebook 14.

    Examples
    --------
    >>> reader = start_(Reader(hidden=3), "identity")
    >>> reader.again.weight.diagonal().tolist(), reader.again.weight.sum().item()
    ([1.0, 1.0, 1.0], 3.0)
    """
    if kind not in STARTS:
        raise ValueError(f"kind must be one of {', '.join(STARTS)}; got {kind!r}")
    if isinstance(model, Ngrams):
        return model
    rng = np.random.default_rng(seed)
    hidden = model.out.in_features

    def fill(weight: Tensor, values: np.ndarray) -> None:
        weight.copy_(torch.from_numpy(values))

    fill(model.letter.weight, rng.normal(0, LETTER_SPREAD, model.letter.weight.shape))
    model.letter.weight[END] = 0.0
    fill(model.out.weight, rng.normal(0, hidden**-0.5, model.out.weight.shape))
    model.out.bias.zero_()
    if isinstance(model, Reader):
        square = rng.normal(size=(hidden, hidden))
        matrix = {
            "identity": np.eye(hidden),
            "usual": rng.uniform(-1, 1, (hidden, hidden)) / math.sqrt(hidden),
            "orthogonal": np.linalg.qr(square)[0],
            "he": square * math.sqrt(2 / hidden),
        }[kind]
        fill(model.again.weight, matrix)
        model.again.bias.zero_()
        return model
    for weight in (model.rnn if isinstance(model, FusedReader) else model.gru).parameters():
        fill(weight, rng.uniform(-1, 1, weight.shape) / math.sqrt(hidden))
    return model


def memory(reader: Reader, letters: Tensor, *, seed: int = 0) -> np.ndarray:
    """Measure what is left of a gradient at the end on its way back through the letters.

    Parameters
    ----------
    reader : Reader
        Its weights are not changed.
    letters : tensor of int, shape (N, T)
        Names, all of T letters.
    seed : int
        Of the direction at the end from which the gradient starts, of length 1.

    Returns
    -------
    ndarray, shape (N, T)
        Length of the gradient with respect to the state t letters before the end, t from 0 on; the
        first column is 1.

    Raises
    ------
    ValueError
        If the names differ in length.

    References
    ----------
    Y. Bengio, P. Simard and P. Frasconi (1994), https://doi.org/10.1109/72.279181. Taught in
    notebook 14.

    Examples
    --------
    >>> reader = start_(Reader("relu"), "identity")
    >>> _ = reader.letter.weight.data.abs_()  # letters that only push up: no unit gets to 0
    >>> memory(reader, torch.full((1, 4), 5)).round(3).tolist()
    [[1.0, 1.0, 1.0, 1.0]]
    """
    with torch.enable_grad():
        states = reader.states(letters)
        direction = np.random.default_rng(seed).normal(size=states[-1].shape[1])
        direction /= np.linalg.norm(direction)
        end = states[-1] @ torch.from_numpy(direction).to(states[-1])
        gradients = torch.autograd.grad(end.sum(), states)
    return torch.stack([g.norm(dim=1) for g in gradients[::-1]], dim=1).numpy()


def joined(length: int, count: int = 5, *, seed: int = 0) -> Tensor:
    """Join names at random, with spaces between them, to inputs of one length.

    Parameters
    ----------
    length : int
        Letters of each.
    count : int
        How many.
    seed : int
        Of the draw.

    Returns
    -------
    tensor of int, shape (count, length)
        As `helpers.datasets.spell` writes them.

    Examples
    --------
    >>> joined(400).shape
    torch.Size([5, 400])
    """
    rng = np.random.default_rng(seed)
    text = names().text
    rows = [" ".join(rng.choice(text, size=length)) for _ in range(count)]
    return torch.from_numpy(spell(rows)[:, :length])


# --- the comparison ---------------------------------------------------------------------------

# Who takes part in the comparison of notebook 14: the model, and how it starts.
ARMS: dict[str, dict[str, Any]] = {
    "relu, identity": {"activation": "relu", "start": "identity"},
    "leaky_relu 1/100, identity": {"activation": "leaky_relu", "slope": 0.01, "start": "identity"},
    "leaky_relu 1/10, identity": {"activation": "leaky_relu", "slope": 0.1, "start": "identity"},
    "tanh, identity": {"activation": "tanh", "start": "identity"},
    "relu, usual": {"activation": "relu", "start": "usual"},
    "tanh, usual": {"activation": "tanh", "start": "usual"},
    "gru": {},
    "n-grams": {},
}


@dataclass
class Learned:
    """A trained model, and the names it learned from and was judged on.

    Attributes
    ----------
    model : torch.nn.Module
        In evaluation mode.
    history : History
        Of the training.
    train, tune, test : Names
        To learn from, to tune on, and to be tested on: no territory in two of them.
    """

    model: nn.Module
    history: History
    train: Names
    tune: Names
    test: Names

    def read(self, part: Names) -> np.ndarray:
        """Give the language that the model takes each name for, as labels, shape (N,)."""
        with torch.no_grad():
            return self.model(torch.from_numpy(part.letters)).argmax(dim=1).numpy()

    def right(self, part: Names) -> float:
        """Give the share of names read correctly, in %. A training that broke off counts as 0."""
        if self.history.diverged_at is not None:
            return 0.0
        return float(100 * (self.read(part) == part.labels).mean())


def build(arm: str, letters: Tensor, *, seed: int = 0) -> nn.Module:
    """Make the model of an arm of the comparison, in float64.

    Parameters
    ----------
    arm : str
        One of `ARMS`.
    letters : tensor of int, shape (N, T)
        The names to learn from: `Ngrams` takes its pieces from them.
    seed : int
        Of the initial weights.

    Raises
    ------
    ValueError
        If there is no such arm.

    Examples
    --------
    >>> build("gru", torch.tensor([[10, 11]]))
    GateReader(
      (letter): Embedding(80, 64, padding_idx=0)
      (gru): GRU(64, 64, batch_first=True)
      (out): Linear(in_features=64, out_features=12, bias=True)
    )
    """
    if arm not in ARMS:
        raise ValueError(f"arm must be one of {', '.join(map(repr, ARMS))}; got {arm!r}")
    settings = dict(ARMS[arm])
    start = settings.pop("start", "usual")
    with torch.random.fork_rng(devices=[]):  # what torch draws is drawn over
        if arm == "gru":
            model = GateReader()
        elif arm == "n-grams":
            model = Ngrams(letters)
        else:
            model = Reader(**settings)
    return start_(model.double(), start, seed=seed)


def learn(
    arm: str,
    seed: int = 0,
    *,
    learning_rate: float = 0.01,
    epochs: int = 15,
    clip: float | None = 1.0,
    progress: bool = False,
) -> Learned:
    """Train one model of the comparison.

    The test part is the same for every seed: a quarter of the territories. Of the others the seed
    draws a fifth to tune on. It also draws the initial weights and the order of the names.

    Parameters
    ----------
    arm : str
        One of `ARMS`.
    seed : int
        Paired: the same for two arms means the same names, in the same order.
    learning_rate, epochs, clip, progress
        As for `helpers.models.training.train`, which uses Adam and batches of 64.

    Returns
    -------
    Learned
        The model and what belongs to it.

    References
    ----------
    Notebook 14 trains with it and draws what `experiments/text.py` has stored.

    Examples
    --------
    >>> learned = learn("n-grams", seed=0, learning_rate=0.01, epochs=3)
    >>> learned.right(learned.test) > 50
    True
    """
    pool, test = names().split(seed=0)
    # A stream of its own: the seed of the test part must not come back here.
    draws = np.random.default_rng([14, seed])
    part, tune = pool.split(test=0.2, seed=draws)
    letters, labels = torch.from_numpy(part.letters), torch.from_numpy(part.labels)
    model = build(arm, letters, seed=seed)
    history = train(
        model,
        letters,
        labels,
        F.cross_entropy,
        learning_rate=learning_rate,
        epochs=epochs,
        seed=seed,
        clip=clip,
        progress=progress,
    )
    return Learned(model.eval(), history, part, tune, test)


def run(seeds: Sequence[int], **settings: Any) -> dict[str, np.ndarray]:
    """Train an arm with each seed, and give what a comparison needs.

    Parameters
    ----------
    seeds : sequence of int
        One model each.
    **settings
        Of `learn`: arm, learning_rate, epochs, clip.

    Returns
    -------
    dict of str to ndarray, seeds first
        "tune" and "test", names read correctly in %; "gradient", the largest norm of the gradients
        before clipping (infinite where a training broke off); "confusion", shape (seeds, languages,
        languages): how many test names of each language were taken for each; and but for n-grams
        "growth", shape (seeds, 5): the mean norm of the state after `LONG` letters of names joined,
        as a power of ten.

    Examples
    --------
    >>> found = run([0, 1], arm="n-grams", learning_rate=0.01, epochs=1)
    >>> {name: array.shape for name, array in found.items()}
    {'tune': (2,), 'test': (2,), 'gradient': (2,), 'confusion': (2, 12, 12)}
    """
    found: dict[str, list] = {"tune": [], "test": [], "gradient": [], "confusion": []}
    found["growth"] = []
    for seed in seeds:
        learned = learn(seed=seed, **settings)
        broken = learned.history.diverged_at is not None
        found["tune"].append(learned.right(learned.tune))
        found["test"].append(learned.right(learned.test))
        found["gradient"].append(math.inf if broken else max(learned.history.gradient_norm))
        table = np.zeros((len(LANGUAGES), len(LANGUAGES)))
        np.add.at(table, (learned.test.labels, learned.read(learned.test)), 1)
        found["confusion"].append(table)
        if not isinstance(learned.model, Ngrams):
            with torch.no_grad():
                states = learned.model.states(joined(LONG[-1]))
            sizes = [states[place - 1].norm(dim=1).mean().item() for place in LONG]
            found["growth"].append(np.log10(np.clip(sizes, 1e-300, 1e300)))
    return {name: np.array(values) for name, values in found.items() if values}
