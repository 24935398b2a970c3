// The shop's time. The buyer's own clock may be wrong or be set while the page is open, so it is not asked: the browser only counts on
// from what the header Sluice-Time said.

const DRIFT = 0.0002; // of the browser's count, per unit of time

export class ShopClock {
  #offset = Date.now() - performance.now(); // until the shop has said its time
  #error = Infinity;
  #heardAt = 0;

  // `sent` and `received`: of performance.now(), around a request that was answered at once. The answer left the shop somewhere in between.
  hear(header, sent, received) {
    const time = Number(header) * 1000;
    if (!(time > 0)) return;
    const error = (received - sent) / 2;
    const offset = time - (sent + received) / 2;
    const known = this.#error + (received - this.#heardAt) * DRIFT;
    // A worse measurement counts only if it contradicts the better one: then the browser slept, or the shop's clock was set.
    if (error > known && Math.abs(offset - this.#offset) <= error + known) return;
    this.#offset = offset;
    this.#error = error;
    this.#heardAt = received;
  }

  // Unix milliseconds.
  now() {
    return performance.now() + this.#offset;
  }
}
