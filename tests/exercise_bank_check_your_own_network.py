"""Answers to the exercises of notebook 10, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import copy
import functools

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from helpers import remedies
from helpers.exercises.capstone import patient, read
from helpers.health import diagnose
from helpers.models.start import he_

# --- rate_left -------------------------------------------------------------------------------


def left_in_a_loop(batches):
    fired, n = False, 0
    for batch in batches:
        fired = fired | (batch > 0).any(axis=(0, 1))
        n += len(batch)
    return np.where(fired, 1.0, 3 / n)


def left_in_one_array(batches):
    a = np.concatenate(batches)
    return np.where((a > 0).any(axis=0).any(axis=0), 1, 3 / a.shape[0])


def left_by_the_highest(batches):
    top = np.max([batch.max(axis=(0, 1)) for batch in batches], axis=0)
    n = sum(batch.shape[0] for batch in batches)
    return [1.0 if each > 0 else 3 / n for each in top]


def left_by_counting(batches):
    counts = sum((batch > 0).sum(axis=(0, 1)) for batch in batches)
    n = sum(map(len, batches))
    result = np.ones(len(counts))
    result[counts == 0] = 3 / n
    return result


def left_with_torch(batches):
    a = torch.cat([torch.as_tensor(batch) for batch in batches]).numpy()
    return np.where(a.sum(axis=(0, 1)) > 0, 1.0, 3.0 / len(a))


def left_unit_by_unit(batches):
    units, n = batches[0].shape[-1], sum(len(batch) for batch in batches)
    return np.array(
        [1.0 if any((b[..., unit] > 0).any() for b in batches) else 3 / n for unit in range(units)]
    )


def counts_tokens(batches):
    a = np.concatenate([batch.reshape(-1, batch.shape[-1]) for batch in batches])
    return np.where((a > 0).any(axis=0), 1.0, 3 / len(a))


def counts_batches(batches):
    fired = sum((batch > 0).any(axis=(0, 1)) for batch in batches) > 0
    return np.where(fired, 1.0, 3 / len(batches))


def overwrites(batches):
    for batch in batches:
        fired = (batch > 0).any(axis=(0, 1))
        n = len(batch)
    return np.where(fired, 1.0, 3 / n)


def overwrites_the_units_only(batches):
    n = 0
    for batch in batches:
        fired = (batch > 0).any(axis=(0, 1))
        n += len(batch)
    return np.where(fired, 1.0, 3 / n)


def returns_early(batches):
    n = 0
    for batch in batches:
        n += len(batch)
        return np.where((batch > 0).any(axis=(0, 1)), 1.0, 3 / n)
    return None


def forgets_to_add(batches):
    fired = False
    for batch in batches:
        fired = fired | (batch > 0).any(axis=(0, 1))
        n = len(batch)
    return np.where(fired, 1.0, 3 / n)


def dead_in_any(batches):
    fired, n = True, 0
    for batch in batches:
        fired = fired & (batch > 0).any(axis=(0, 1))
        n += len(batch)
    return np.where(fired, 1.0, 3 / n)


def every_token(batches):
    a = np.concatenate(batches)
    return np.where((a > 0).all(axis=1).any(axis=0), 1.0, 3 / len(a))


def forgets_to_return(batches):
    a = np.concatenate(batches)
    np.where((a > 0).any(axis=(0, 1)), 1.0, 3 / len(a))


def stacks(batches):
    a = np.stack(batches)
    return np.where((a > 0).any(axis=(0, 1, 2)), 1.0, 3 / (a.shape[0] * a.shape[1]))


def left_by_sums(batches):
    n = sum(len(batch) for batch in batches)
    total = sum(batch.sum(axis=(0, 1)) for batch in batches)
    return np.where(total == 0, 3 / n, 1)


def uses_or(batches):
    fired, n = np.zeros(batches[0].shape[-1], bool), 0
    for batch in batches:
        fired = (batch > 0).any(axis=(0, 1)) or fired
        n += len(batch)
    return np.where(fired, 1, 3 / n)


def over(axis, batches):
    a = np.concatenate(batches)
    return np.where((a > 0).any(axis=axis), 1.0, 3 / len(a))


def silent(batches):
    return ~(np.concatenate(batches) > 0).any(axis=(0, 1))


LEFT_RIGHT = [
    left_by_sums,
    lambda batches: np.where(np.vstack(batches).any(axis=(0, 1)), 1, 3 / len(np.vstack(batches))),
    left_in_a_loop,
    left_in_one_array,
    left_by_the_highest,
    left_by_counting,
    left_with_torch,
    left_unit_by_unit,
]
LEFT_WRONG = {
    "tokens taken for examples": [counts_tokens],
    "batches taken for examples": [counts_batches],
    "the examples of one batch": [forgets_to_add],
    "the last batch alone": [overwrites, overwrites_the_units_only],
    "the first batch alone": [returns_early],
    "silent in one batch is enough": [dead_in_any],
    "silent at one token is enough": [every_token],
    "the same for every unit": [
        lambda batches: np.repeat(3 / sum(map(len, batches)), batches[0].shape[2]),
    ],
    "the rate that was seen": [
        lambda batches: np.where(
            (np.concatenate(batches) > 0).any(axis=(0, 1)),
            (np.concatenate(batches) > 0).any(axis=1).mean(axis=0),
            3 / sum(map(len, batches)),
        ),
    ],
    "silence taken for certainty": [
        lambda batches: (np.concatenate(batches).max(axis=(0, 1)) > 0) * 1.0,
    ],
    "the wrong way round": [
        lambda batches: np.where(
            (np.concatenate(batches) > 0).any(axis=(0, 1)), 3 / sum(map(len, batches)), 1.0
        ),
    ],
    "0 taken for firing": [
        lambda batches: np.where(
            (np.concatenate(batches) >= 0).any(axis=(0, 1)), 1.0, 3 / sum(map(len, batches))
        ),
    ],
    "1/N instead of 3/N": [
        lambda batches: np.where(silent(batches), 1 / sum(map(len, batches)), 1),
    ],
    "every number counted": [
        lambda batches: np.where(silent(batches), 3 / np.concatenate(batches).size, 1),
    ],
    "the token axis left in": [lambda batches: over(0, batches)],
    "examples judged instead of units": [lambda batches: over((1, 2), batches)],
    "0 for the units that fired": [lambda batches: silent(batches) * 3 / sum(map(len, batches))],
    "a mean over batches": [
        lambda batches: np.mean([over((0, 1), [batch]) for batch in batches], axis=0),
    ],
    "the exact bound": [
        lambda batches: np.where(silent(batches), 1 - 0.05 ** (1 / sum(map(len, batches))), 1),
    ],
    "a list taken for an array": [
        lambda batches: np.where((batches > 0).any(axis=(0, 1)), 1, 3 / len(batches)),
    ],
    "`or` between arrays": [uses_or],
    "nothing returned": [forgets_to_return],
    "other arguments": [lambda a, n: 3 / n],
    "not a function": [0.002],
    "": [
        lambda batches: 3 / sum(map(len, batches)),
        lambda batches: np.concatenate(batches).mean(axis=(0, 1)),
        stacks,
    ],
}


# --- read_the_report -------------------------------------------------------------------------

REPORT_RIGHT = [
    ([1, 2, 3, 4, 0, 2],),
    ((1, 2, 3, 4, 0, 2),),
    (np.array([1, 2, 3, 4, 0, 2]),),
    ([1.0, 2.0, 3.0, 4.0, 0.0, 2.0],),
    (torch.tensor([1, 2, 3, 4, 0, 2]),),
]
REPORT_WRONG = {
    "no such state": [([1, 2, 3, 5, 0, 2],), ([-1, 2, 3, 4, 0, 2],), ([0.5] * 6,)],
    "a logit taken for a neuron": [([1, 2, 3, 1, 0, 2],), ([1, 2, 3, 2, 0, 2],), ([1] * 6,)],
    "a leak taken for death": [([1, 1, 3, 4, 0, 2],), ([1, 1, 3, 4, 0, 1],)],
    "a curve taken for a level line": [([1, 2, 3, 4, 0, 1],)],
    "rare taken for never": [([1, 2, 1, 4, 0, 2],)],
    "rare taken for healthy": [([1, 2, 0, 4, 0, 2],)],
    "off half of the time taken for a fault": [([1, 2, 3, 4, 3, 2],), ([1, 2, 3, 4, 1, 2],)],
    "a dead unit overlooked": [([2, 2, 3, 4, 0, 2],), ([0, 2, 3, 4, 0, 2],)],
    "an activation overlooked": [([4] * 6,), ([1, 2, 3, 4, 0, 4],), ([1, 4, 3, 4, 0, 2],)],
    "never taken for healthy": [([1, 0, 3, 4, 0, 2],), ([1, 2, 3, 4, 0, 0],)],
    "never taken for rarely": [([1, 2, 3, 4, 0, 3],), ([1, 3, 3, 4, 0, 2],)],
    "rarely taken for never": [([1, 2, 2, 4, 0, 2],)],
    "not a number": [("123402",), (["1"] * 6,)],
    "wrong number of values": [([1, 2, 3, 4],), (1,)],
}


# --- name_the_cause --------------------------------------------------------------------------

CAUSE_RIGHT = [
    ([2, 1, 2, 0, 1, 0],),
    ((2, 1, 2, 0, 1, 0),),
    (np.array([2, 1, 2, 0, 1, 0]),),
    ([2.0, 1.0, 2.0, 0.0, 1.0, 0.0],),
    (torch.tensor([2, 1, 2, 0, 1, 0]),),
]
CAUSE_WRONG = {
    "no such cause": [([2, 1, 2, 3, 1, 0],), ([0.5] * 6,)],
    "the bias blamed for everything": [([1] * 6,)],
    "a positive bias blamed": [([2, 1, 1, 0, 1, 0],), ([2, 1, 1, 1, 1, 1],)],
    "the helping part blamed": [([2, 1, 2, 0, 2, 0],), ([2] * 6,)],
    "one part alone named where neither suffices": [
        ([2, 1, 2, 1, 1, 0],),
        ([2, 1, 2, 2, 1, 0],),
        ([2, 1, 2, 1, 1, 1],),
    ],
    "one part alone named where either would do": [
        ([2, 1, 2, 0, 1, 1],),
        ([2, 1, 2, 0, 1, 2],),
    ],
    "the two swapped": [([1, 2, 2, 0, 1, 0],), ([1, 1, 2, 0, 1, 0],)],
    "not a number": [(["weights", "bias"],)],
    "given up too soon": [
        ([0, 1, 2, 0, 1, 0],),
        ([2, 1, 0, 0, 1, 0],),
        ([0] * 6,),
        ([2, 0, 2, 0, 1, 0],),
    ],
    "wrong number of values": [([2, 1, 2],)],
}


# --- one_fix_two_networks --------------------------------------------------------------------

FIX_RIGHT = [
    ("reader", (0.03, 1.0)),
    ("Reader", (0.029, 1.0)),
    ('"reader"', (np.float64(0.03), np.float64(0.97))),
    ("reader.", (torch.tensor(0.03), torch.tensor(1.0))),
    (" READER ", (0.0, 1.0)),
]
FIX_WRONG = {
    "the causes swapped": [("model", (0.03, 1.0))],
    "a bias of 0 revives anybody": [("both", (0.03, 1.0)), ("Both", (0.03, 0.97))],
    "dead is dead": [("neither", (0.03, 1.0))],
    "counts instead of shares": [("reader", (2, 32)), ("reader", (0.03, 32))],
    "the same network twice": [("reader", (0.03, 0.03)), ("both", (0.03, 0.03))],
    "the two swapped": [("reader", (1.0, 0.03))],
    "another fix": [("both", (0.97, 1.0))],
    "the control": [("neither", (0.0, 0.03)), ("neither", (0.03, 0.0)), ("reader", (0.03, 0.4))],
    "not a number": [("reader", (0.03, "all"))],
    "wrong number of values": [("reader", (0.03, np.ones(32)))],
}


# --- the bank --------------------------------------------------------------------------------


def named_states(solutions):
    table = [
        ("ReLU", 0, 0),
        ("leaky ReLU", 0.01, 0),
        ("ReLU", 0, 6),
        ("nothing", None, 0),
        ("ReLU", 0, 480),
        ("GELU", "a curve", 0),
    ]
    return ([solutions.read_the_report(*row) for row in table],)


def named_causes(solutions):
    table = [
        (-3.5, -0.2, 0.7),
        (-2.4, -2.0, 0.5),
        (-2.0, 1.0, 0.8),
        (-5.0, -2.8, 0.6),
        (-3.0, -3.4, 0.5),
        (-1.8, -1.0, 0.6),
    ]
    return ([solutions.name_the_cause(*row) for row in table],)


def measured_shares(solutions):
    """Measure on two small networks, pushed down by weights, and by biases."""
    x = torch.rand(200, 8, generator=torch.manual_seed(0))
    data = x, x.sum(dim=1, keepdim=True)
    networks = [nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1)) for _ in range(2)]
    with torch.no_grad():
        networks[0][0].weight[:8] -= 2.0
        networks[1][0].bias[:8] = -10.0
    one = {
        "fixes": {"bias 0": remedies.ResetBias()},
        "optimizer": lambda parameters: torch.optim.Adam(parameters, lr=0.001),
        "steps": 5,
        "seeds": 1,
        "progress": False,
    }
    shares = [
        solutions.one_fix_two_networks(remedies, network, data, nn.functional.mse_loss, one)
        for network in networks
    ]
    return "reader", tuple(shares)


# --- bring_it_back ---------------------------------------------------------------------------


class WhenAsked(dict):
    """Answers that take seconds to make: each is a function without arguments until it is read."""

    def __getitem__(self, name):
        value = super().__getitem__(name)
        if callable(value):
            self[name] = value = value()
        return value


def doubles():
    """A patient in float64, whatever torch's default is."""
    return patient().double()


