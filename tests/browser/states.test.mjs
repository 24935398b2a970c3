// What the page makes of everything that the shop may say. The answers are scripted, the page comes from the real nginx.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Buyer, launch, until } from "./browser.mjs";
import { ScriptedShop, token } from "./scripted_shop.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

// A logged-in buyer before a scripted shop.
async function visit(shop, act, options = {}) {
  const buyer = await Buyer.come(browser, { ...options, before: (context) => shop.standIn(context) });
  try {
    if (options.login !== false) await buyer.login("alice");
    await act(buyer);
  } finally {
    await buyer.close();
  }
}

test("The countdown goes by the shop's clock, whatever the buyer's says, and the button comes without a reload", async () => {
  const shop = new ScriptedShop({ clockAhead: -5 * 3600 });
  shop.sale = shop.saleWith({ opens: [1000, 3000] });
  await visit(shop, async (buyer) => {
    await buyer.saleIs("before");
    assert.ok(await buyer.button().isDisabled());
    const digits = async () => (await buyer.card().locator(".digits:visible").allInnerTexts()).join(" ");
    assert.match(await digits(), /^00\b.*1[456]\b/);
    const seen = await digits();
    await until(async () => (await digits()) < seen, "it goes down");
    shop.sale = shop.saleWith({ opens: [4, 3000], position: 2 });
    await buyer.saleIs("open");
    await until(() => buyer.button().isEnabled(), "the button comes");
    assert.ok(shop.now >= Date.parse(shop.sale.slots[0].opens) - 250, "not before its time");
  });
});

test("The button is grey from the click on, a second click sends nothing, and stays so across a reload", async () => {
  const shop = new ScriptedShop();
  await visit(shop, async (buyer) => {
    await buyer.button().dblclick();
    await buyer.order("held").waitFor();
    assert.ok(await buyer.button().isDisabled());
    assert.equal(shop.count("POST", "/v1/orders"), 1);
    await buyer.page.reload();
    await buyer.order("held").waitFor();
    assert.ok(await buyer.button().isDisabled());
    assert.equal(shop.count("POST", "/v1/orders"), 1);
  });
});

test("The key is kept before the request is sent, so that a reload in the middle sends the same one", async () => {
  const shop = new ScriptedShop();
  let letGo;
  shop.buy = () => new Promise((resolve) => (letGo = resolve));
  await visit(shop, async (buyer) => {
    await buyer.buy();
    await until(() => letGo, "the request is under way");
    assert.equal((await buyer.requests())[0].key, shop.keys()[0]);
    shop.buy = () => ({ status: 202, json: shop.order });
    await buyer.page.reload();
    letGo(null);
    await buyer.order("held").waitFor();
    assert.equal(shop.keys().length, 2);
    assert.equal(new Set(shop.keys()).size, 1);
  });
});

for (const [what, answer] of [
  ["503", { status: 503, headers: { "Retry-After": "1" } }],
  ["429", { status: 429, headers: { "Retry-After": "1" } }],
  ["no answer", null],
]) {
  test(`After ${what} the request repeats by itself with the same key, and says so`, async () => {
    const shop = new ScriptedShop();
    shop.buy = () => answer;
    await visit(shop, async (buyer) => {
      await buyer.buy();
      const note = buyer.order("sending").locator(".note");
      await until(async () => /counts once/.test(await note.innerText()), "the note says it");
      assert.ok(await buyer.button().isDisabled());
      await until(() => shop.keys().length >= 2, "it was repeated");
      shop.buy = () => ({ status: 202, json: shop.order });
      await buyer.order("held").waitFor();
      assert.equal(new Set(shop.keys()).size, 1);
    });
  });
}

test("Offline, the page says so, and goes on by itself with the same request when the network is back", async () => {
  const shop = new ScriptedShop();
  await visit(shop, async (buyer) => {
    shop.reachable = false;
    await buyer.context.setOffline(true);
    await buyer.buy();
    await until(async () => /offline/.test(await buyer.order("sending").locator(".note").innerText()), "the request says it");
    assert.match(await buyer.page.locator("#trouble").innerText(), /offline/);
    shop.reachable = true;
    await buyer.context.setOffline(false);
    await buyer.order("held").waitFor();
    await buyer.page.locator("#trouble").waitFor({ state: "hidden" });
    assert.equal(new Set((await buyer.requests()).map((request) => request.key)).size, 1);
  });
});

test("An expired login asks for another, and the request goes on with the same key", async () => {
  const shop = new ScriptedShop();
  shop.buy = () => ({ status: 401, json: { detail: "The token has expired" } });
  await visit(shop, async (buyer) => {
    await buyer.buy();
    await buyer.page.locator("#lost").waitFor();
    await until(async () => /Sign in again/.test(await buyer.order("sending").locator(".note").innerText()), "the request says it");
    shop.buy = () => ({ status: 202, json: shop.order });
    await buyer.page.locator("#sign").click();
    assert.equal(await buyer.page.locator("#login-user").inputValue(), "alice");
    await buyer.page.locator("#login-submit").click();
    await buyer.order("held").waitFor();
    assert.equal(new Set(shop.keys()).size, 1);
  });
});

