// Waits that can be cut short: by what the buyer does, by a network that is back, by a tab that is looked at again.

export class Pause {
  #wake = () => {};

  // Resolves after `ms`, or when woken.
  for(ms) {
    return new Promise((resolve) => {
      const alarm = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(alarm);
        resolve();
      };
    });
  }

  wake() {
    this.#wake();
  }
}

// How long to wait before asking again: what the shop says, doubled with each failure, and scattered, so that a crowd that failed at once
// does not come back at once.
export function retryPause(failures, retryMs) {
  const grown = Math.min(Math.max(retryMs, 1000) * 2 ** Math.min(failures - 1, 4), 15_000);
  return grown * (0.75 + Math.random() / 2);
}
