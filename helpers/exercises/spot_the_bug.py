"""Exercises of notebook 17: the line of eight mistakes, guessing, first tools, equal weights."""

import numpy as np

from .course import progress
from .engine import Misconception
from .functions import WriteFunction
from .lines import FindLine
from .predictions import PredictChoice
from .values import GiveValues

__all__ = [
    "alike",
    "first_tools",
    "guess_loss",
    "progress",
    "script_1",
    "script_2",
    "script_3",
    "script_4",
    "script_5",
    "script_6",
    "script_7",
    "script_8",
]


# --- the eight scripts -----------------------------------------------------------------------


def _at(name: str, lines: set[int], explanation: str) -> Misconception:
    return Misconception(name, explanation, when=lambda line: line in lines)


def _elsewhere(explanation: str) -> Misconception:
    return Misconception("another line", explanation, when=lambda line: True)


script_1 = FindLine(
    key="spot_the_bug.script_1",
    culprits={5: 'Dense(*he(32, 10, rng), "relu")'},
    length=13,
    misconceptions=[
        _at(
            "the hidden layer suspected",
            {4},
            "64 pixels in, 32 hidden units out, ReLU: that is as in notebook 03. Which layer gives "
            "the ten numbers that are compared?",
        ),
        _at(
            "the optimiser suspected",
            {8},
            "Adam at 0.003 and 20 epochs read about 96 % in the other notebooks. Nothing here is "
            "too fast or too slow.",
        ),
        _at(
            "the judge suspected",
            {12, 13},
            "Accuracy is measured as always, on pictures that were held out. It is low because "
            "the network is.",
        ),
        _elsewhere("This line is as it should be. Ask of each layer: which numbers may come out?"),
    ],
    hints=[
        "Look at the answers, not at the score. Which digits does it say, and which never?",
        "A score of a class must be able to fall below 0. Which line forbids it?",
        "Ten numbers leave the last layer. What does its activation do to negative ones?",
    ],
    right=(
        "The scores of the classes go through a ReLU. Where the score of a class is below 0 for "
        "all pictures, no gradient can bring it back: a dead unit, and with it a whole class."
    ),
)

script_2 = FindLine(
    key="spot_the_bug.script_2",
    culprits={2: "1 - z**2"},
    length=14,
    misconceptions=[
        _at(
            "the replacement suspected",
            {5},
            "`replace` copies the course's tanh and hands it another derivative. That is a fair "
            "way to write one's own. What was handed over?",
        ),
        _at(
            "the training suspected",
            {8, 9, 10, 11, 14},
            "The training is as in notebook 03: this network, this optimiser, held-out pictures.",
        ),
        _at(
            "the name suspected",
            {1},
            "A derivative takes z and gives a slope: so far so good. What does it give?",
        ),
        _elsewhere("This line is as it should be. Nudge z by a little: which line is then wrong?"),
    ],
    hints=[
        "At z = 2, tanh is nearly flat. What does `my_derivative` give there?",
        "The slope of tanh is 1 less a square. The square of what?",
        "The slope of tanh is 1 - a², with a = tanh(z). Compare with the script, letter by letter.",
    ],
    right=(
        "1 less the square of a, not of z. At z = 2 the slope is 0.07; this line says −3. Near 0 "
        "the two agree, and the output layer does not pass it: a shallow network hardly notices."
    ),
)

script_3 = FindLine(
    key="spot_the_bug.script_3",
    culprits={7: "((model(x) - y) ** 2).mean()"},
    length=14,
    misconceptions=[
        _at(
            "the model suspected",
            {3},
            "Eight inputs, one output, linear at the end: right for a number to predict. Which "
            "shape does its output have?",
        ),
        _at(
            "the optimiser suspected",
            {4, 5, 6, 8, 9},
            "Clear, backward, step, 200 times, with Adam at 0.01: in order. What is it that goes "
            "down?",
        ),
        _at(
            "the judge suspected",
            {13, 14},
            "Here `[:, 0]` makes one column into a plain row of numbers, so both have the same "
            "shape. Is that so everywhere?",
        ),
        _elsewhere("This line is as it should be. Write a shape under each name of the others."),
    ],
    hints=[
        "Print the shape of everything that is subtracted.",
        "`model(x)` is a column, (294, 1); `y` has the shape (294,). What is their difference?",
        "One line subtracts the two without making their shapes alike.",
    ],
    right=(
        "A column less a row is a table: every output is compared with *every* car. The best that "
        "such a loss allows is the mean of all cars, whatever the input."
    ),
)

