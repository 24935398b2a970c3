// Answers in place of the API, for what the real one says only rarely or at no chosen moment. The page itself comes from the real nginx.

const iso = (seconds, from) => new Date(from + seconds * 1000).toISOString();
export const TICKET = "00AFXYZ123KMNPQ45678ABCDE";

export class ScriptedShop {
  // `clockAhead`: of the shop's clock before the browser's, in seconds.
  constructor({ clockAhead = 0 } = {}) {
    this.clockAhead = clockAhead;
    this.asked = []; // {method, path, key, body}
    this.reachable = true;
    this.sale = this.saleWith({});
    this.buy = () => ({ status: 202, json: this.order });
    this.read = () => ({ json: this.order });
    this.cancel = () => ({ json: this.order });
    this.pay = () => ({ status: 202, json: { payment_id: "pay-1" } });
    this.order = this.held();
  }

  get now() {
    return Date.now() + this.clockAhead * 1000;
  }

  // Two slots: they open in these seconds from now.
  saleWith({ opens = [-600, 3000], ...fields }) {
    const slots = opens.map((seconds, index) => ({
      opens: iso(seconds, this.now),
      closes: iso(opens[index + 1] ?? seconds + 3600, this.now),
      quantity: 80 + 40 * index,
      opened: seconds <= 0,
    }));
    const opened = slots.filter((slot) => slot.opened).reduce((sum, slot) => sum + slot.quantity, 0);
    const units = { defined: 200, unopened: 200 - opened, available: Math.min(37, opened), held: 12, sold: 31, withdrawn: 0 };
    const terms = { price_minor: 1900, currency: "EUR", limit_per_user: 2, hold_seconds: 1200 };
    const names = { sku: "mask", sale_id: "trial", title: "A box of 50 masks" };
    return { ...names, ...terms, ...units, frozen: false, on_sale: true, slots, log_time: iso(0, this.now), position: 1, ...fields };
  }

  held(fields = {}) {
    const bought = { sku: "mask", quantity: 1, amount_minor: 1900, currency: "EUR" };
    return { ticket: TICKET, order: TICKET, status: "held", ...bought, pay_by: iso(1125, this.now), ...fields };
  }

  closed(status, fields = {}) {
    return { ...this.held(fields), status, pay_by: undefined };
  }

  refused(reason) {
    return { ticket: TICKET, status: "refused", reason, message: "…" };
  }

  count(method, path) {
    return this.asked.filter((question) => question.method === method && question.path.startsWith(path)).length;
  }

  keys() {
    return this.asked.filter((question) => question.key).map((question) => question.key);
  }

  // In every tab of this browser.
  async standIn(context) {
    await context.route(/\/(v1|shop)\//, async (route) => {
      const request = route.request();
      const path = new URL(request.url()).pathname;
      const question = { method: request.method(), path, key: await request.headerValue("idempotency-key"), body: request.postData() };
      this.asked.push(question);
      if (!this.reachable) return route.abort();
      const answer = await this.#answer(question);
      if (answer === null) return route.abort();
      const headers = { "Sluice-Time": (this.now / 1000).toFixed(3), ...answer.headers };
      return route.fulfill({ status: answer.status ?? 200, json: answer.json ?? {}, headers });
    });
  }

  #answer({ method, path }) {
    if (path === "/v1/sales") return { json: { sales: [this.sale] } };
    if (path === "/shop/token") return { json: { token: token() } };
    if (path === "/shop/payments") return this.pay();
    if (path.endsWith("/cancel")) return this.cancel();
    return method === "POST" ? this.buy() : this.read();
  }
}

export function token(lifetimeSeconds = 86_400) {
  const part = (content) => Buffer.from(JSON.stringify(content)).toString("base64url");
  return `${part({ alg: "HS256" })}.${part({ sub: "alice", exp: Math.floor(Date.now() / 1000) + lifetimeSeconds })}.${"A".repeat(43)}`;
}