def train(model, x, rates, seed=0):
    """Train as notebook 10 does."""
    _, y_train, *_ = read(model)
    optimizer = torch.optim.Adam(model.parameters())
    order = torch.Generator().manual_seed(seed)
    for rate in rates:
        optimizer.param_groups[0]["lr"] = rate
        for batch in torch.randperm(len(x), generator=order).split(64):
            optimizer.zero_grad()
            F.cross_entropy(model(x[batch]), y_train[batch]).backward()
            optimizer.step()
    return model


def brought_back(solutions, model=None):
    model = doubles() if model is None else model
    return solutions.bring_it_back(model, read(model)[:2], diagnose, remedies, train)


@functools.cache
def healthy():
    from helpers.exercises.solutions import check_your_own_network as solutions

    return brought_back(solutions)


class Wrapped(nn.Module):
    """The layers under another roof, with a function for the last activation."""

    def __init__(self, layers):
        super().__init__()
        self.layers = copy.deepcopy(layers)

    def forward(self, x):
        for layer in self.layers[:8]:
            x = layer(x)
        return self.layers[9](F.relu(x))


def leaky_from_scratch():
    model = he_(doubles(), 0.1, seed=3)
    with torch.no_grad():
        model[5].bias.zero_()
    for place in (1, 3, 6, 8):
        model[place] = nn.LeakyReLU(0.1)
    return train(model, read(model)[0], [0.001] * 10).eval()