script_4 = FindLine(
    key="spot_the_bug.script_4",
    culprits={6: "F.cross_entropy(model(pixels[batch])", 14: "nn.Softmax(dim=1)"},
    length=15,
    misconceptions=[
        _at(
            "the layers suspected",
            {13},
            "64 in, 32 hidden, 10 out, a ReLU between: fine. What comes after the ten scores?",
        ),
        _at(
            "the batches suspected",
            {3, 4},
            "`randperm` draws a new order each epoch, `split` cuts it into 64s, and inputs and "
            "labels take the same places. All in order.",
        ),
        _at(
            "the optimiser suspected",
            {2, 5, 7, 8},
            "Clear, backward, step: in order, and 0.003 suits Adam here.",
        ),
        _elsewhere("This line is as it should be. Where do the ten scores become shares?"),
    ],
    hints=[
        "What is the lowest loss that this model could ever reach? The tool below works it out.",
        "`F.cross_entropy` takes logits. Its manual says so in the first sentence.",
        "Count how often the ten scores go through a softmax, in the model and in the loss.",
    ],
    right=(
        "Two lines that are right alone and wrong together: the model ends in a softmax, and "
        "`cross_entropy` takes another. Shares lie between 0 and 1, so the second cannot be sure "
        "of anything."
    ),
)

script_5 = FindLine(
    key="spot_the_bug.script_5",
    culprits={5: "loss = F.cross_entropy", 6: "loss.backward()", 8: "return model"},
    length=13,
    misconceptions=[
        _at(
            "the rate suspected",
            {2},
            "0.01 is low for SGD without momentum, and still it learns fast. That is the riddle, "
            "not its answer.",
        ),
        _at(
            "the batches suspected",
            {3, 4},
            "A new order each epoch, in 64s, the same places for inputs and labels: in order. "
            "Something should happen once a batch, and does not.",
        ),
        _at(
            "cleared before the step",
            {7},
            "Between `backward` and `step` it would wipe out what `backward` has just found, and "
            "the step would go nowhere. Before or after these two?",
        ),
        _at(
            "the model suspected",
            {11, 12, 13},
            "64, 32, 10, and logits at the end: in order.",
        ),
        _elsewhere("Nothing is missing before this line. Say aloud what each step of a loop does."),
    ],
    hints=[
        "Nothing here is wrong. Something is missing. Compare with the loop of script 4.",
        "`backward()` *adds* to the gradients that are there already.",
        "It belongs behind a step and in front of the next `backward`: at the top of the inner "
        "loop, say.",
    ],
    right=(
        "`optimizer.zero_grad()` is missing, anywhere in the inner loop but between `backward` and "
        "`step`. Without it every step goes along the sum of all gradients so far."
    ),
)

script_6 = FindLine(
    key="spot_the_bug.script_6",
    culprits={8: "standardize(ten)"},
    length=11,
    misconceptions=[
        _at(
            "the training suspected",
            {1, 2, 3},
            "The training pictures are standardised by themselves, and a network is fitted to "
            "them. Remember these numbers: are they used again?",
        ),
        _at(
            "the batches suspected",
            {7},
            "It cuts the pictures into tens, none left out. Why should an answer depend on that?",
        ),
        _at(
            "the judge suspected",
            {11},
            "Answers are compared with the labels of the same pictures: in order.",
        ),
        _elsewhere(
            "This line is as it should be. Follow one picture from the file to the network."
        ),
    ],
    hints=[
        "Take one picture. Which numbers reach the network, and on what do they depend?",
        "`standardize(ten)` takes mean and spread from `ten`. From how many pictures is that?",
        "Two lines call `standardize`. The second should use what the first has measured.",
    ],
    right=(
        "Each ten are standardised by their own mean and spread, not by those of training. The "
        "same picture becomes another input, depending on who stands beside it."
    ),
)

