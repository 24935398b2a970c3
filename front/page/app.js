// The page: asks for the sales, lets time pass, and puts sales, requests and login together. What outlives what stands in `start`.
import { Api } from "./api.js";
import { Buying } from "./buying.js";
import { ShopClock } from "./clock.js";
import { config } from "./config.js";
import { setAttribute, setText, show, el } from "./dom.js";
import { Login } from "./login.js";
import { Requests } from "./requests.js";
import { SaleCard } from "./sale_card.js";
import { Sales } from "./sales.js";
import { Session } from "./session.js";
import { Language } from "./words.js";

const TICK_MS = 200;
const at = (id) => document.getElementById(id);

class Page {
  #cards = new Map(); // SKU → SaleCard
  #said = "";

  constructor(storage) {
    this.clock = new ShopClock();
    this.language = new Language(storage);
    this.session = new Session(storage);
    this.storage = storage;
    this.api = new Api(this.clock, () => this.session.token);
    this.login = new Login(this.api, config, this.session, () => this.#loggedIn());
    const skus = new URLSearchParams(location.search).getAll("sku"); // a link to one article: /?sku=mask
    this.sales = new Sales(this.api, skus, () => this.clock.now(), () => document.hidden, () => this.draw());
    this.#begin();
  }

  // A buyer's requests and what carries them. Another buyer, other requests.
  #begin() {
    this.buying?.stop();
    this.requests = new Requests(this.session.user, this.storage, () => this.draw());
    this.buying = new Buying({
      api: this.api,
      requests: this.requests,
      config,
      now: () => this.clock.now(),
      hidden: () => document.hidden,
      loggedOut: () => this.#loggedOut(),
      changed: () => this.draw(),
    });
    if (this.session.user) this.buying.followAll();
  }

  start() {
    at("language").addEventListener("click", () => {
      this.language.switch();
      this.#drawFrame();
      this.draw();
    });
    at("sign").addEventListener("click", () => (this.#isLoggedIn() ? this.#signOut() : this.login.open()));
    addEventListener("storage", (event) => this.#heardOtherTab(event.key ?? ""));
    for (const event of ["online", "visibilitychange", "pageshow"]) {
      (event === "visibilitychange" ? document : window).addEventListener(event, () => this.#wake());
    }
    addEventListener("offline", () => this.draw());
    this.#drawFrame();
    this.sales.watch();
    setInterval(() => document.hidden || this.draw(), TICK_MS);
  }

  draw() {
    const words = this.language.words;
    const { list, state } = this.sales;
    const now = this.clock.now();
    this.#drawLogin(words, now);
    const trouble = !navigator.onLine ? words.offline : state === "unreachable" ? words.unreachable : this.requests.lasting ? "" : words.notKept;
    setText(at("trouble"), trouble);
    show(at("trouble"), trouble !== "");
    show(at("empty"), list.length === 0);
    setText(at("empty"), state === "loading" ? words.loading : state === "unreachable" ? "" : words.noSales);
    this.#drawCards(list, now);
  }

  #drawCards(list, now) {
    const cards = at("cards");
    for (const sku of [...this.#cards.keys()].filter((known) => !list.some((sale) => sale.sku === known))) {
      this.#cards.get(sku).element.remove();
      this.#cards.delete(sku);
    }
    for (const sale of list) {
      if (!this.#cards.has(sale.sku)) {
        this.#cards.set(sale.sku, new SaleCard(this.#acts(), (text) => this.#say(text)));
        cards.append(this.#cards.get(sale.sku).element);
      }
      this.#cards.get(sale.sku).update({
        sale,
        requests: this.requests.all().filter((request) => request.sku === sale.sku),
        buying: this.buying,
        loggedIn: this.#isLoggedIn(),
        now,
        words: this.language.words,
        tag: this.language.tag,
      });
    }
  }

  #acts() {
    return {
      buy: (sale, quantity) => this.buying.buy(sale.sku, sale.sale_id, quantity),
      login: () => this.login.open(),
      pay: (key) => this.buying.pay(key),
      cancel: (key) => this.buying.cancel(key),
      hide: (key) => this.requests.change(key, { hidden: true }),
    };
  }

  // What does not change with the time.
  #drawFrame() {
    const { words, tag, other } = this.language;
    document.documentElement.lang = tag;
    document.title = `${words.pageTitle} – ${config.name}`;
    setText(at("name"), config.name);
    for (const element of document.querySelectorAll("[data-words]")) setText(element, words[element.dataset.words]);
    at("facts").replaceChildren(...words.facts.map((fact) => el("li", {}, fact)));
    setAttribute(at("language"), "lang", other === "zh" ? "zh-CN" : "en");
    this.login.draw(words);
  }

  #drawLogin(words, now) {
    const clockIsRight = this.sales.state === "known";
    if (clockIsRight && this.session.token && this.session.isExpired(now)) this.session.expire();
    setText(at("who"), this.session.user);
    setText(at("sign"), this.#isLoggedIn() ? words.logout : words.login);
    const lost = this.session.user !== "" && !this.#isLoggedIn();
    show(at("lost"), lost);
    setText(at("lost"), words.loginAgain);
  }

  #isLoggedIn() {
    return this.session.token !== "";
  }

  #loggedIn() {
    this.#begin();
    this.draw();
  }

  #loggedOut() {
    this.session.expire();
    this.draw();
  }

  #signOut() {
    this.session.end();
    this.#begin();
    this.draw();
    at("sign").focus();
  }

  #heardOtherTab(place) {
    const before = this.session.user + this.session.token;
    this.session.reload();
    if (this.session.user + this.session.token !== before) this.#begin();
    this.requests.heard(place);
    this.buying.followAll();
    this.draw();
  }

  #wake() {
    this.sales.wake();
    this.buying.wake();
    this.draw();
  }

  // One thing after another: the same text twice is not heard.
  #say(text) {
    this.#said = this.#said === text ? `${text} ` : text;
    setText(at("said"), this.#said);
  }
}

// Some browsers forbid even to ask.
function storage() {
  try {
    localStorage.setItem("sluice.try", "");
    localStorage.removeItem("sluice.try");
    return localStorage;
  } catch {
    return null;
  }
}

new Page(storage()).start();
