"""Paying, cancelling and the end of the time to pay meet, two thousand times."""

from collections import Counter

from field import races_on_real_servers

RACES, SECONDS, SEED = 2000, 10, 20261122
# Of the races, so many at least must end each way: else they were no races.
_EACH_WAY = 60


def test_every_race_of_paying_cancelling_and_releasing_ends_in_one_story(tmp_path):
    with races_on_real_servers(tmp_path, SEED) as field:
        # The scarce one is short of a tenth: late payments find what others gave back, or nothing.
        field.define_sales({"mask-refund": RACES, "mask-rebuy": RACES * 9 // 20})
        field.run(RACES, SECONDS)
        field.wait_until_nothing_is_held()
        assert not field.troubles()

        checked = field.check()
        assert checked.exit_code == 0 and not checked.wrong(), checked.output

        runners = field.runners()
        told = field.statuses_as_told()
        stored = {row["id"]: row["status"] for row in field.rows("SELECT id, status FROM orders")}
        assert Counter(told.values()) == Counter(stored.values())
        for race in runners:
            # Exactly one cancel or none was asked for: it was done, came too late for what was paid, or for what was released.
            assert all(status in (200, 409) for status in race.answers), race
            if race.payments == 0 and 200 in race.answers:
                assert told[race.order] == "cancelled", race
            if race.payments == 0:
                assert told[race.order] in ("cancelled", "released"), race

        payments = field.rows("SELECT `end`, refund_reason, COUNT(*) AS count FROM payments GROUP BY 1, 2")
        assert sum(row["count"] for row in payments) == sum(race.payments for race in runners), "each payment ends once"
        assert sum(row["count"] for row in payments if row["end"] == "paid") == Counter(told.values())["paid"]

        events = Counter(row["event"] for row in field.rows("SELECT event FROM order_history"))
        print(f"\n{len(runners)} races: {dict(events)}; {[tuple(row.values()) for row in payments]}; cancels "
              f"{dict(Counter(status for race in runners for status in race.answers))}")
        assert len(runners) >= RACES * 9 // 10
        for way in ("paid", "cancelled", "released", "bought_again"):
            assert events[way] >= _EACH_WAY, (way, events)
        assert {"paid_too_late", "paid_by_another"} <= {row["refund_reason"] for row in payments}, payments