script_7 = FindLine(
    key="spot_the_bug.script_7",
    culprits={8: "(a == 0).mean()"},
    length=9,
    misconceptions=[
        _at(
            "the training suspected",
            {1, 2, 3},
            "Two hidden layers, trained as always. The score is what it should be.",
        ),
        _at(
            "the probe suspected",
            {5},
            "All 1,348 training pictures: a good probe. Nothing is judged on one batch here.",
        ),
        _at(
            "the pass suspected",
            {6, 7},
            "The answers of one layer are the inputs of the next: a forward pass by hand, right.",
        ),
        _at(
            "the words suspected",
            {9},
            "The line prints what it was given. Does the number mean what the words say?",
        ),
        _elsewhere("This line is as it should be. Say the definition of a dead unit aloud."),
    ],
    hints=[
        "What is dead: an answer, or a unit?",
        "`a` has a row for each picture and a column for each unit. Over which is the mean taken?",
        "A unit is dead if its *whole column* is 0. What does `(a == 0).mean()` count?",
    ],
    right=(
        "It is the share of zeros: sparsity. A healthy ReLU is silent for many of its inputs. "
        "Dead is a unit whose column is 0 from top to bottom."
    ),
)

script_8 = FindLine(
    key="spot_the_bug.script_8",
    culprits={7: "race(relu)", 10: "max(scores", 11: "is better"},
    length=11,
    misconceptions=[
        _at(
            "the fixed seed suspected",
            {1},
            "A fixed seed makes a run repeatable: a good habit. But how many seeds were tried?",
        ),
        _at(
            "the training suspected",
            {2, 3},
            "Both are trained alike: sizes, optimiser, epochs, order of the pictures.",
        ),
        _at(
            "the judge suspected",
            {4},
            "Accuracy on held-out pictures is the thing to compare. Is one number of each enough?",
        ),
        _at(
            "too few digits suspected",
            {8, 9},
            "More digits would not make it surer. How far apart are two runs that differ in their "
            "seed alone?",
        ),
        _elsewhere("This line is as it should be. What would you want to see before believing it?"),
    ],
    hints=[
        "Every line computes what it should. Which one says more than was measured?",
        "One test picture is 0.2 points. By how many pictures do the two differ?",
        "What would the last lines say after `seed=1`?",
    ],
    right=(
        "One run of each, and a winner is announced. The difference is one picture, and starting "
        "weights alone move the score by more."
    ),
)


# --- guess_loss ------------------------------------------------------------------------------


def _shares(labels):
    return np.unique(np.asarray(labels), return_counts=True)[1] / np.asarray(labels).size


def _entropy(shares):
    return np.sum(shares * np.log(1 / shares))


def _labels_as_shares(labels):
    with np.errstate(all="ignore"):
        shares = labels / np.sum(labels)
        return -np.sum(shares * np.log(shares))


def _mean_as_share(labels):
    with np.errstate(all="ignore"):
        p = np.mean(labels)
        return -(p * np.log(p) + (1 - p) * np.log(1 - p))


_random = np.random.default_rng(17)

