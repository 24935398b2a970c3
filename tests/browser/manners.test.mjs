// That the page can be used: by keyboard, on a small screen, in both languages; and that it is polite to the shop.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Buyer, LANGUAGES, SCREENS, launch, until } from "./browser.mjs";
import { ScriptedShop } from "./scripted_shop.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const STATES = {
  before: (shop) => (shop.sale = shop.saleWith({ opens: [247, 3000] })),
  open: () => {},
  sold_out: (shop) => (shop.sale = shop.saleWith({ available: 0, held: 49 })),
  frozen: (shop) => (shop.sale = shop.saleWith({ frozen: true })),
};
const PHASES = {
  pending: (shop) => (shop.order = { ticket: shop.order.ticket, status: "pending", queue_place: 1284, eta_seconds: 3.2 }),
  held: () => {},
  paid: (shop) => (shop.order = shop.closed("paid")),
  cancelled: (shop) => (shop.order = shop.closed("cancelled")),
  refused: (shop) => {
    shop.order = shop.refused("sold_out");
    shop.sale = shop.saleWith({ available: 1, held: 48 });
  },
  released: (shop) => {
    const refund = { payment_id: "p", amount_minor: 1900, currency: "EUR", reason: "paid_too_late", settled: false };
    shop.order = shop.closed("released", { refunds: [refund] });
  },
  sending: (shop) => (shop.buy = () => ({ status: 503, headers: { "Retry-After": "3" } })),
};

// Nothing wider than the screen, and every part of it shown in one piece.
async function fits(page) {
  return page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
}

for (const language of Object.keys(LANGUAGES)) {
  for (const screen of Object.keys(SCREENS)) {
    test(`Everything fits and is pictured (${language}, ${screen})`, async () => {
      for (const [name, set] of Object.entries({ ...STATES, ...PHASES })) {
        const shop = new ScriptedShop();
        set(shop);
        const buyer = await Buyer.come(browser, { language, screen, before: (context) => shop.standIn(context) });
        await buyer.login("alice");
        if (name in STATES) {
          await buyer.saleIs(name);
        } else {
          await buyer.buy();
          await buyer.order(name).waitFor();
          if (name === "sending") await buyer.order(name).locator(".note").waitFor();
        }
        await buyer.picture(`${name}-${screen}-${language}`);
        await buyer.page.setViewportSize({ width: 320, height: 640 });
        assert.ok(await fits(buyer.page), `${name} on 320 pixels`);
        await buyer.close();
      }
    });
  }
}

test("The language is the browser's until the buyer chooses, and the choice lasts", async () => {
  const shop = new ScriptedShop();
  const buyer = await Buyer.come(browser, { language: "zh", before: (context) => shop.standIn(context) });
  assert.equal(await buyer.page.locator("html").getAttribute("lang"), "zh-CN");
  assert.equal(await buyer.page.locator("h1").innerText(), "今日抢购");
  await buyer.page.locator("#language").click();
  assert.equal(await buyer.page.locator("h1").innerText(), "Today’s sale");
  await buyer.page.reload();
  await buyer.card().waitFor();
  assert.equal(await buyer.page.locator("html").getAttribute("lang"), "en-GB");
  assert.match(await buyer.card().innerText(), /On sale/);
  await buyer.close();
});

test("Both languages have the same words, and none is left in the other", async () => {
  const buyer = await Buyer.come(browser, { before: (context) => new ScriptedShop().standIn(context) });
  const [en, zh] = await buyer.page.evaluate(async () => {
    const shape = (value) => (value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shape(part)])) : typeof value);
    const modules = await Promise.all(["en", "zh"].map((name) => import(`/page/words_${name}.js`)));
    return modules.map((module) => shape(module.words));
  });
  assert.deepEqual(zh, en);
  await buyer.close();
});

test("Everything can be done by keyboard, and the focus stays where it is while the page counts", async () => {
  const shop = new ScriptedShop();
  const buyer = await Buyer.come(browser, { before: (context) => shop.standIn(context) });
  const focused = () => buyer.page.evaluate(() => document.activeElement.dataset.act ?? document.activeElement.id ?? "");
  const press = async (key, where) => {
    for (let times = 0; (await focused()) !== where; times += 1) {
      assert.ok(times < 20, `the focus comes to ${where}`);
      await buyer.page.keyboard.press("Tab");
    }
    await buyer.page.keyboard.press(key);
  };
  await press("Enter", "sign");
  await buyer.page.keyboard.type("alice");
  await buyer.page.keyboard.press("Enter");
  await buyer.page.locator("#login").waitFor({ state: "hidden" });
  await until(() => buyer.button().isEnabled(), "the button can be pressed");
  await buyer.button().focus();
  await buyer.page.keyboard.press("Space");
  await buyer.order("held").waitFor();
  await press("Enter", "cancel");
  assert.equal(await focused(), "no", "the harmless choice is offered first");
  const left = buyer.order("held").locator(".left");
  const first = await left.innerText();
  await until(async () => (await left.innerText()) !== first, "a second passes");
  assert.equal(await focused(), "no");
  await buyer.close();
});

test("What changes is told to those who hear the page", async () => {
  const shop = new ScriptedShop();
  const buyer = await Buyer.come(browser, { before: (context) => shop.standIn(context) });
  await buyer.login("alice");
  await buyer.buy();
  await until(async () => /Reserved for you/.test(await buyer.page.locator("#said").innerText()), "the reservation is said");
  assert.equal(await buyer.page.locator("#said").getAttribute("aria-live"), "polite");
  await buyer.close();
});

test("A tab that nobody looks at asks seldom, and at once when it is looked at again", async () => {
  const shop = new ScriptedShop();
  const hide = (context) =>
    context.addInitScript(() => {
      window.looked = true;
      Object.defineProperty(document, "hidden", { get: () => !window.looked });
    });
  const buyer = await Buyer.come(browser, {
    before: async (context) => {
      await shop.standIn(context);
      await hide(context);
      await context.clock.install();
    },
  });
  const asked = () => shop.count("GET", "/v1/sales");
  const look = (looked) => buyer.page.evaluate((value) => ((window.looked = value), document.dispatchEvent(new Event("visibilitychange"))), looked);
  const minute = async () => {
    const begun = asked();
    for (let second = 0; second < 60; second += 1) await buyer.page.clock.runFor(1000);
    return asked() - begun;
  };
  const awake = await minute();
  assert.ok(awake >= 20 && awake <= 60, `${awake} times in a minute`);
  await look(false);
  const asleep = await minute();
  assert.ok(asleep <= 4, `${asleep} times in a minute`);
  const begun = asked();
  await look(true);
  await until(() => asked() > begun, "it asks at once");
  await buyer.close();
});

test("A shop that cannot be reached is said, with what was known last, and found again", async () => {
  const shop = new ScriptedShop();
  const buyer = await Buyer.come(browser, { before: (context) => shop.standIn(context) });
  shop.reachable = false;
  await until(() => buyer.page.locator("#trouble").isVisible(), "it is said");
  assert.equal(await buyer.card().locator(".stock").innerText(), "37 of 80 left");
  shop.reachable = true;
  await buyer.page.locator("#trouble").waitFor({ state: "hidden" });
  await buyer.close();
});
