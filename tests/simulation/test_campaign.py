"""A campaign asks of all its pieces together that nothing has become rare, and chunks of seeds do not overlap."""

import importlib.util
from pathlib import Path

# By its path: there are other campaigns.
_SPEC = importlib.util.spec_from_file_location("simulation_campaign", Path(__file__).resolve().parent / "campaign.py")
_CAMPAIGN = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_CAMPAIGN)
INTENTS_PER_WORLD, Tables, chunks = _CAMPAIGN.INTENTS_PER_WORLD, _CAMPAIGN.Tables, _CAMPAIGN.chunks

LIMITS = {"volume": 1000, "cell_min": 5, "happening_min": 3, "intents_per_cycle_max": 20}


def _piece(crashes=5, takeovers=3, sold_out=3, **figures):
    return {
        "intents": 1000,
        "duty_cycles": 100,
        "faults": ["crash", "error"],
        "cells": {"commit": [crashes, 9], "publish": [9, None]},
        "happenings": {"takeover": takeovers},
        "rulings": {"SOLD_OUT": sold_out},
        "limits": LIMITS,
        **figures,
    }


def test_whatever_has_become_rare_is_named():
    assert not Tables([_piece()]).too_tame()
    assert Tables([_piece(crashes=4)]).too_tame() == ["crash at commit: 4"]
    assert Tables([_piece(takeovers=2)]).too_tame() == ["takeover: 2"]
    assert Tables([_piece(sold_out=0)]).too_tame() == ["SOLD_OUT: 0"]
    assert Tables([_piece(duty_cycles=10)]).too_tame() == ["100.0 intents a duty cycle"]


def test_pieces_are_judged_together():
    assert not Tables([_piece(crashes=4), _piece(crashes=1)]).too_tame()


def test_a_volume_that_is_too_small_is_not_asked():
    assert not Tables([_piece(crashes=0, intents=999)]).too_tame()


def test_older_pieces_without_tables_are_left_out_and_said_to_be(capsys):
    tables = Tables([{"intents": 5_000_000, "duty_cycles": 1}, _piece(crashes=7)])
    assert not tables.too_tame()
    tables.print()
    printed = capsys.readouterr().out
    assert "without 1 older pieces" in printed
    assert any(line.split() == ["commit", "7", "9"] for line in printed.splitlines())
    assert any(line.split() == ["publish", "9", "-"] for line in printed.splitlines())


def test_a_campaign_of_older_pieces_alone_prints_an_empty_table():
    tables = Tables([{"intents": 5_000_000, "duty_cycles": 1}])
    tables.print()
    assert not tables.too_tame()


def test_chunks_have_seeds_enough_and_do_not_overlap():
    found = list(chunks(first_seed=7, intents=50_000_001, jobs=2))
    assert found[0][0] == 7
    assert sum(intents for _, intents in found) == 50_000_001
    for (first, intents), (following, _) in zip(found, found[1:]):
        assert first + intents / INTENTS_PER_WORLD <= following