guess_loss = WriteFunction(
    key="spot_the_bug.guess_loss",
    reference=lambda labels: _entropy(_shares(labels)),
    cases={
        "two classes, equally frequent": (np.array([0, 1, 0, 1]),),
        "three of one, one of the other": (np.array([0, 0, 0, 1]),),
        "one class alone": (np.array([2, 2, 2]),),
        "ten classes, equally frequent": (np.arange(10).repeat(3),),
        "classes 0, 1 and 5, nobody else": (np.array([0, 1, 5, 5]),),
        "99 to 1": (np.repeat([0, 1], [99, 1]),),
        "200 labels of 4 classes": (_random.choice(4, 200, p=[0.5, 0.3, 0.15, 0.05]),),
        "500 labels of 7 classes": (
            _random.choice(7, 500, p=[0.4, 0.2, 0.1, 0.1, 0.1, 0.06, 0.04]),
        ),
    },
    misconceptions=[
        Misconception(
            "equal shares taken for granted",
            "You give log(K), the loss of K equal shares. Whoever knows that a class is frequent "
            "can do better without looking at an input.",
            wrong=(
                lambda labels: np.log(len(np.unique(labels))),
                lambda labels: np.log(np.max(labels) + 1),
                lambda labels: np.log(10),
            ),
        ),
        Misconception(
            "logarithm to base 2",
            "You count in bits. The losses of the course and of torch take the natural logarithm: "
            "`np.log`.",
            wrong=(lambda labels: _entropy(_shares(labels)) / np.log(2),),
        ),
        Misconception(
            "logarithm to base 10",
            "`log10` is for powers of ten. The losses take the natural logarithm: `np.log`.",
            wrong=(lambda labels: _entropy(_shares(labels)) / np.log(10),),
        ),
        Misconception(
            "the minus forgotten",
            "The logarithm of a share is negative, and a loss is positive: minus the mean.",
            wrong=(lambda labels: -_entropy(_shares(labels)),),
        ),
        Misconception(
            "classes counted alike",
            "You average minus log(share) over the classes. The loss is a mean over *examples*: a "
            "class with three quarters of them counts three quarters.",
            wrong=(
                lambda labels: -np.mean(np.log(_shares(labels))),
                lambda labels: -np.sum(np.log(_shares(labels))),
            ),
        ),
        Misconception(
            "the sum instead of the mean",
            "Your number grows with the number of examples. A loss is their mean.",
            wrong=(lambda labels: _entropy(_shares(labels)) * len(labels),),
        ),
        Misconception(
            "e to the power of the loss",
            "You raised e to the loss, which is called perplexity: among how many equal classes "
            "one would guess. Asked is the loss.",
            wrong=(lambda labels: np.exp(_entropy(_shares(labels))),),
        ),
        Misconception(
            "labels taken for shares",
            "You reckon with the labels as if they were numbers. They are names of classes: count "
            "how often each occurs.",
            wrong=(_labels_as_shares, _mean_as_share),
        ),
        Misconception(
            "the shares squared",
            "This is the chance to be wrong, or right, if one *draws* an answer by the shares. The "
            "cross-entropy takes the logarithm of a share.",
            wrong=(
                lambda labels: 1 - np.sum(_shares(labels) ** 2),
                lambda labels: np.sum(_shares(labels) ** 2),
            ),
        ),
        Misconception(
            "the most frequent class alone",
            "You take minus log of the largest share. The other examples have labels, too, and "
            "their surprise is larger.",
            wrong=(lambda labels: -np.log(_shares(labels).max()),),
        ),
        Misconception(
            "an accuracy instead of a loss",
            "This is how often you are right, or wrong, by always saying the most frequent class. "
            "Asked is the cross-entropy of saying the shares.",
            wrong=(
                lambda labels: _shares(labels).max(),
                lambda labels: 1 - _shares(labels).max(),
            ),
        ),
    ],
    hints=[
        "Four labels, 0 0 0 1. You say: three quarters, one quarter, for every input. What is the "
        "surprise, minus log of the share of the right class, for each of the four?",
        "`np.unique(labels, return_counts=True)[1]` counts the classes that occur. Divided by "
        "their sum, these are the shares p.",
        "Each class brings a surprise of minus log(p), and does so for a share p of all examples: "
        "weigh one with the other, and add up.",
    ],
    right=(
        "The loss to beat. A classifier above it would do better to ignore its inputs. For equal "
        "classes it is log(K): 2.30 for ten."
    ),
)


# --- first_tools -----------------------------------------------------------------------------

# The first tool for each of the symptoms A to F.
_TOOLS = np.array([3.0, 1.0, 5.0, 2.0, 6.0, 4.0])

