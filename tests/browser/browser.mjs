// A real Chromium, driven by playwright-core. Nothing here waits for a time: everything waits for the thing.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

// The front of a stack that tests/run_all.py started; by hand: tests/browser/README.md.
export const FRONT = process.env.SLUICE_TEST_FRONT ?? "";
const PICTURES = new URL("../../build/screenshots/", import.meta.url).pathname;
const CHROMIUM = "/usr/bin/chromium"; // Debian's

export const LANGUAGES = { en: "en-GB", zh: "zh-CN" };
export const SCREENS = { desktop: { width: 1200, height: 860 }, phone: { width: 390, height: 844 } };

export function launch() {
  assert.notEqual(FRONT, "", "SLUICE_TEST_FRONT names no front: tests/browser/README.md says how to start one");
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] }); // its sandbox does not run as root
}

// A buyer's browser: nothing is kept from another. What the page complains about ends the test in `close`.
export class Buyer {
  static async come(browser, { language = "en", screen = "desktop", sku = null, before = async () => {} } = {}) {
    const buyer = new Buyer();
    buyer.address = FRONT + (sku ? `/?sku=${sku}` : "/");
    buyer.complaints = [];
    buyer.context = await browser.newContext({ locale: LANGUAGES[language], viewport: SCREENS[screen], timezoneId: "Europe/Berlin" });
    await before(buyer.context);
    await buyer.openTab();
    return buyer;
  }

  async openTab() {
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(15_000);
    this.page.on("pageerror", (error) => this.complaints.push(error.message));
    this.page.on("console", (said) => {
      const ofAnswer = said.text().startsWith("Failed to load resource"); // a 409 is no mistake of the page
      if (said.type() === "error" && !ofAnswer) this.complaints.push(said.text());
    });
    await this.page.goto(this.address);
    await this.page.locator(".card").first().waitFor();
  }

  card(sku) {
    return this.page.locator(sku ? `.card[data-sku="${sku}"]` : ".card").first();
  }

  button(sku) {
    return this.card(sku).locator(".buy");
  }

  // The newest request in this phase.
  order(phase, sku) {
    return this.card(sku).locator(`.order[data-phase="${phase}"]`).first();
  }

  act(name) {
    return this.page.locator(`[data-act="${name}"]`).first();
  }

  async login(user) {
    await this.page.locator("#sign").click();
    await this.page.locator("#login-user").fill(user);
    await this.page.keyboard.press("Enter");
    await this.page.locator("#login").waitFor({ state: "hidden" });
  }

  async saleIs(state, sku) {
    await this.page.locator(`.card${sku ? `[data-sku="${sku}"]` : ""}[data-state="${state}"]`).waitFor({ timeout: 60_000 });
  }

  async buy(sku) {
    await until(() => this.button(sku).isEnabled(), "the button can be pressed");
    await this.button(sku).click();
  }

  requests() {
    return this.page.evaluate(() =>
      Object.keys(localStorage)
        .filter((place) => place.startsWith("sluice.requests."))
        .flatMap((place) => JSON.parse(localStorage.getItem(place))),
    );
  }

  async picture(name) {
    mkdirSync(PICTURES, { recursive: true });
    await this.page.evaluate(() => document.activeElement?.blur());
    await this.page.mouse.move(0, 0);
    await this.page.screenshot({ path: `${PICTURES}${name}.png`, fullPage: true, animations: "disabled" });
  }

  async close() {
    await this.context.close();
    assert.deepEqual(this.complaints, [], "the page complained");
  }
}

// Asks until it is true.
export async function until(true_, what, milliseconds = 15_000) {
  const end = performance.now() + milliseconds;
  while (!(await true_())) {
    assert.ok(performance.now() < end, `${what}: not after ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