test("A token whose time is over is noticed before the click", async () => {
  const shop = new ScriptedShop();
  const login = JSON.stringify({ user: "alice", token: token(-10) });
  await visit(shop, async (buyer) => {
    await buyer.page.evaluate((text) => localStorage.setItem("sluice.login", text), login);
    await buyer.page.reload();
    await buyer.page.locator("#lost").waitFor();
    assert.equal(await buyer.button().innerText(), "Sign in to buy");
  }, { login: false });
});

test("The place in the queue goes down, and time that is left is said", async () => {
  const shop = new ScriptedShop();
  let place = 40;
  const pending = () => ({ status: 202, json: { ticket: "T", status: "pending", queue_place: (place -= 10), eta_seconds: place / 10 } });
  shop.buy = pending;
  shop.read = () => (place > 0 ? pending() : { json: shop.order });
  await visit(shop, async (buyer) => {
    const seen = [];
    await buyer.page.exposeFunction("seen", (text) => seen.push(text));
    await buyer.page.evaluate(() => new MutationObserver(() => window.seen(document.querySelector(".order h4")?.innerText)).observe(document.querySelector("#cards"), { subtree: true, childList: true }));
    await buyer.buy();
    await buyer.order("held").waitFor();
    for (const text of ["30 requests before yours", "20 requests before yours", "10 requests before yours"]) assert.ok(seen.includes(text), text);
  });
});

const REASONS = ["sold_out", "limit_reached", "not_on_sale", "frozen", "unknown_sku", "bad_quantity", "key_reused", "no_longer_kept", "voided", "wrong_partition", "of_tomorrow"];
for (const [language, minutes] of [["en", "within 20 minutes"], ["zh", "20 分钟内退回"]]) {
  test(`Every refusal has words and a next step (${language})`, async () => {
    const shop = new ScriptedShop();
    await visit(shop, async (buyer) => {
      const told = new Set();
      for (const reason of REASONS) {
        shop.order = shop.refused(reason);
        await buyer.buy();
        const panel = buyer.order("refused");
        await panel.waitFor();
        const [title, text] = [await panel.locator("h4").innerText(), await panel.locator("p").first().innerText()];
        assert.ok(title && text && !/undefined|\{/.test(title + text), reason);
        told.add(title + text);
        if (reason === "sold_out") assert.ok(text.includes(minutes), "says the sale's own time to pay");
        await buyer.act("hide").click();
        await panel.waitFor({ state: "detached" });
      }
      assert.equal(told.size, REASONS.length - 1, "only the two without words of their own share some");
    }, { language });
  });
}

test("Sold out says in the sale's own time when unpaid ones return, and their return is seen and said", async () => {
  const shop = new ScriptedShop();
  shop.sale = shop.saleWith({ available: 0, held: 3, sold: 77, hold_seconds: 90 });
  await visit(shop, async (buyer) => {
    await buyer.saleIs("sold_out");
    assert.match(await buyer.card().locator(".hint").innerText(), /^3 units are reserved .* within 90 seconds/);
    assert.ok(await buyer.button().isDisabled());
    shop.sale = { ...shop.sale, available: 2, held: 1, position: 2 };
    await buyer.saleIs("open");
    assert.match(await buyer.card().locator(".hint").innerText(), /2 units can be bought again/);
    assert.match(await buyer.page.locator("#said").innerText(), /2 came back/);
    assert.ok(await buyer.button().isEnabled());
  });
});

test("Stock that was seen is not taken back by a server that is behind", async () => {
  const shop = new ScriptedShop();
  shop.sale = shop.saleWith({ available: 5, position: 9 });
  await visit(shop, async (buyer) => {
    await until(async () => (await buyer.card().locator(".stock").innerText()) === "5 of 80 left", "the newer is seen");
    shop.sale = { ...shop.sale, available: 60, position: 8 };
    const asked = shop.count("GET", "/v1/sales");
    await until(() => shop.count("GET", "/v1/sales") > asked + 1, "the older was told");
    assert.equal(await buyer.card().locator(".stock").innerText(), "5 of 80 left");
  });
});

for (const [state, fields, text] of [
  ["frozen", { frozen: true }, "Paused"],
  ["ended", { opens: [-9000, -8000] }, "Over"],
]) {
  test(`A sale that is ${state} says so and sells nothing`, async () => {
    const shop = new ScriptedShop();
    shop.sale = shop.saleWith(fields);
    await visit(shop, async (buyer) => {
      await buyer.saleIs(state);
      assert.equal(await buyer.button().innerText(), text);
      assert.ok(await buyer.button().isDisabled());
    });
  });
}

test("Whoever has their share is told so on the button", async () => {
  const shop = new ScriptedShop();
  shop.order = shop.closed("paid", { quantity: 2, amount_minor: 3800 });
  await visit(shop, async (buyer) => {
    await buyer.page.locator(".step").last().click();
    await buyer.buy();
    await buyer.order("paid").waitFor();
    assert.equal(JSON.parse(shop.asked.find((question) => question.key).body).quantity, 2);
    assert.equal(await buyer.button().innerText(), "You have your 2");
    assert.ok(await buyer.button().isDisabled());
  });
});