def until_nobody_is_dead(model):
    """Mend and train a little, in turns, with an optimiser that goes on."""
    x_train, *_ = read(model)
    for turn in range(12):
        while (report := diagnose(model.eval(), x_train)).dead:
            remedies.reinit_(model, report, seed=turn)
        train(model.train(), x_train, [0.0003] * 5, seed=turn)
    while (report := diagnose(model.eval(), x_train)).dead:
        remedies.reinit_(model, report)
    return train(model.train(), x_train, [0.00003]).eval()


def changed(place, what, to):
    """The healthy network, with some of one layer's parameters replaced."""
    model = copy.deepcopy(healthy())
    with torch.no_grad():
        getattr(model[place], what)[:3] = to
    return model


def mended_only():
    model = doubles()
    x_train, *_ = read(model)
    while (report := diagnose(model, x_train)).dead:
        remedies.reinit_(model, report)
    return model


def trained_only():
    model = doubles()
    return train(model, read(model)[0], [0.001] * 3).eval()


def biases_only():
    model = doubles()
    with torch.no_grad():
        model[0].bias.zero_()
    return model


def small():
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)).double()
    return train(he_(model), read(model)[0], [0.003] * 5)


def cut_out():
    layers = list(copy.deepcopy(healthy()))
    layers[7], layers[9] = nn.Linear(64, 16).double(), nn.Linear(16, 10).double()
    return nn.Sequential(*layers).eval()


