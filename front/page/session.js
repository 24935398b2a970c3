// Who the buyer is: a name and the token that the shop gave for it.

const PLACE = "sluice.login";

export class Session {
  #login = null;

  // `storage`: as localStorage, or nothing where the browser keeps nothing.
  constructor(storage) {
    this.storage = storage;
    this.reload();
  }

  get user() {
    return this.#login?.user ?? "";
  }

  get token() {
    return this.#login?.token ?? "";
  }

  // `now`: the shop's time. Whoever says 401 before that is believed too.
  isExpired(now) {
    return this.#login !== null && (!this.#login.token || expiry(this.#login.token) <= now);
  }

  // The token is of no use any more; the name stays, for its requests.
  expire() {
    this.#write({ user: this.user, token: "" });
  }

  begin(user, token) {
    this.#write({ user, token });
  }

  end() {
    this.#write(null);
  }

  reload() {
    try {
      const login = JSON.parse(this.storage?.getItem(PLACE) ?? "null");
      this.#login = typeof login?.user === "string" && typeof login?.token === "string" ? login : null;
    } catch {
      this.#login = null;
    }
  }

  #write(login) {
    this.#login = login;
    try {
      if (login) this.storage?.setItem(PLACE, JSON.stringify(login));
      else this.storage?.removeItem(PLACE);
    } catch {
      this.storage = null;
    }
  }
}

// In Unix milliseconds; for ever where the token does not say: the shop checks it anyway.
function expiry(token) {
  try {
    const claims = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(claims)).exp * 1000 || Infinity;
  } catch {
    return Infinity;
  }
}