first_tools = GiveValues(
    key="spot_the_bug.first_tools",
    shapes={"tools": (6,)},
    rows=np.arange(1.0, 7.0).reshape(6, 1),
    expected=np.ones(6),  # whether the tool is the one: the tool itself is not told
    measure=lambda tools: tools,
    decide=lambda tools: (tools == _TOOLS).astype(float),
    symbol="tool",
    misconceptions=[
        Misconception(
            "no such tool",
            "A tool is one of the numbers 1 to 6, one for each of the six symptoms.",
            when=lambda tools: not np.isin(tools, [1, 2, 3, 4, 5, 6]).all(),
        ),
        Misconception(
            "one tool for everything",
            "You name the same tool for every symptom. Each of the six asks another question.",
            when=lambda tools: len(np.unique(tools)) == 1,
        ),
        Misconception(
            "a missing class averaged away",
            "A: a class that is never said does not show in any average. Which tool looks at the "
            "classes one by one?",
            when=lambda tools: tools[0] != 3,
        ),
        Misconception(
            "the own derivative trusted",
            "B: the backward pass was written by hand. Which tool knows nothing of derivatives, "
            "and can therefore judge one?",
            when=lambda tools: tools[1] != 1,
        ),
        Misconception(
            "the loss without its scale",
            "C: is a loss of 1.5 high or low? Work out what guessing would give, and what the "
            "best possible answer would.",
            when=lambda tools: tools[2] != 5,
        ),
        Misconception(
            "shapes taken for granted",
            "D: every house gets nearly the same answer, and nothing complained. What does NumPy "
            "do, without a word, with (N, 1) and (N,)?",
            when=lambda tools: tools[3] != 2,
        ),
        Misconception(
            "one run believed",
            "E: two scores that differ by one picture. What has to be repeated before the order of "
            "the two means something?",
            when=lambda tools: tools[4] != 6,
        ),
        Misconception(
            "a picture with company",
            "F: the same picture gets two answers. Which tool asks it twice, on purpose?",
            when=lambda tools: tools[5] != 4,
        ),
    ],
    hints=[
        "For each symptom: which number would you want to see next? Each tool is used once.",
        "B is the backward pass, D is shapes, F depends on the neighbours.",
        "A: a table by class. C: the loss of guessing, and the lowest possible. E: more seeds.",
    ],
    right="Each tool is a question that takes a minute. Ask all six before you tune anything.",
)


# --- alike -----------------------------------------------------------------------------------

alike = PredictChoice(
    key="spot_the_bug.alike",
    measured=("different",),
    ask='"one", "some" or "all"',
    answer="one",
    others={
        "all": Misconception(
            "training separates",
            "They stayed alike. Two units with the same weights give the same answer, so they get "
            "the same gradient, so they take the same step. Then change your prediction.",
        ),
        "some": Misconception(
            "chance separates",
            "There is no chance between two units of one layer: they see the same pictures in the "
            "same order. Whatever happens to one happens to all. Then change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "no count",
            "How many units are different is a whole number of at least 1.",
            when=lambda different: different < 1 or different != round(different),
        ),
        Misconception(
            "pixels counted",
            "There are 32 hidden units; your number is above that. A unit is a *column* of `w`: "
            "`np.unique(w, axis=1)`, and then its `shape[1]`.",
            when=lambda different: different > 32,
        ),
        Misconception(
            "drawn by He",
            "All 32 differ: these weights were drawn. Set `layer.w[:] = 0.1` for both layers, "
            "*before* `fit`.",
            when=lambda different: different == 32,
        ),
        Misconception(
            "one layer left as it was",
            "They fell apart, because the layer above treats them differently. Did you set the "
            "weights of *both* layers to 0.1? And round before you count: 0.1 + 0.2 is not 0.3.",
            when=lambda different: different > 1,
        ),
    ],
    hints=[
        "Two units with equal weights: which answers do they give? Which gradients do they get?",
        "Set the weights of *both* layers before you call `fit`, as in the first script.",
        "`columns` holds each different column once: how many are there? Its second axis tells.",
    ],
    right=(
        "32 units, one opinion. That is why weights start at random: not to be good, but to "
        "differ. And it ran without a word, with a loss that fell."
    ),
)
