"""Was each verdict on stock and freezing right? Administrators' request keys are kept for ever: an act that is repeated counts once.

What counts a second time is `doubled`, what is ruled wrongly otherwise is `other`.
"""

from audit.messages import records
from audit.order_rulings import ACCEPTED, REFUSED, Wanted, expect, is_refused_for_its_form, wanted_of_repetition


def judge_adjust_stock(bench, adjust):
    if is_refused_for_its_form(bench, "other"):
        return
    content = ("adjust_stock", adjust.sku, adjust.delta, adjust.reason)
    if (repeated := wanted_of_repetition(bench, adjust.request_key, content)) is not None:
        expect(bench, "doubled", repeated)
        return
    sale = bench.state.current.get(adjust.sku)
    if sale is None:
        wanted = Wanted(REFUSED, records.UNKNOWN_SKU)
    elif sale.available + adjust.delta < 0:
        wanted = Wanted(REFUSED, records.NOT_ENOUGH_AVAILABLE)
        if bench.verdict.could_take != sale.available:
            bench.wrong("other", f"{sale.available} units could go, not {bench.verdict.could_take}")
    else:
        wanted = Wanted(ACCEPTED, event="stock_adjusted")
    bench.state.use_admin_key(bench.asked.ticket, adjust.request_key, content, wanted.reason)
    if expect(bench, "other", wanted) and wanted.event and bench.change.stock_adjusted.delta != adjust.delta:
        bench.wrong("other", f"{adjust.delta} units were asked, not {bench.change.stock_adjusted.delta}")


def judge_freeze(bench, freeze):
    if is_refused_for_its_form(bench, "other"):
        return
    content = ("freeze", freeze.sku, freeze.on)
    if freeze.request_key and (repeated := wanted_of_repetition(bench, freeze.request_key, content)) is not None:
        expect(bench, "doubled", repeated)
        return
    if freeze.sku not in bench.state.current:
        wanted = Wanted(REFUSED, records.UNKNOWN_SKU)
    elif (freeze.sku in bench.state.frozen) == freeze.on:
        wanted = Wanted(REFUSED, records.NO_CHANGE)
    else:
        wanted = Wanted(ACCEPTED, event="frozen")
    if freeze.request_key:
        bench.state.use_admin_key(bench.asked.ticket, freeze.request_key, content, wanted.reason)
    if expect(bench, "other", wanted) and wanted.event and bench.change.frozen.on != freeze.on:
        bench.wrong("other", f"on={freeze.on} was asked")
