// What a buyer sees of one sale: its slots, the countdown, the stock, the button, and what became of their requests.
import { el, setAttribute, setText, show } from "./dom.js";
import { money, span, timeAfter, timeAndDay, timeLeft } from "./format.js";
import { OrderPanel } from "./order_panel.js";
import { phaseOf } from "./order_phase.js";
import { isOpen, unitsOf } from "./requests.js";
import { openedUnits, stateOf, stateOfSlot } from "./sale_state.js";

const BACK_HINT_MS = 60_000;

export class SaleCard {
  element = el("article", { class: "card" });
  #panels = new Map(); // key → OrderPanel
  #quantity = 1;
  #state = null;
  #backAt = -Infinity;
  #slotsDrawn = "";

  // `acts`: {buy(sale, quantity), login(), pay, cancel, hide}. `say(text)`: for those who hear the page.
  constructor(acts, say) {
    Object.assign(this, { acts, say });
  }

  // For a new language too: everything is built again but the requests, which build themselves.
  build(words) {
    const id = `sale-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    this.pill = el("p", { class: "pill" });
    this.title = el("h2", { id });
    this.price = el("p", { class: "price" });
    this.terms = el("p", { class: "terms" });
    this.slots = el("ol", { class: "slots" });
    this.clockLabel = el("p", { class: "label" });
    this.digits = ["days", "hours", "minutes", "seconds"].map((unit) => el("span", { class: "digits", "data-unit": words.units[unit] }));
    this.clock = el("div", { class: "clock", role: "timer", "aria-live": "off" }, ...this.digits);
    this.stock = el("p", { class: "stock" });
    this.bar = el("progress", { "aria-hidden": "true" });
    this.hint = el("p", { class: "hint" });
    this.count = el("output", {});
    this.fewer = el("button", { type: "button", class: "step", "aria-label": words.fewer, onclick: () => this.#step(-1) }, "−");
    this.more = el("button", { type: "button", class: "step", "aria-label": words.more, onclick: () => this.#step(1) }, "+");
    this.quantity = el("div", { class: "quantity", role: "group", "aria-label": words.quantity }, el("span", {}, words.quantity), this.fewer, this.count, this.more);
    this.button = el("button", { type: "button", class: "buy main", onclick: () => this.#press() });
    this.orders = el("ul", { class: "orders", "aria-label": words.yourOrders });
    const about = el("div", { class: "about" }, this.pill, this.title, this.price, this.terms);
    const times = el("div", { class: "times" }, el("h3", {}, words.slots), this.slots);
    const desk = el("div", { class: "desk" }, this.clockLabel, this.clock, this.stock, this.bar, this.hint, this.quantity, this.button, this.orders);
    setAttribute(this.element, "aria-labelledby", id);
    this.element.replaceChildren(about, desk, times);
    this.#slotsDrawn = "";
    this.#panels.clear();
  }

  // `view`: {sale, requests: this buyer's for the SKU, buying, loggedIn, now, words, tag}
  update(view) {
    if (this.tag !== view.tag) this.build(view.words);
    this.tag = view.tag;
    this.view = view;
    const found = stateOf(view.sale, view.now);
    this.#notice(found.state);
    this.element.dataset.sku = view.sale.sku;
    setAttribute(this.element, "data-state", found.state);
    this.#drawTerms(found.state);
    this.#drawSlots();
    this.#drawClock(found);
    this.#drawStock(found);
    this.#drawButton(found);
    this.#drawOrders();
  }

  // Tells what changed while the page was open.
  #notice(state) {
    const { sale, now, words } = this.view;
    const before = this.#state;
    this.#state = state;
    if (before === null || before === state) return;
    if (state === "sold_out") this.say(words.said.soldOut(sale.title));
    if (state !== "open") return;
    if (before === "sold_out") {
      this.#backAt = now;
      this.say(words.said.back(sale.title, sale.available));
    } else {
      this.say(words.said.opened(sale.title));
    }
  }

  #drawTerms(state) {
    const { sale, words, tag } = this.view;
    setText(this.pill, words.state[state]);
    setText(this.title, sale.title);
    setText(this.price, money(sale.price_minor, sale.currency, tag));
    setText(this.terms, `${words.limit(sale.limit_per_user)} · ${words.hold(span(sale.hold_seconds))}`);
  }

  #drawSlots() {
    const { sale, now, words, tag } = this.view;
    const lines = sale.slots.map((slot, index) => ({
      state: stateOfSlot(sale, index, now),
      opens: timeAndDay(Date.parse(slot.opens), now, tag),
      closes: words.until(timeAfter(Date.parse(slot.opens), Date.parse(slot.closes), tag)),
      units: words.slotUnits(slot.quantity),
    }));
    const drawn = JSON.stringify(lines);
    if (drawn === this.#slotsDrawn) return;
    this.#slotsDrawn = drawn;
    const line = ({ state, opens, closes, units }) =>
      el(
        "li",
        { "data-state": state, "aria-current": state === "now" ? "true" : null },
        el("span", { class: "when" }, opens, el("small", {}, closes)),
        el("span", { class: "units" }, units),
        el("span", { class: "tag" }, words.slotState[state]),
      );
    this.slots.replaceChildren(...lines.map(line));
  }

  #drawClock({ state, next }) {
    const { sale, now, words } = this.view;
    const visible = next >= 0 && (state === "before" || state === "sold_out");
    show(this.clock, visible);
    show(this.clockLabel, visible);
    if (!visible) return;
    const slot = sale.slots[next];
    setText(this.clockLabel, state === "before" ? words.opensIn : words.nextSlotIn(slot.quantity));
    const parts = timeLeft(Date.parse(slot.opens) - now);
    this.digits.forEach((digits, index) => setText(digits, String(parts[index])));
    show(this.digits[0], parts[0] > 0);
  }

  #drawStock({ state, next }) {
    const { sale, now, words, tag } = this.view;
    const opened = openedUnits(sale);
    const visible = opened > 0 && (state === "open" || state === "sold_out");
    show(this.stock, visible);
    show(this.bar, visible);
    setText(this.stock, words.left(sale.available, opened));
    setAttribute(this.bar, "max", Math.max(opened, 1));
    setAttribute(this.bar, "value", sale.available);
    const hints = {
      before: () => words.beforeHint(timeAndDay(Date.parse(sale.slots[next].opens), now, tag)),
      open: () => (now - this.#backAt < BACK_HINT_MS && sale.available > 0 ? words.backHint(sale.available) : words.openHint),
      sold_out: () => words.soldOutHint(sale.held, span(sale.hold_seconds)),
      frozen: () => words.frozenHint,
      ended: () => words.endedHint,
    };
    const full = unitsOf(this.view.requests, sale) >= sale.limit_per_user;
    setText(this.hint, full && state === "open" ? words.limitHint(sale.limit_per_user) : hints[state]());
  }

  #drawButton(found) {
    const { sale, requests, loggedIn, words, tag, now, buying } = this.view;
    const room = sale.limit_per_user - unitsOf(requests, sale);
    this.#quantity = Math.max(1, Math.min(this.#quantity, room));
    const open = requests.find(isOpen);
    const [text, enabled] = this.#buttonWords(found, open, room);
    const choosing = enabled && loggedIn && sale.limit_per_user > 1;
    show(this.quantity, choosing);
    setText(this.count, String(this.#quantity));
    this.fewer.disabled = this.#quantity <= 1;
    this.more.disabled = this.#quantity >= room;
    setText(this.button, text ?? words.buy(money(sale.price_minor * this.#quantity, sale.currency, tag)));
    this.button.disabled = !enabled;
    setAttribute(this.button, "aria-busy", open ? phaseOf(open, buying.isPaying(open), now) !== "held" : false);
  }

  // The button's text, nothing for the price, and whether it can be pressed.
  #buttonWords({ state, next }, open, room) {
    const { sale, words, loggedIn, now, tag } = this.view;
    if (open) {
      const held = open.order?.status === "held";
      return [held ? words.buyHeld : open.ticket ? words.buyPending : words.buySending, false];
    }
    if (room <= 0) return [words.buyLimit(sale.limit_per_user), false];
    if (state === "frozen" || state === "ended" || state === "sold_out") return [words.state[state], false];
    if (!loggedIn) return [words.buyLogin, true];
    if (state === "before") return [words.buyBefore(timeAndDay(Date.parse(sale.slots[next].opens), now, tag)), false];
    return [null, true];
  }

  #drawOrders() {
    const { requests, sale, buying, now, words, tag } = this.view;
    const shown = requests.filter((request) => !request.hidden);
    show(this.orders, shown.length > 0);
    const keys = new Set(shown.map((request) => request.key));
    for (const [key, panel] of this.#panels) {
      if (keys.has(key)) continue;
      panel.element.remove();
      this.#panels.delete(key);
    }
    shown.forEach((request, index) => {
      let panel = this.#panels.get(request.key);
      if (!panel) this.#panels.set(request.key, (panel = new OrderPanel(request.key, this.acts, this.say)));
      if (this.orders.children[index] !== panel.element) this.orders.insertBefore(panel.element, this.orders.children[index] ?? null);
      panel.update({ request, sale, paying: buying.isPaying(request), note: buying.note(request.key), now, words, tag });
    });
  }

  #step(by) {
    this.#quantity += by;
    this.update(this.view);
  }

  #press() {
    if (!this.view.loggedIn) return this.acts.login();
    this.button.disabled = true; // before anything else: a second click finds it grey
    this.acts.buy(this.view.sale, this.#quantity);
  }
}
