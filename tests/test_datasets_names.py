import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.datasets import LANGUAGES, Names, files, names, spell
from helpers.datasets.names import ALPHABET, END, OTHER, folded

quick = settings(derandomize=True, database=None, deadline=None, max_examples=60)


def test_the_file_holds_every_name_of_256_territories():
    every = names(shared=True)
    assert len(every) == 3072
    assert len(np.unique(every.territories)) == 256
    assert Counter(every.languages.tolist()) == dict.fromkeys(LANGUAGES, 256)
    assert all(unicodedata.is_normalized("NFC", name) for name in every.text)
    assert all(name == " ".join(name.split()) and name for name in every.text)


def test_some_names_that_everybody_can_check():
    every = names(shared=True)
    known = {("DE", "fi"): "Saksa", ("AT", "de"): "Österreich", ("US", "fr"): "États-Unis"}
    known |= {("HU", "hu"): "Magyarország", ("NL", "nl"): "Nederland", ("TR", "tr"): "Türkiye"}
    found = zip(every.territories, every.languages, every.text, strict=True)
    table = {(code, language): name for code, language, name in found}
    assert {key: table[key] for key in known} == known


def test_names_that_are_no_territories_are_left_out():
    assert not {"EU", "UN", "EZ", "QO", "XA", "XB", "ZZ"} & set(names(shared=True).territories)


def test_a_name_is_kept_only_where_one_language_has_it():
    data, every = names(), names(shared=True)
    spoken = {}
    for name, language in zip(every.text, every.languages, strict=True):
        spoken.setdefault(name.replace("İ", "I").lower(), set()).add(language)
    kept = {name.replace("İ", "I").lower() for name in data.text}
    assert kept == {name for name, languages in spoken.items() if len(languages) == 1}
    assert "angola" not in kept
    assert len(data) == len(kept) == 1585


def test_labels_are_places_of_languages():
    data = names()
    assert [list(LANGUAGES)[label] for label in data.labels] == data.languages.tolist()
    assert data.labels.dtype == np.int64
    # The most frequent language: what a guess can reach.
    assert np.bincount(data.labels).max() == 163


@pytest.mark.parametrize("test", [0.1, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("seed", [0, 7])
def test_no_territory_is_in_both_parts(test, seed):
    data = names()
    one, other = data.split(test=test, seed=seed)
    assert not set(one.territories) & set(other.territories)
    assert len(one) + len(other) == len(data)
    places = len(np.unique(data.territories))
    assert len(np.unique(other.territories)) == round(test * places)


def test_no_name_is_in_both_parts():
    one, other = names().split()
    assert not {folded(name) for name in one.text} & {folded(name) for name in other.text}


def test_the_seed_alone_decides_the_split():
    data = names()
    first, again, different = (data.split(seed=seed)[1].text.tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != different
    assert first == data.split(seed=np.random.default_rng(1))[1].text.tolist()


def test_every_language_is_in_both_parts():
    for part in names().split():
        assert np.bincount(part.labels, minlength=12).min() >= 20


@pytest.mark.parametrize("test", [0, 1, 1.5, -0.1, "half", True])
def test_a_share_that_is_none_is_refused(test):
    with pytest.raises(ValueError, match="test must be a share between 0 and 1"):
        names().split(test=test)


def test_a_part_must_not_be_empty():
    data = names()
    few = data[data.territories == "DE"]
    with pytest.raises(ValueError, match=r"of 1 territories leaves a part empty"):
        few.split(test=0.5)


def test_only_keeps_the_order():
    data = names()
    chosen = data.only("fi", "cs")
    keep = [language in ("fi", "cs") for language in data.languages]
    assert chosen.text.tolist() == data.text[keep].tolist()
    assert repr(chosen).endswith("languages cs fi")


@pytest.mark.parametrize("languages", [(), ("xx",), ("de", "German"), (1,)])
def test_only_says_what_it_accepts(languages):
    with pytest.raises(ValueError, match=r"name one or more of cs, de, en"):
        names().only(*languages)


def test_a_reader_may_change_the_arrays():
    names().text[:] = "x"
    assert (names().text != "x").all()


@pytest.mark.parametrize("damage", ["flip", "cut"])
def test_a_damaged_file_is_named(damage, tmp_path, monkeypatch):
    content = bytearray((files.folder() / "names.tsv").read_bytes())
    content[100] ^= 1
    (tmp_path / "names.tsv").write_bytes(bytes(content) if damage == "flip" else b"")
    monkeypatch.setattr(files, "folder", lambda: tmp_path)
    with pytest.raises(ValueError, match=r"names\.tsv is damaged"):
        names()


def test_the_permission_lies_beside_the_names():
    text = files.verified("LICENSE.unicode").decode()
    assert "COPYRIGHT AND PERMISSION NOTICE" in text
    assert "Unicode, Inc." in text


# --- spelling ---------------------------------------------------------------------------------


def test_the_alphabet_is_that_of_the_file():
    every = {letter for name in names(shared=True).text for letter in folded(name)}
    assert "".join(sorted(every)) == ALPHABET


def test_letters_can_be_read_back():
    data = names()
    for row, name in zip(data.letters, data.text, strict=True):
        assert "".join(ALPHABET[letter - 2] for letter in row if letter != END) == folded(name)


@quick
@given(st.lists(st.text(min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=5))
def test_any_text_can_be_spelled(texts):
    rows = spell(texts)
    assert rows.dtype == np.int64
    assert rows.min() >= 0
    assert rows.max() < len(ALPHABET) + 2
    lengths = [len(folded(text)) for text in texts]
    assert rows.shape == (len(texts), max(lengths))
    for row, length in zip(rows, lengths, strict=True):
        assert (row[:length] != END).all()
        assert (row[length:] == END).all()


def test_what_differs_in_capitals_or_composition_is_spelled_alike():
    for one, other in (("PERU", "peru"), ("Peru\u0301", "Perú"), ("a'b", "a’b"), (" a  b ", "a b")):
        assert np.array_equal(spell([one]), spell([other]))
    assert not np.array_equal(spell(["Peru"]), spell(["Perú"]))


def test_a_character_that_no_name_has_is_one_and_the_same():
    assert spell(["日x語"]).tolist() == [[OTHER, ALPHABET.index("x") + 2, OTHER]]


def test_spell_says_what_it_accepts():
    with pytest.raises(TypeError, match=r"takes a list of names; got the single name 'Oman'"):
        spell("Oman")
    for nothing in ([], [""], ["Oman", "  "]):
        with pytest.raises(ValueError, match="none of them empty"):
            spell(nothing)


def test_names_compare_by_identity_and_can_be_picked():
    data = names()
    first = data[np.array([0])]
    assert isinstance(first, Names)
    assert len(first) == 1
    assert first.letters.shape == (1, len(first.text[0]))
