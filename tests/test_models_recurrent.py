import itertools
from collections import Counter

import numpy as np
import pytest
import torch
from torch import nn

from helpers.datasets.names import ALPHABET, END, LANGUAGES, folded, names, spell
from helpers.models import recurrent
from helpers.models.recurrent import (
    ARMS,
    STARTS,
    FusedReader,
    GateReader,
    Ngrams,
    Reader,
    build,
    joined,
    learn,
    memory,
    run,
    start_,
)

WORDS = ["Oman", "Perú", "U", "Südgeorgien", "Niue", "Antarktika"]
LETTERS = torch.from_numpy(spell(WORDS))


def reader_of(activation="relu", slope=0.0, start="identity", seed=0, hidden=16):
    return start_(Reader(activation, slope, hidden).double(), start, seed=seed)


def bent(activation, slope, z):
    if activation == "tanh":
        return np.tanh(z)
    return np.where(z > 0, z, slope * z)


def by_hand(reader, word):
    """Read one word with NumPy alone, and give all states."""
    vectors = reader.letter.weight.detach().numpy()
    again, bias = (each.detach().numpy() for each in (reader.again.weight, reader.again.bias))
    state, states = np.zeros(len(bias)), []
    for character in folded(word):
        z = vectors[ALPHABET.index(character) + 2] + again @ state + bias
        state = bent(reader.activation, reader.slope, z)
        states.append(state)
    return np.array(states)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    ("activation", "slope"), [("relu", 0.0), ("leaky_relu", 0.1), ("tanh", 0.0)]
)
def test_the_loop_is_what_numpy_computes(activation, slope, start):
    reader = reader_of(activation, slope, start)
    reader.again.bias.data.normal_()
    scores = reader(LETTERS).detach().numpy()
    for word, found in zip(WORDS, scores, strict=True):
        state = by_hand(reader, word)[-1]
        told = reader.out.weight.detach().numpy() @ state + reader.out.bias.detach().numpy()
        np.testing.assert_allclose(found, told, rtol=1e-12, atol=1e-13)


def test_states_are_those_of_each_letter():
    reader = reader_of("leaky_relu", 0.2)
    states = reader.states(torch.from_numpy(spell(["Oman", "Niue"])))
    found = np.stack([state.detach().numpy() for state in states], axis=1)
    for word, rows in zip(["Oman", "Niue"], found, strict=True):
        np.testing.assert_allclose(rows, by_hand(reader, word), rtol=1e-12)


@pytest.mark.parametrize("model", [reader_of(), GateReader().double()])
def test_states_are_of_names_of_one_length(model):
    with pytest.raises(ValueError, match="names of one length"):
        model.states(LETTERS)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_torch_computes_the_same_and_the_same_gradients(activation):
    reader = reader_of(activation, start="usual")
    fused = FusedReader.of(reader)
    target = torch.randn(len(WORDS), 12, generator=torch.Generator().manual_seed(0)).double()
    for model in (reader, fused):
        ((model(LETTERS) - target) ** 2).sum().backward()
    torch.testing.assert_close(fused(LETTERS), reader(LETTERS), rtol=1e-12, atol=1e-12)
    pairs = [
        (fused.letter.weight, reader.letter.weight),
        (fused.rnn.weight_hh_l0, reader.again.weight),
        (fused.rnn.bias_hh_l0, reader.again.bias),
        (fused.out.weight, reader.out.weight),
    ]
    for theirs, ours in pairs:
        torch.testing.assert_close(theirs.grad, ours.grad, rtol=1e-10, atol=1e-12)


def test_nn_rnn_has_no_leaky_relu():
    with pytest.raises(ValueError, match="write the loop out"):
        FusedReader.of(reader_of("leaky_relu", 0.1))
    with pytest.raises(ValueError, match="leaky_relu"):
        nn.RNN(4, 4, nonlinearity="leaky_relu")


@pytest.mark.parametrize("arm", [arm for arm in ARMS if arm != "n-grams"])
def test_what_comes_after_the_end_changes_nothing(arm):
    model = build(arm, LETTERS)
    wide = nn.functional.pad(LETTERS, (0, 7), value=END)
    torch.testing.assert_close(model(wide), model(LETTERS), rtol=1e-12, atol=1e-12)
    alone = torch.cat([model(torch.from_numpy(spell([word]))) for word in WORDS])
    torch.testing.assert_close(alone, model(LETTERS), rtol=1e-11, atol=1e-12)


def test_an_activation_that_is_not_there():
    with pytest.raises(ValueError, match='must be "relu", "leaky_relu" or "tanh"; got \'gelu\''):
        Reader("gelu")


