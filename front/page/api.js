// Asks the shop. What comes back is {status, body, retryMs}; status 0: no answer came, whatever may have become of the question.

const PATIENCE_MS = 10_000;

export class Api {
  #clock;

  // `token()`: of the buyer, or nothing.
  constructor(clock, token) {
    this.#clock = clock;
    this.token = token;
  }

  sales() {
    return this.#ask("GET", "/v1/sales", { timed: true });
  }

  // The same key for the same purchase, however often it is sent: it counts once.
  buy(key, sku, quantity) {
    const headers = { "Idempotency-Key": key, ...this.#bearer() };
    return this.#ask("POST", "/v1/orders", { headers, body: { sku, quantity } });
  }

  order(ticket, waitSeconds) {
    const path = `/v1/orders/${encodeURIComponent(ticket)}?wait=${waitSeconds}`;
    return this.#ask("GET", path, { headers: this.#bearer(), patienceMs: PATIENCE_MS + waitSeconds * 1000 });
  }

  cancel(ticket) {
    const headers = { Prefer: "wait=5", ...this.#bearer() };
    return this.#ask("POST", `/v1/orders/${encodeURIComponent(ticket)}/cancel`, { headers, patienceMs: 15_000 });
  }

  pay(url, order) {
    const { order: id, amount_minor, currency } = order;
    return this.#ask("POST", url, { headers: this.#bearer(), body: { order: id, amount_minor, currency } });
  }

  login(url, user) {
    return this.#ask("GET", `${url}?user=${encodeURIComponent(user)}`, {});
  }

  #bearer() {
    const token = this.token();
    return token ? { Authorization: `Bearer ${token}` } : {};
  }

  async #ask(method, path, { headers = {}, body, timed, patienceMs = PATIENCE_MS }) {
    const give_up = new AbortController();
    const alarm = setTimeout(() => give_up.abort(), patienceMs);
    const options = { method, headers, signal: give_up.signal, cache: "no-store" };
    if (body) {
      options.body = JSON.stringify(body);
      headers["Content-Type"] = "application/json";
    }
    try {
      const sent = performance.now();
      const answer = await fetch(path, options);
      if (timed) this.#clock.hear(answer.headers.get("Sluice-Time"), sent, performance.now());
      const text = await answer.text();
      return { status: answer.status, body: parsed(text), retryMs: Number(answer.headers.get("Retry-After")) * 1000 || 0 };
    } catch {
      return { status: 0, body: {}, retryMs: 0 };
    } finally {
      clearTimeout(alarm);
    }
  }
}

// Whether the same question may have another answer in a moment.
export function isPassing(answer) {
  return answer.status === 0 || answer.status === 429 || answer.status === 408 || answer.status >= 500;
}

function parsed(text) {
  try {
    const body = JSON.parse(text);
    return body && typeof body === "object" ? body : {};
  } catch {
    return {};
  }
}
