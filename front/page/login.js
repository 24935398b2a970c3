// The dialog in which a buyer says who they are.
import { setText, show } from "./dom.js";

const at = (id) => document.getElementById(id);

export class Login {
  #words = null;

  constructor(api, config, session, done) {
    Object.assign(this, { api, config, session, done });
    at("login-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    at("login-close").addEventListener("click", () => at("login").close());
  }

  draw(words) {
    this.#words = words;
    setText(at("login-text"), words.loginText);
    setText(at("login-failed"), words.loginFailed);
  }

  open() {
    show(at("login-failed"), false);
    // Whoever was logged in goes on as the same user: their requests are under that name.
    at("login-user").value = this.session.user;
    setText(at("login-text"), this.session.user ? this.#words.loginAgain : this.#words.loginText);
    at("login").showModal();
    at("login-user").focus();
  }

  async #submit() {
    const user = at("login-user").value.trim();
    if (user === "") return;
    at("login-submit").disabled = true;
    const { body } = await this.api.login(this.config.tokenUrl, user);
    at("login-submit").disabled = false;
    show(at("login-failed"), typeof body.token !== "string");
    if (typeof body.token !== "string") return;
    this.session.begin(user, body.token);
    at("login").close();
    this.done();
  }
}
