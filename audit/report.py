"""The summary and the verdict line."""

from collections import Counter

from audit.messages import outcome_name, reason_name, records, status_name
from audit.money import summarise_money
from audit.told import count_acknowledged, count_untold

MUST_BE_ZERO = ("oversold", "lost", "doubled", "redis_drift", "mysql_drift", "money")


def percentile(values, share):
    """The nearest rank, or None of nothing."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else None


def summarise(fold, requests, paid, findings):
    sales = fold.state.sales.values()
    orders = [entry.order for entry in fold.state.orders.values()]
    closed = (records.CANCELLED, records.RELEASED, records.REFUNDED)
    latencies = [ruling.record_append_ms - fold.intents[spot][0] for spot, ruling in fold.rulings.items()
                 if _is_purchase(_intent(fold, spot))]
    return {
        "offered": sum(sale.offered for sale in sales),
        "sold": sum(sale.sold for sale in sales),
        "held": sum(sale.held for sale in sales),
        "released": sum(order.quantity for order in orders if order.status in closed),
        **findings.counts(),
        "orders": len(orders),
        "orders_by_status": dict(Counter(status_name(order.status) for order in orders)),
        "intents": len(fold.intents),
        "verdicts": dict(Counter(verdict_name(ruling.verdict) for spot, ruling in fold.rulings.items()
                                 if _is_purchase(_intent(fold, spot)))),
        "voided": sum(ruling.verdict.outcome == records.VOIDED for ruling in fold.rulings.values()),
        "asked": len(requests),
        "acknowledged": count_acknowledged(requests),
        "untold": count_untold(requests),
        "gave_up": sum(request.gave_up for request in requests.values()),
        "payments": summarise_money(fold, paid),
        "verdict_latency_ms": _ranks(latencies),
        "release_delay_ms": _ranks(_release_delays(fold)),
        "slot_delay_ms": _ranks(opening.record_append_ms - opening.due_ms for opening in fold.openings),
        "slots_opened_by": dict(Counter(opening.by for opening in fold.openings)),
    }


def _intent(fold, spot):
    """None: of a voided one nobody knows what it was."""
    return fold.intents[spot][1] if spot in fold.intents else None


def _release_delays(fold):
    """From the end of a hold until its units could be bought again, of what was released: by the append times of the records."""
    return [step.record_append_ms - entry.hold_ends_ms
            for entry in fold.state.orders.values() for step in entry.history if step.event == "released"]


def _ranks(values):
    values = list(values)
    return {"p50": percentile(values, 0.50), "p99": percentile(values, 0.99), "max": max(values, default=None)}


def verdict_name(verdict):
    """held, sold_out, …, duplicate: what the demo's table counts."""
    if verdict.outcome == records.ACCEPTED:
        return "held"
    return reason_name(verdict.reason) if verdict.outcome == records.REFUSED else outcome_name(verdict)


def _is_purchase(intent):
    return intent is not None and intent.WhichOneof("kind") == "purchase"


def verdict_line(summary):
    names = ("offered", "sold", "held", "released", *MUST_BE_ZERO)
    return "verdict: " + " ".join(f"{name}={summary[name]}" for name in names)


def passes(summary):
    return not any(summary[name] for name in (*MUST_BE_ZERO, "other"))
