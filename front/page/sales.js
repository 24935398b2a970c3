// The sales as the shop last told them, asked for again and again: politely, and at once when a slot opens.
import { Pause, retryPause } from "./pause.js";
import { nextEdge, stateOf } from "./sale_state.js";

const BUSY_MS = 1500; // while something is on sale, or about to be
const QUIET_MS = 8000;
const HIDDEN_MS = 20_000;
const SOON_MS = 60_000;
const AFTER_EDGE_MS = 300; // the shop needs a moment to open a slot

export class Sales {
  list = [];
  state = "loading"; // then "known" or "unreachable"
  #pause = new Pause();

  // `skus`: only these, or none: all. `now()`: the shop's time. `hidden()`: whether nobody looks.
  constructor(api, skus, now, hidden, changed) {
    Object.assign(this, { api, skus, now, hidden, changed });
  }

  wake() {
    this.#pause.wake();
  }

  async watch() {
    let failures = 0;
    for (;;) {
      const { status, body, retryMs } = await this.api.sales();
      if (status === 200 && Array.isArray(body.sales)) {
        failures = 0;
        this.state = "known";
        this.list = body.sales.filter((sale) => this.skus.length === 0 || this.skus.includes(sale.sku)).map((sale) => this.#newer(sale));
      } else {
        failures += 1;
        if (failures > 1) this.state = "unreachable";
      }
      this.changed();
      await this.#pause.for(failures > 0 ? retryPause(failures, retryMs) : this.#politePause());
    }
  }

  // Two servers may answer in turn, and one may be behind: what was seen is not taken back.
  #newer(sale) {
    const known = this.list.find((each) => each.sku === sale.sku);
    return known && known.position > sale.position ? known : sale;
  }

  #politePause() {
    if (this.hidden()) return HIDDEN_MS;
    const now = this.now();
    const edges = this.list.map((sale) => nextEdge(sale, now) - now).filter((ms) => ms > 0);
    const busy = edges.some((ms) => ms < SOON_MS) || this.list.some((sale) => ["open", "sold_out"].includes(stateOf(sale, now).state));
    const pause = (busy ? BUSY_MS : QUIET_MS) * (0.85 + Math.random() * 0.3);
    return Math.min(pause, ...edges.map((ms) => ms + AFTER_EDGE_MS));
  }
}
