"""python -m helpers.claims: what it runs, what it stores, what it writes."""

from __future__ import annotations

import pytest
from claims_example import ledger

from helpers.claims import __main__ as command
from helpers.claims import page as pages
from helpers.claims.results import missing


@pytest.fixture
def clone(monkeypatch, tmp_path):
    """A clone with a small ledger, and nothing stored; the command works there."""
    claims = ledger()
    results = tmp_path / "results.json"
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00_coins.ipynb").touch()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "CLAIMS", claims)
    monkeypatch.setattr(command, "PAGE", tmp_path / "CLAIMS.md")
    monkeypatch.setattr(command, "page", lambda told: pages.page(told, tmp_path))
    for name in ("missing", "store", "stored"):
        real = getattr(command, name)
        monkeypatch.setattr(command, name, lambda given, real=real: real(given, results))
    return tmp_path


def test_what_is_missing_is_run_and_the_page_written(clone, capsys) -> None:
    command.main(["--backend", "sequential"])
    told = capsys.readouterr().out
    assert "== A1 (1 of 2): One coin is worth more." in told
    assert missing(ledger(), clone / "results.json") == []
    text = (clone / "CLAIMS.md").read_text(encoding="utf-8")
    assert "4 claims" in text
    assert "Holds 2, undecided 1, opinion 1." in text
    assert "| toss | worth, one less two: holds from 0.5 on" in text
    assert "The same as [A1](#a1), and tested with it." in text
    assert "Nobody can measure that." in text
    assert "`coins` in [claims_example.py]" in text
    assert "[00](notebooks/00_coins.ipynb) `coins`" in text

    command.main(["--backend", "sequential"])
    assert "==" not in capsys.readouterr().out, "nothing was missing"


def test_a_claim_is_run_again_when_asked_for(clone, capsys) -> None:
    command.main(["A2", "--backend", "sequential"])
    assert "CLAIMS.md is not written: still to run are A1" in capsys.readouterr().out
    assert missing(ledger(), clone / "results.json") == ["A1"]
    assert not list(clone.rglob("*.npz")), "what is stored need not be kept"
    command.main(["B1", "A2", "--backend", "sequential"])
    told = capsys.readouterr().out
    assert "== A1" in told, "B1 is tested with A1"
    assert "== A2" in told


def test_what_was_cut_off_goes_on_from_its_chunks(clone, monkeypatch) -> None:
    whole = command.store

    def cut_off(result):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "store", cut_off)
    with pytest.raises(KeyboardInterrupt):
        command.main(["A1", "--backend", "sequential"])
    assert len(list(clone.rglob("*.npz"))) == 2
    monkeypatch.setattr(command, "store", whole)

    def computed_again(seeds, **settings):
        raise AssertionError(f"{seeds} were finished before")

    monkeypatch.setattr("claims_example.np.random.default_rng", computed_again)
    command.main(["A1", "--backend", "sequential"])
    assert missing(ledger(), clone / "results.json") == ["A2"]


def test_timings_come_last(monkeypatch) -> None:
    claims = ledger()
    object.__setattr__(claims["A1"], "alone", True)
    monkeypatch.setattr(command, "CLAIMS", claims)
    assert [claim.id for claim in command._asked([], everything=True)] == ["A2", "A1"]


def test_quick_runs_are_told_beside_full_ones(clone, capsys) -> None:
    command.main(["--backend", "sequential"])
    capsys.readouterr()
    command.main(["--quick"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["A1", "holds", "full:", "holds"]
    assert len(lines) == 2


def test_a_claim_that_is_not_there(clone, capsys) -> None:
    with pytest.raises(SystemExit):
        command.main(["Z9"])
    assert "there is no claim Z9, but A1, A2, B1, B2" in capsys.readouterr().err


def test_outside_of_a_clone_no_page_is_written(clone, capsys) -> None:
    (clone / "pyproject.toml").unlink()
    command.main(["--backend", "sequential"])
    assert "this is no clone" in capsys.readouterr().out
    assert not (clone / "CLAIMS.md").exists()
