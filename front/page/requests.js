// What this buyer asked for, kept by the browser. A request is written here, with its key, before it is sent: whoever reloads, closes the
// tab or loses the network in the middle sends the same one again, and it counts once.

const KEPT_MAX = 20;

// A request: {key, sku, saleId, quantity, at, ticket?, order?, problem?, payment?, cancel?, hidden?}
//   order    the shop's last answer about it (status, pay_by, refunds, ...)
//   problem  the shop cannot take it as it is: {status, detail}
//   payment  {at, id?, failed?}: begun by the buyer
//   cancel   true from the click until the shop has ruled
export class Requests {
  #place;
  #changed;
  #kept;
  #storage;

  // `storage`: as localStorage, or nothing where the browser keeps nothing. `changed()`: called after every change, also by another tab.
  constructor(user, storage, changed) {
    this.#place = `sluice.requests.${user}`;
    this.#storage = storage;
    this.#changed = changed;
    this.reload();
  }

  // Whether they outlive this page.
  get lasting() {
    return this.#storage !== null;
  }

  all() {
    return this.#kept;
  }

  find(key) {
    return this.#kept.find((request) => request.key === key);
  }

  add(sku, saleId, quantity, now) {
    const request = { key: newKey(), sku, saleId, quantity, at: now };
    this.reload();
    this.#write([request, ...this.#kept].slice(0, KEPT_MAX));
    return request.key;
  }

  change(key, fields) {
    this.reload(); // another tab may have written
    this.#write(this.#kept.map((request) => (request.key === key ? { ...request, ...fields } : request)));
  }

  reload() {
    if (!this.#storage && this.#kept) return;
    try {
      this.#kept = JSON.parse(this.#storage?.getItem(this.#place) ?? "[]");
      if (!Array.isArray(this.#kept)) this.#kept = [];
    } catch {
      this.#kept = [];
    }
  }

  // Called when another tab wrote.
  heard(place) {
    if (place !== this.#place) return;
    this.reload();
    this.#changed();
  }

  #write(requests) {
    this.#kept = requests;
    try {
      this.#storage?.setItem(this.#place, JSON.stringify(requests));
    } catch {
      this.#storage = null; // full or forbidden: the page says so, and goes on
    }
    this.#changed();
  }
}

const OPEN = new Set([undefined, "pending", "held"]);

// Whether it is under way: another click would be another purchase.
export function isOpen(request) {
  return !request.problem && OPEN.has(request.order?.status);
}

// Units that count against the limit per buyer, as far as this browser knows.
export function unitsOf(requests, sale) {
  return requests
    .filter((request) => request.sku === sale.sku && request.saleId === sale.sale_id && request.order)
    .filter((request) => request.order.status === "held" || request.order.status === "paid")
    .reduce((sum, request) => sum + request.order.quantity, 0);
}

// crypto.randomUUID exists only where the page came by TLS or from this machine.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
