// What a buyer sees of one request: where it is, what can be done, money that goes back.
import { el, setText } from "./dom.js";
import { money, shortTimeLeft, span, timeAndDay } from "./format.js";
import { phaseOf } from "./order_phase.js";

const TONES = { held: "calm", paying: "calm", paid: "good", refused: "warn", released: "warn", late: "warn", problem: "bad", gone: "bad" };
const TOLD_SECONDS_LEFT = [300, 60, 20];
const CLOSED = new Set(["paid", "cancelled", "released", "refunded", "refused", "archived", "gone", "problem"]);

export class OrderPanel {
  element = el("li", { class: "order" });
  #drawn = "";
  #phase = null;
  #asking = false; // whether the buyer really wants to give it back
  #secondsLeft = Infinity;

  // `acts`: {pay, cancel, hide, login}, each called with the request's key. `say(text)`: for those who hear the page.
  constructor(key, acts, say) {
    Object.assign(this, { key, acts, say });
  }

  // `view`: {request, sale, paying, note, now, words, tag}
  update(view) {
    this.view = view;
    const { request, paying, note, now, tag } = view;
    const phase = phaseOf(request, paying, now);
    if (phase !== "held") this.#asking = false;
    const drawn = JSON.stringify([request, phase, note?.kind, tag, this.#asking, view.sale?.hold_seconds]);
    if (drawn !== this.#drawn) this.#draw(phase);
    this.#drawn = drawn;
    this.#tick(phase);
  }

  #draw(phase) {
    const focused = this.element.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    const [title, text] = this.#words(phase);
    this.element.dataset.phase = phase;
    this.element.className = `order ${TONES[phase] ?? "plain"}`;
    this.note = el("p", { class: "note" });
    this.left = el("strong", { class: "left", role: "timer" });
    this.element.replaceChildren(
      ...[
        el("h4", {}, title),
        el("p", {}, text),
        phase === "held" ? el("p", { class: "deadline" }, el("span", {}, this.view.words.payLeft), this.left) : null,
        this.note,
        this.#buttons(phase),
        this.#refunds(),
        this.#foot(phase),
      ].filter(Boolean),
    );
    if (phase !== this.#phase && (this.#phase !== null || !CLOSED.has(phase))) this.say(`${title}. ${text}`);
    this.#phase = phase;
    if (focused) (this.element.querySelector(`[data-act="${focused}"]`) ?? this.element.querySelector("button"))?.focus();
  }

  // Title and text.
  #words(phase) {
    const { request, sale, words, now, tag } = this.view;
    const { order } = request;
    const amount = order?.currency ? money(order.amount_minor, order.currency, tag) : "";
    const what = [order?.quantity, sale?.title ?? request.sku, amount];
    switch (phase) {
      case "sending":
        return [words.sending, words.sendingText];
      case "pending":
        return [words.pending(order.queue_place ?? 0), words.pendingText(order.eta_seconds === undefined ? null : Math.max(1, Math.ceil(order.eta_seconds)))];
      case "held":
        return [words.held, `${words.heldText(...what)}${words.stop}${words.payUntil(timeAndDay(Date.parse(order.pay_by), now, tag))}`];
      case "paying":
        return [words.held, `${words.heldText(...what)}${words.stop}${words.paying}`];
      case "late":
        return [words.released, words.late];
      case "cancelling":
        return [words.cancelling, words.heldText(...what)];
      case "paid":
        return [words.paid, words.paidText(...what)];
      case "refused": {
        const [title, text] = words.refused[order.reason] ?? words.refused.other;
        return [title, text(span(sale?.hold_seconds ?? 0))];
      }
      case "problem":
        return [words.problem, words.problemText(request.problem.detail)];
      default:
        return [words[phase], words[`${phase}Text`]];
    }
  }

  #buttons(phase) {
    if (phase !== "held") return null;
    const { request, words, tag } = this.view;
    const act = (name, attributes, text, then) => el("button", { type: "button", "data-act": name, onclick: then, ...attributes }, text);
    const ask = (asking) => () => {
      this.#asking = asking;
      this.update(this.view);
      this.element.querySelector(`[data-act="${asking ? "no" : "cancel"}"]`)?.focus();
    };
    if (this.#asking) {
      return el(
        "div",
        { class: "acts", role: "group", "aria-label": words.cancelSure },
        el("p", { class: "sure" }, words.cancelSure),
        act("yes", { class: "danger" }, words.cancelYes, () => this.acts.cancel(this.key)),
        act("no", { class: "quiet" }, words.cancelNo, ask(false)),
      );
    }
    const price = money(request.order.amount_minor, request.order.currency, tag);
    return el(
      "div",
      { class: "acts" },
      act("pay", { class: "main" }, words.pay(price), () => this.acts.pay(this.key)),
      act("cancel", { class: "quiet" }, words.cancel, ask(true)),
    );
  }

  #refunds() {
    const { request, words, tag } = this.view;
    const refunds = request.order?.refunds ?? [];
    if (refunds.length === 0) return null;
    const line = (refund) => {
      const reason = words.refundReasons[String(refund.reason).toLowerCase()] ?? words.refundReasons.other;
      const end = refund.settled ? words.refundSettled : words.refundDue;
      return el("li", {}, el("strong", {}, money(refund.amount_minor, refund.currency, tag)), ` – ${reason} – ${end}`);
    };
    return el("div", { class: "refunds" }, el("h5", {}, words.refundsTitle), el("ul", {}, ...refunds.map(line)));
  }

  #foot(phase) {
    const { request, words } = this.view;
    const number = request.order?.order ?? request.ticket;
    const named = number ? el("span", { class: "number" }, `${words.number} `, el("code", {}, number)) : null;
    const hide = CLOSED.has(phase) ? el("button", { type: "button", class: "link", "data-act": "hide", onclick: () => this.acts.hide(this.key) }, words.hide) : null;
    return named || hide ? el("p", { class: "foot" }, named, hide) : null;
  }

  // What changes with the time alone.
  #tick(phase) {
    setText(this.note, this.#noteText(phase));
    this.note.hidden = this.note.textContent === "";
    if (phase !== "held") return;
    const left = Date.parse(this.view.request.order.pay_by) - this.view.now;
    setText(this.left, shortTimeLeft(left));
    this.left.classList.toggle("urgent", left < 60_000);
    const told = TOLD_SECONDS_LEFT.find((seconds) => left <= seconds * 1000 && this.#secondsLeft > seconds * 1000);
    if (told && this.#secondsLeft !== Infinity) this.say(this.view.words.said.timeLeft(span(told)));
    this.#secondsLeft = left;
  }

  #noteText(phase) {
    const { request, note, words } = this.view;
    if (note?.kind === "login") return words.loginNote;
    if (note?.kind === "offline") return words.offlineNote;
    if (note?.kind === "busy") {
      const seconds = Math.ceil((note.until - performance.now()) / 1000);
      return seconds > 0 ? words.busy(seconds) : words.busyNow;
    }
    if (phase === "held" && request.payment?.failed) return words.payFailed[request.payment.failed];
    if (request.refusedCancel) return words.refusedCancel[request.refusedCancel] ?? "";
    return "";
  }
}