# --- pieces -----------------------------------------------------------------------------------


def pieces(word, longest):
    """List the pieces of a word, as one writes them with strings."""
    text = "^" + folded(word) + "$"
    return [
        text[place : place + size]
        for size in range(1, longest + 1)
        for place in range(len(text) - size + 1)
    ]


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_pieces_are_those_of_strings(longest):
    model = Ngrams(LETTERS, longest=longest)
    known = {piece for word in WORDS for piece in pieces(word, longest)}
    assert len(model.known) == len(known)
    # Scores of pieces: as many different sums as counts of pieces tell.
    nn.init.normal_(model.scores.weight)
    model.scores.weight.data[0] = 0.0
    codes = model._codes(LETTERS)
    for row, word in zip(codes, WORDS, strict=True):
        counts = Counter(row[row > 0].tolist())
        assert sorted(counts.values()) == sorted(Counter(pieces(word, longest)).values())


def test_pieces_that_are_not_known_are_passed_over():
    model = Ngrams(torch.from_numpy(spell(["Oman"])))
    nn.init.ones_(model.scores.weight)
    # Of "Roman" these are in "Oman": ^, o, m, a, n, $; om, ma, an, n$; oma, man, an$.
    assert model(torch.from_numpy(spell(["Roman"])))[0, 0] == 13
    assert (model(torch.from_numpy(spell(["xyz"])))[0] == 2).all()  # ^ and $


def test_scores_of_pieces_are_added_up():
    model = Ngrams(LETTERS).double()
    nn.init.normal_(model.scores.weight)
    one = model(torch.from_numpy(spell(["Oman"])))
    codes = model._codes(torch.from_numpy(spell(["Oman"])))[0]
    places = torch.searchsorted(model.known, codes[codes > 0]) + 1
    torch.testing.assert_close(one[0], model.scores.weight[places].sum(dim=0))


def test_wide_rows_have_the_same_pieces():
    model = Ngrams(LETTERS).double()
    nn.init.normal_(model.scores.weight)
    wide = nn.functional.pad(LETTERS, (0, 5), value=END)
    torch.testing.assert_close(model(wide), model(LETTERS))


@pytest.mark.parametrize("longest", [0, 4, 2.5])
def test_pieces_of_other_lengths_are_refused(longest):
    with pytest.raises(ValueError, match="longest must be 1, 2 or 3"):
        Ngrams(LETTERS, longest=longest)


# --- the start --------------------------------------------------------------------------------


def test_starts_are_paired():
    one, other = reader_of("relu", seed=3), reader_of("leaky_relu", 0.1, "usual", seed=3)
    for name in ("letter", "out"):
        theirs = getattr(other, name).weight
        assert torch.equal(getattr(one, name).weight, theirs)
    assert not torch.equal(one.out.weight, reader_of(seed=4).out.weight)
    assert not torch.equal(one.again.weight, other.again.weight)


def test_starts_have_their_spectra():
    readers = {kind: start_(Reader(hidden=256).double(), kind) for kind in STARTS}
    radius = {
        kind: np.abs(np.linalg.eigvals(reader.again.weight.detach().numpy())).max()
        for kind, reader in readers.items()
    }
    assert radius["identity"] == pytest.approx(1)
    assert radius["orthogonal"] == pytest.approx(1)
    assert radius["usual"] == pytest.approx(1 / np.sqrt(3), rel=0.1)
    assert radius["he"] == pytest.approx(np.sqrt(2), rel=0.1)
    assert readers["usual"].again.weight.abs().max() <= 1 / 16
    assert all((reader.letter.weight[END] == 0).all() for reader in readers.values())


def test_the_start_touches_no_state_of_torch():
    before = torch.get_rng_state()
    for arm in ARMS:
        build(arm, LETTERS, seed=1)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("arm", list(ARMS))
def test_the_seed_alone_decides_the_weights(arm):
    torch.manual_seed(1)
    one = build(arm, LETTERS, seed=5)
    torch.manual_seed(2)
    same = build(arm, LETTERS, seed=5)
    for ours, theirs in zip(one.parameters(), same.parameters(), strict=True):
        assert torch.equal(ours, theirs)
        assert ours.dtype == torch.float64


def test_a_fused_reader_is_drawn_too():
    model = start_(FusedReader("tanh", hidden=9), seed=1)
    assert model.rnn.weight_hh_l0.abs().max() <= 1 / 3
    assert model.out.weight.std().item() == pytest.approx(1 / 3, rel=0.3)


