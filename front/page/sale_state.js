// What a sale is at a moment: a rule without I/O or clock. `sale` is the shop's JSON, `now` the shop's time in milliseconds.

// {state: "before" | "open" | "sold_out" | "frozen" | "ended", slot: index of the one that runs, next: index of the one that comes}
export function stateOf(sale, now) {
  const slots = sale.slots.map((slot) => ({ opens: Date.parse(slot.opens), closes: Date.parse(slot.closes), opened: slot.opened }));
  const slot = slots.findIndex((each) => each.opens <= now && now < each.closes);
  const next = slots.findIndex((each) => each.opens > now);
  const found = { slot, next };
  if (sale.frozen) return { state: "frozen", ...found };
  if (slot >= 0) {
    // A slot whose time has come opens at the latest with the first purchase: whoever comes first must not be told to wait.
    const aboutToOpen = slots.some((each) => each.opens <= now && !each.opened);
    return { state: sale.available > 0 || aboutToOpen ? "open" : "sold_out", ...found };
  }
  return { state: next >= 0 ? "before" : "ended", ...found };
}

// "over" | "now" | "next" | "later", for slot number `index`.
export function stateOfSlot(sale, index, now) {
  const { opens, closes } = sale.slots[index];
  if (Date.parse(closes) <= now) return "over";
  if (Date.parse(opens) <= now) return "now";
  return stateOf(sale, now).next === index ? "next" : "later";
}

// Units that have been put on sale until now.
export function openedUnits(sale) {
  return sale.defined - sale.unopened - sale.withdrawn;
}

// When the page should look again on its own account: the next edge of a slot; nothing if there is none.
export function nextEdge(sale, now) {
  const edges = sale.slots.flatMap((slot) => [Date.parse(slot.opens), Date.parse(slot.closes)]);
  return edges.filter((edge) => edge > now).sort((a, b) => a - b)[0];
}
