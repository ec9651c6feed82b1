"""Names of territories in twelve languages: 1,585 real ones that each belong to one language."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np

from helpers.datasets.files import verified

# By their codes, in the order of the labels.
LANGUAGES = {
    "cs": "Czech",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "hu": "Hungarian",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "tr": "Turkish",
}
END, OTHER = 0, 1  # numbers for "the name is over" and for a character that no name has
# The characters of the names as `folded` writes them; the first has the number 2.
ALPHABET = " &(),-.abcdefghijklmnopqrstuvwxyzàáâãäåæçèéêëíîïñóôõöøùúüýąčďęěğıłńňőřśşšůżž–’"


@dataclass(frozen=True, eq=False, repr=False)
class Names:
    """Names of territories, and the language that each belongs to.

    Attributes
    ----------
    text : ndarray of str, shape (N,)
        The names as they are written.
    languages : ndarray of str, shape (N,)
        Code of the language: a key of `LANGUAGES`.
    territories : ndarray of str, shape (N,)
        ISO code of the territory, such as "DE".
    """

    text: np.ndarray
    languages: np.ndarray
    territories: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """Place of each language in `LANGUAGES`, int64, shape (N,)."""
        return np.searchsorted(list(LANGUAGES), self.languages).astype(np.int64)

    @property
    def letters(self) -> np.ndarray:
        """The names as rows of numbers, as `spell` gives them, shape (N, T)."""
        return spell(self.text.tolist())

    def only(self, *languages: str) -> Names:
        """Keep the names of the languages with these codes, in their order.

        Raises
        ------
        ValueError
            If none is given, or one that is not among the languages.

        Examples
        --------
        >>> names().only("de", "nl")
        Names: 249 names of 141 territories, languages de nl
        """
        if not languages or not set(languages) <= LANGUAGES.keys():
            named = ", ".join(map(repr, languages))
            raise ValueError(
                f"only({named}) cannot be had: name one or more of {', '.join(LANGUAGES)}, "
                'for example only("de", "nl")'
            )
        return self[np.isin(self.languages, languages)]

    def split(self, test: float = 0.25, seed: int | np.random.Generator = 0) -> tuple[Names, Names]:
        """Set territories aside for the test, with all their names.

        No territory is in both parts: "Islandia" teaches something about "Islande".

        Parameters
        ----------
        test : float
            Share of the territories to set aside, between 0 and 1.
        seed : int or numpy.random.Generator
            The same seed gives the same parts.

        Returns
        -------
        tuple of Names
            What to learn from, and the test part; each in the order in which the names were.

        Raises
        ------
        ValueError
            If `test` is no share, or would leave a part empty.

        Examples
        --------
        >>> train, test = names().split()
        >>> train, set(train.territories) & set(test.territories)
        (Names: 1188 names of 172 territories, languages cs de en es fi fr hu it nl pl pt tr, set())
        """
        if isinstance(test, bool) or not isinstance(test, Real) or not 0 < test < 1:
            raise ValueError(f"test must be a share between 0 and 1; got {test!r}")
        places = np.unique(self.territories)
        count = round(test * len(places))
        if not 0 < count < len(places):
            raise ValueError(
                f"test={test} of {len(places)} territories leaves a part empty: change the share"
            )
        aside = np.random.default_rng(seed).permutation(places)[:count]
        chosen = np.isin(self.territories, aside)
        return self[~chosen], self[chosen]

    def __getitem__(self, which: np.ndarray) -> Names:
        """Keep the names that an array of places or of True and False picks."""
        return Names(self.text[which], self.languages[which], self.territories[which])

    def __len__(self) -> int:
        """Count the names."""
        return len(self.text)

    def __repr__(self) -> str:
        """Tell how many names, of what."""
        places, languages = len(np.unique(self.territories)), " ".join(np.unique(self.languages))
        return f"Names: {len(self)} names of {places} territories, languages {languages}"


def names(*, shared: bool = False) -> Names:
    """Load the names of 256 territories in twelve languages of the Latin alphabet.

    "Angola" is spelled alike in all twelve: nobody can tell its language. So a name is left out
    where two of the languages share its spelling, as `folded` writes it, capitals aside.

    Parameters
    ----------
    shared : bool
        Keep the names that several languages share: all 3,072.

    Returns
    -------
    Names
        Territory by territory, in the order of their codes. Fresh arrays.

    Raises
    ------
    FileNotFoundError
        If ``names.tsv`` is missing.
    ValueError
        If the file is not, byte for byte, the one that belongs to the course.

    References
    ----------
    Unicode CLDR 47, https://cldr.unicode.org, as Babel 2.18.0 carries it; Unicode License v3, which
    lies beside the file. Taught in notebook 14.

    Examples
    --------
    >>> data = names()
    >>> len(data), len(names(shared=True)), "Angola" in data.text
    (1585, 3072, False)
    >>> data.text[data.territories == "DE"].tolist()
    ['Německo', 'Deutschland', 'Germany', 'Alemania', 'Saksa', 'Allemagne', 'Németország',
     'Germania', 'Duitsland', 'Niemcy', 'Alemanha', 'Almanya']
    """
    lines = verified("names.tsv").decode("utf-8").splitlines()
    table = np.array([line.split("\t") for line in lines])
    codes, text = table[0, 1:], table[1:, 1:]
    spelled = [[folded(name) for name in row] for row in text.tolist()]
    speakers = Counter(name for column in zip(*spelled, strict=True) for name in set(column))
    keep = np.array([[shared or speakers[name] == 1 for name in row] for row in spelled])
    row, column = np.nonzero(keep)
    return Names(text[row, column], codes[column], table[1:, 0][row])


def folded(name: str) -> str:
    """Write a name as a model reads it: small letters, one mark for an apostrophe.

    Examples
    --------
    >>> folded("Côte d'Ivoire"), folded("İsveç")
    ('côte d’ivoire', 'isveç')
    """
    composed = unicodedata.normalize("NFC", name).replace("İ", "I").replace("'", "’")
    return " ".join(composed.lower().split())


def spell(texts: Sequence[str]) -> np.ndarray:
    """Write names as numbers, one for each character, 0 after the end.

    Parameters
    ----------
    texts : sequence of str
        Any names. A character that no name of the data has becomes 1.

    Returns
    -------
    ndarray of int64, shape (N, T)
        T is the length of the longest name.

    Raises
    ------
    TypeError, ValueError
        If it is one string rather than several, or a name is empty.

    Examples
    --------
    >>> spell(["Oman", "Perú", "日本"])
    array([[23, 21,  9, 22],
           [24, 13, 26, 57],
           [ 1,  1,  0,  0]])
    """
    if isinstance(texts, str):
        raise TypeError(f"spell takes a list of names; got the single name {texts!r}: [{texts!r}]")
    rows = [folded(text) for text in texts]
    if not rows or not all(rows):
        raise ValueError(f"spell takes one name or more, none of them empty; got {list(texts)!r}")
    letters = np.full((len(rows), max(map(len, rows))), END, dtype=np.int64)
    for place, name in enumerate(rows):
        letters[place, : len(name)] = [
            ALPHABET.find(character) + 2 if character in ALPHABET else OTHER for character in name
        ]
    return letters