def test_wrong_names_are_refused():
    with pytest.raises(ValueError, match="kind must be one of identity, usual"):
        start_(Reader(), "zeros")
    with pytest.raises(ValueError, match="arm must be one of 'relu, identity'"):
        build("lstm", LETTERS)


# --- memory -----------------------------------------------------------------------------------


def test_memory_is_the_gradient_by_nudging():
    reader = reader_of("tanh", start="orthogonal", seed=2)
    letters = torch.from_numpy(spell(["Antarktika"]))
    found = memory(reader, letters, seed=1)[0]
    direction = np.random.default_rng(1).normal(size=16)
    direction /= np.linalg.norm(direction)
    states = by_hand(reader, "Antarktika")
    vectors = reader.letter.weight.detach().numpy()
    again = reader.again.weight.detach().numpy()

    def end(state, left):
        for letter in letters[0, len(states) - left :]:
            state = np.tanh(vectors[letter] + again @ state)
        return direction @ state

    for left in range(len(states)):
        start, h = states[len(states) - 1 - left], 1e-6
        nudged = [end(start + h * e, left) - end(start - h * e, left) for e in np.eye(16)]
        assert np.linalg.norm(nudged) / (2 * h) == pytest.approx(found[left], rel=1e-6)


def test_memory_of_a_linear_reader_is_powers_of_the_matrix():
    reader = reader_of("leaky_relu", 1.0)
    reader.again.weight.data *= 0.9
    found = memory(reader, joined(20, 3))
    np.testing.assert_allclose(found, np.tile(0.9 ** np.arange(20), (3, 1)), rtol=1e-10)


def test_memory_wants_one_length_and_changes_nothing():
    reader = reader_of()
    with pytest.raises(ValueError, match="names of one length"):
        memory(reader, LETTERS)
    memory(reader, joined(10))
    assert all(weight.grad is None for weight in reader.parameters())
    with torch.no_grad():
        assert (memory(reader, joined(5))[:, 0] == pytest.approx(1)) is True


def test_joined_names_have_no_end():
    letters = joined(60, 4, seed=3)
    assert letters.shape == (4, 60)
    assert (letters != END).all()
    assert torch.equal(letters, joined(60, 4, seed=3))
    assert not torch.equal(letters, joined(60, 4, seed=4))


# --- training ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def learned():
    return learn("relu, identity", seed=1, epochs=2)


def test_no_territory_is_in_two_parts(learned):
    parts = [set(part.territories) for part in (learned.train, learned.tune, learned.test)]
    assert all(not one & other for one, other in itertools.combinations(parts, 2))
    assert sum(map(len, (learned.train, learned.tune, learned.test))) == len(names())


def test_the_test_part_is_the_same_for_every_seed(learned):
    other = learn("n-grams", seed=2, epochs=1)
    assert other.test.text.tolist() == learned.test.text.tolist()
    assert other.tune.text.tolist() != learned.tune.text.tolist()


def test_arms_are_paired_in_their_data(learned):
    other = learn("n-grams", seed=1, epochs=1)
    assert other.train.text.tolist() == learned.train.text.tolist()


def test_training_is_the_same_again(learned):
    again = learn("relu, identity", seed=1, epochs=2)
    assert np.array_equal(again.read(again.test), learned.read(learned.test))


def test_right_counts(learned):
    share = 100 * (learned.read(learned.test) == learned.test.labels).mean()
    assert learned.right(learned.test) == pytest.approx(share)
    assert share > 15  # a guess has 10
    assert not learned.model.training


def test_a_training_that_broke_off_counts_as_nothing(learned, monkeypatch):
    monkeypatch.setattr(learned.history, "diverged_at", 3)
    assert learned.right(learned.test) == 0.0


def test_run_gives_what_a_comparison_needs():
    found = run([3, 4], arm="gru", epochs=1, learning_rate=0.01)
    assert found["test"].shape == found["tune"].shape == found["gradient"].shape == (2,)
    assert found["confusion"].shape == (2, 12, 12)
    assert found["growth"].shape == (2, len(recurrent.LONG))
    test = names().split(seed=0)[1]
    counts = np.bincount(test.labels, minlength=len(LANGUAGES))
    assert np.array_equal(found["confusion"].sum(axis=2), [counts, counts])
    right = 100 * np.trace(found["confusion"], axis1=1, axis2=2) / len(test)
    np.testing.assert_allclose(right, found["test"])
    assert "growth" not in run([3], arm="n-grams", epochs=1)


def test_run_tells_of_trainings_that_broke_off():
    found = run([0], arm="relu, usual", epochs=1, learning_rate=1e160, clip=None)
    assert found["gradient"][0] == np.inf
    assert found["test"][0] == found["tune"][0] == 0
