// Carries requests from the click to their end: sends, repeats what got no answer, follows the order, pays, cancels. All that must survive
// a reload is in `requests`; here is only what is under way.
import { isPassing } from "./api.js";
import { Pause, retryPause } from "./pause.js";

const PENDING_WAIT_SECONDS = 2; // short, so that the place in the queue moves
const HIDDEN_WAIT_SECONDS = 20;
const PAYMENT_MS = 60_000; // after that the buyer may pay again: a second payment for a paid order comes back
const CLOSED = new Set(["refused", "archived"]); // nothing happens to these any more

export class Buying {
  #carried = new Map(); // key → Pause
  #stopped = false;
  #notes = new Map(); // key → what keeps it waiting: {kind: "busy" | "offline" | "login", until}

  // `now()`: the shop's time. `hidden()`: whether nobody looks. `loggedOut()`: called when the shop does not believe the token any more.
  constructor({ api, requests, config, now, hidden, loggedOut, changed }) {
    Object.assign(this, { api, requests, config, now, hidden, loggedOut, changed });
  }

  buy(sku, saleId, quantity) {
    this.follow(this.requests.add(sku, saleId, quantity, this.now()));
  }

  // Also what an earlier page left in the middle.
  followAll() {
    for (const request of this.requests.all()) {
      if (!request.hidden) this.follow(request.key);
    }
  }

  follow(key) {
    if (this.#carried.has(key)) return this.#carried.get(key).wake();
    this.#carried.set(key, new Pause());
    this.#carry(key).finally(() => this.#carried.delete(key));
  }

  // Everything is tried again now.
  wake() {
    for (const pause of this.#carried.values()) pause.wake();
  }

  // Another buyer came, or the same one anew: what is under way is left to whoever carries it next.
  stop() {
    this.#stopped = true;
    this.wake();
  }

  note(key) {
    return this.#notes.get(key);
  }

  cancel(key) {
    this.requests.change(key, { cancel: true, refusedCancel: undefined });
    this.follow(key);
  }

  async pay(key) {
    const { order } = this.requests.find(key);
    const at = this.now();
    this.requests.change(key, { payment: { at } });
    this.follow(key);
    const answer = await this.api.pay(this.config.paymentUrl, order);
    const taken = answer.status >= 200 && answer.status < 300;
    const outcome = taken ? { id: String(answer.body.payment_id ?? "") } : { failed: answer.status === 0 || answer.status >= 500 ? "unknown" : "refused" };
    this.requests.change(key, { payment: { at, ...outcome } });
    this.follow(key);
  }

  isPaying(request) {
    const { payment, order } = request;
    return order?.status === "held" && payment !== undefined && !payment.failed && this.now() - payment.at < PAYMENT_MS;
  }

  async #carry(key) {
    let failures = 0;
    for (;;) {
      const request = this.requests.find(key);
      if (this.#stopped || !request || request.problem || CLOSED.has(request.order?.status)) return this.#setNote(key, null);
      const answer = this.api.token() ? await this.#ask(request) : { status: 401 };
      if (this.#stopped) return;
      if (answer.status === 401) {
        this.loggedOut();
        this.#setNote(key, { kind: "login" });
        await this.#carried.get(key).for(60_000);
      } else if (isPassing(answer)) {
        failures += 1;
        const pause = retryPause(failures, answer.retryMs);
        this.#setNote(key, { kind: navigator.onLine ? "busy" : "offline", until: performance.now() + pause });
        await this.#carried.get(key).for(pause);
      } else {
        failures = 0;
        this.#take(request, answer);
        this.#setNote(key, null);
        await this.#carried.get(key).for(this.#politePause(this.requests.find(key)));
      }
    }
  }

  #ask(request) {
    if (!request.ticket) return this.api.buy(request.key, request.sku, request.quantity);
    if (request.cancel) return this.api.cancel(request.ticket);
    const pending = (request.order?.status ?? "pending") === "pending";
    const patient = this.hidden() ? HIDDEN_WAIT_SECONDS : PENDING_WAIT_SECONDS;
    return this.api.order(request.ticket, pending ? patient : 0);
  }

  #take(request, { status, body }) {
    const told = status === 200 || status === 202;
    if (told && body.ticket) {
      const settled = status === 200 ? { cancel: undefined } : {};
      this.requests.change(request.key, { ticket: body.ticket, order: body, ...(request.cancel ? settled : {}) });
    } else if (request.cancel && status === 409) {
      this.requests.change(request.key, { cancel: undefined, refusedCancel: String(body.type ?? "").replace("/problems/", "") });
    } else {
      this.requests.change(request.key, { problem: { status, detail: body.detail ?? "" }, cancel: undefined });
    }
  }

  #politePause(request) {
    const status = request?.order?.status;
    if (!request || request.problem) return 0;
    if (status === "pending") return 300; // the shop has held the answer back
    const soon = request.cancel || request.payment?.at > this.now() - PAYMENT_MS;
    if (status === "held") {
      const nearDeadline = Date.parse(request.order.pay_by) - this.now() < 5000;
      return soon || nearDeadline ? 1000 : this.hidden() ? 10_000 : 3000;
    }
    return soon ? 2000 : this.hidden() ? 60_000 : 15_000;
  }

  #setNote(key, note) {
    if (!note && !this.#notes.has(key)) return;
    if (note) this.#notes.set(key, note);
    else this.#notes.delete(key);
    this.changed();
  }
}