def nine_scores():
    layers = list(copy.deepcopy(healthy()))
    return nn.Sequential(*layers[:9], nn.Linear(64, 9).double())


def back_right():
    return [
        (healthy(),),
        (Wrapped(healthy()),),
        (leaky_from_scratch(),),
        (until_nobody_is_dead(doubles()),),
        (copy.deepcopy(healthy()).float(),),
        (nn.Sequential(nn.Identity(), copy.deepcopy(healthy())).eval(),),
    ]


def back_wrong():
    return {
        "accuracy taken for health": [
            (changed(0, "bias", -50.0),),
            (changed(7, "bias", -50.0),),
            (changed(2, "weight", -1.0),),
        ],
        "neither trained nor mended": [(trained_only(),), (biases_only(),)],
        "revival taken for learning": [(mended_only(),)],
        "cut out": [(small(),), (cut_out(),)],
        "its scores are no numbers": [(changed(9, "bias", float("nan")),)],
        "": [
            (nine_scores(),),
            (nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU()),),
            (nn.ReLU(),),
            (lambda x: x,),
            ("healthy",),
        ],
    }


RIGHT = WhenAsked(
    {
        "rate_left": [(f,) for f in LEFT_RIGHT],
        "read_the_report": REPORT_RIGHT,
        "name_the_cause": CAUSE_RIGHT,
        "one_fix_two_networks": FIX_RIGHT,
        "bring_it_back": back_right,
    }
)
WRONG = WhenAsked(
    {
        "rate_left": {name: [(f,) for f in each] for name, each in LEFT_WRONG.items()},
        "read_the_report": REPORT_WRONG,
        "name_the_cause": CAUSE_WRONG,
        "one_fix_two_networks": FIX_WRONG,
        "bring_it_back": back_wrong,
    }
)
SOLVED = {
    "read_the_report": named_states,
    "name_the_cause": named_causes,
    "one_fix_two_networks": measured_shares,
    "bring_it_back": lambda solutions: (brought_back(solutions),),
}
