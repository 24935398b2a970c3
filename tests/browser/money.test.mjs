// After the click: paying, giving back, running late, money that returns. The answers are scripted, the page comes from the real nginx.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Buyer, launch, until } from "./browser.mjs";
import { ScriptedShop } from "./scripted_shop.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

// A buyer who holds a unit.
async function holding(shop, act, options = {}) {
  const buyer = await Buyer.come(browser, { ...options, before: (context) => shop.standIn(context) });
  try {
    await buyer.login("alice");
    await buyer.buy();
    await buyer.order("held").waitFor();
    await act(buyer);
  } finally {
    await buyer.close();
  }
}

test("The time to pay counts down by the second", async () => {
  await holding(new ScriptedShop(), async (buyer) => {
    const left = () => buyer.order("held").locator(".left").innerText();
    const first = await left();
    assert.match(first, /^18:[0-4]\d$/);
    await until(async () => (await left()) < first, "it goes down");
  });
});

test("A payment that nobody answered may be repeated by hand, and says what happens to money that is paid twice", async () => {
  const shop = new ScriptedShop();
  shop.pay = () => null;
  await holding(shop, async (buyer) => {
    await buyer.act("pay").click();
    await until(async () => /paid twice comes back/.test(await buyer.order("held").locator(".note").innerText()), "the note says it");
    shop.pay = () => {
      shop.order = shop.closed("paid");
      return { status: 202, json: { payment_id: "pay-2" } };
    };
    await buyer.act("pay").click();
    await buyer.order("paid").waitFor();
    assert.equal(shop.count("POST", "/shop/payments"), 2);
  });
});

test("A payment under way is not offered again, also after a reload", async () => {
  const shop = new ScriptedShop();
  await holding(shop, async (buyer) => {
    await buyer.act("pay").click();
    await buyer.order("paying").waitFor();
    assert.equal(await buyer.act("pay").count(), 0);
    await until(async () => (await buyer.requests())[0].payment.id, "the gateway has taken it"); // else the reload leaves it unanswered
    await buyer.page.reload();
    await buyer.order("paying").waitFor();
    shop.order = shop.closed("paid");
    await buyer.order("paid").waitFor();
    assert.equal(shop.count("POST", "/shop/payments"), 1);
  });
});

test("Giving back asks once more, and repeats by itself until the shop has ruled, also after a reload", async () => {
  const shop = new ScriptedShop();
  shop.cancel = () => ({ status: 503 });
  await holding(shop, async (buyer) => {
    await buyer.act("cancel").click();
    await buyer.act("no").click();
    assert.equal(shop.count("POST", "/v1/orders/"), 0);
    await buyer.act("cancel").click();
    await buyer.act("yes").click();
    await buyer.order("cancelling").waitFor();
    await buyer.page.reload();
    await buyer.order("cancelling").waitFor();
    shop.cancel = () => {
      shop.order = shop.closed("cancelled");
      return { json: shop.order };
    };
    await buyer.order("cancelled").waitFor();
    assert.ok(await buyer.button().isEnabled(), "another may be bought");
  });
});

test("Giving back what is paid already is refused in plain words", async () => {
  const shop = new ScriptedShop();
  shop.cancel = () => {
    shop.order = shop.closed("paid");
    return { status: 409, json: { type: "/problems/already-paid", detail: "…" } };
  };
  await holding(shop, async (buyer) => {
    await buyer.act("cancel").click();
    await buyer.act("yes").click();
    await buyer.order("paid").waitFor();
    assert.match(await buyer.order("paid").locator(".note").innerText(), /It is paid already/);
  });
});

test("When the time to pay is over, nothing can be paid any more, and the shop's last word is awaited", async () => {
  const shop = new ScriptedShop();
  await holding(shop, async (buyer) => {
    shop.order = shop.held({ pay_by: new Date(shop.now + 1500).toISOString() });
    await buyer.order("late").waitFor();
    assert.equal(await buyer.act("pay").count(), 0);
    shop.order = shop.closed("released");
    await buyer.order("released").waitFor();
    assert.ok(await buyer.button().isEnabled());
  });
});

for (const [language, words] of [
  ["en", /€19\.00 – paid too late – on its way.*€19\.00 – paid twice – done/s],
  ["zh", /€19\.00 – 付款太晚 – 退款中.*€19\.00 – 重复支付 – 已到账/s],
]) {
  test(`Money that goes back is shown with its reason and its end (${language})`, async () => {
    const shop = new ScriptedShop();
    await holding(shop, async (buyer) => {
      const money = { amount_minor: 1900, currency: "EUR" };
      shop.order = shop.closed("released", {
        refunds: [
          { payment_id: "a", ...money, reason: "paid_too_late", settled: false },
          { payment_id: "b", ...money, reason: "paid_by_another", settled: true },
        ],
      });
      await buyer.order("released").waitFor();
      assert.match(await buyer.order("released").locator(".refunds").innerText(), words);
    }, { language });
  });
}

test("Another tab of the same buyer shows the same request, and its click does not double it", async () => {
  const shop = new ScriptedShop();
  await holding(shop, async (buyer) => {
    const first = buyer.page;
    await buyer.openTab();
    await buyer.order("held").waitFor();
    assert.ok(await buyer.button().isDisabled());
    await buyer.act("cancel").click();
    shop.cancel = () => {
      shop.order = shop.closed("cancelled");
      return { json: shop.order };
    };
    await buyer.act("yes").click();
    await first.locator('.order[data-phase="cancelled"]').waitFor();
  });
});
