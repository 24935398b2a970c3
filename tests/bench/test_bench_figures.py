"""What becomes of measurements: medians, rates, marks, the table and bench.json."""

import json
import os

import pytest
from curve import between, rate, steps
from figures import LIMITS, Figures, Limit, doubts, median, table, written
from problem import Problem
from process_cost import cost_of
from volumes import Volumes


def test_a_median_is_the_one_in_the_middle_and_of_an_even_number_the_mean_of_two():
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5
    assert median([7]) == 7


@pytest.mark.parametrize(
    ("sense", "value", "mark"),
    [
        (">=", 0.699, "SHORT"), (">=", 0.70, "PASS"), (">=", 0.80, "PASS, aim reached"),
        ("<=", 0.801, "SHORT"), ("<=", 0.80, "PASS"), ("<=", 0.70, "PASS, aim reached"),
        ("<", 0.80, "SHORT"), ("<", 0.79, "PASS"), ("<", 0.70, "PASS"), ("<", 0.69, "PASS, aim reached"),
    ],
)  # fmt: skip
def test_a_figure_is_marked_by_what_it_must_reach_and_aims_at(sense, value, mark):
    must, aim = (0.70, 0.80) if sense == ">=" else (0.80, 0.70)
    assert Limit(sense, must, aim).mark(value) == mark


def test_every_limit_aims_higher_than_it_must():
    for name, limit in LIMITS.items():
        assert limit.mark(limit.aim).startswith("PASS"), name
        assert limit.aim != limit.must, name


def test_rounds_become_their_median_with_the_least_and_the_most():
    figures = Figures()
    figures.add_rounds("one_sku.ratio_to_limit", [0.9, 0.6, 0.69])
    assert figures.values == {"one_sku.ratio_to_limit": 0.69}
    assert figures.short() == ["one_sku.ratio_to_limit"]
    line = table(figures)[1]
    assert line.split() == ["one_sku.ratio_to_limit", "0.690", "0.600", "..", "0.900", ">=", "0.7", "0.8", "SHORT"]


def test_what_was_not_measured_is_missed_only_in_the_cases_that_ran():
    figures = Figures()
    figures.add("restart.seconds", 0.5)
    assert figures.missing({"restart", "rebuild", "failover"}) == ["rebuild.seconds", "failover.seconds"]


def test_bench_json_holds_commit_machine_figures_and_in_which_way_it_is_not_the_whole_bench():
    figures = Figures()
    figures.add_rounds("one_sku.ledger_per_s", [433_123.456789])
    assert json.loads(written(figures, "abc", "2 x CPU", {})) == {
        "commit": "abc", "machine": "2 x CPU", "figures": {"one_sku.ledger_per_s": 433123.0}}
    assert json.loads(written(figures, "abc", "2 x CPU", Volumes(0.1, 1).conditions()))["scale"] == 0.1
    assert Volumes(1.0, 3).conditions() == {}
    assert Volumes(1.0, 2).conditions()["rounds"] == 2
    assert Volumes(0.5, 3).conditions()["note"] == "not the whole bench"


def test_a_limit_that_is_far_from_what_it_was_is_doubted():
    figures = Figures()
    figures.add("one_sku.limit_per_s", 622_000)
    figures.add("many_skus.one_producer_per_s", 909_000)
    assert doubts(figures) == []
    figures.add("one_sku.limit_per_s", 620_000)
    figures.add("many_skus.one_producer_per_s", 910_000)
    assert [doubt.split()[0] for doubt in doubts(figures)] == ["one_sku.limit_per_s", "many_skus.one_producer_per_s"]


def test_a_rate_leaves_out_what_came_with_the_first_append():
    assert rate([(0, 500), (100, 1_500), (200, 2_500)]) == 10_000


def test_a_rate_after_a_warm_up_begins_where_the_warm_up_ends():
    assert rate([(0, 10), (1_000, 1_000), (1_100, 2_000), (1_200, 4_000)], skip=1_000) == 15_000


def test_a_drain_of_one_append_has_no_rate():
    for curve in ([], [(0, 1_000)], [(0, 500), (0, 1_000)]):
        with pytest.raises(Problem, match="too few intents"):
            rate(curve)


def test_thirds_of_a_drain_show_where_it_was_not_steady():
    steady = [(i * 10, i * 100) for i in range(31)]
    assert steps(steady) == pytest.approx([10_000] * 3)
    slowing = steady[:21] + [(200 + i * 20, 2_000 + i * 100) for i in range(1, 11)]
    assert steps(slowing) == pytest.approx([10_000, 10_000, 5_000])


def test_a_cost_between_two_counts_is_interpolated_and_never_guessed():
    samples = [(0, 0.0), (0, 0.5), (1_000, 1.5), (3_000, 2.5)]
    assert between(samples, 500, 1_500) == pytest.approx(0.75)
    with pytest.raises(Problem, match="nothing was measured around 4,000"):
        between(samples, 500, 4_000)


def test_what_a_process_costs_is_its_own_cpu_time_and_memory():
    before = cost_of(os.getpid())
    block = bytearray(os.urandom(1)) * (64 << 20)
    with_block = cost_of(os.getpid())
    del block
    after = cost_of(os.getpid())
    assert with_block.resident_kib >= before.resident_kib + 60 * 1024
    # The kernel sums memory up now and then: equal but for some pages.
    assert after.peak_kib + 1024 >= with_block.resident_kib >= after.resident_kib + 60 * 1024
    assert after.cpu_seconds > before.cpu_seconds
    assert after.cpu_seconds == pytest.approx(sum(os.times()[:2]), abs=0.1)
