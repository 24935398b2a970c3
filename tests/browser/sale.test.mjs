// The whole story on the real stack: Kafka, ledgers, ingests, reaper, gateway, nginx, and people before the page.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { Buyer, launch, until } from "./browser.mjs";

let browser, folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-sale-"));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const LONG = "+3000s";

// Defines a sale of its own for one test, and waits until the page's shop knows it.
async function sell(sku, { slots = [["+0s", LONG, 5]], holdSeconds = 1200, limit = 2 }) {
  const lines = slots.map(([opens, closes, quantity]) => `  - {opens: ${opens}, closes: ${closes}, quantity: ${quantity}}`);
  const terms = ["title: A box of 50 masks", "price_minor: 1900", "currency: EUR", `limit_per_user: ${limit}`, `hold_seconds: ${holdSeconds}`];
  const file = join(folder, `${sku}.yaml`);
  writeFileSync(file, [`sku: ${sku}`, `sale_id: ${sku}`, ...terms, "slots:", ...lines, ""].join("\n"));
  await promisify(execFile)(process.env.SLUICE_TEST_SLUICECTL, ["sale", "apply", file, "--brokers", process.env.SLUICE_TEST_KAFKA]);
}

// Several people before the same sale; each in a browser of their own.
async function people(sku, names, act, options = {}) {
  const there = [];
  try {
    for (const [index, name] of names.entries()) {
      there.push(await Buyer.come(browser, { sku, ...(Array.isArray(options) ? options[index] : options) }));
      await there.at(-1).login(`${name}-${sku}`);
    }
    await act(...there);
  } finally {
    for (const each of there) await each.close();
  }
}

const stockOf = async (buyer) => Number(/\d+/.exec(await buyer.card().locator(".stock").innerText())[0]);

// They mostly wait: for slots, deadlines and verdicts. So all go on at once, each before a sale of its own.
describe("A sale", { concurrency: 6 }, () => {
  test("A buyer waits for the slot, clicks once, pays, and has it", async () => {
    await sell("paid", { slots: [["+30s", LONG, 3]] });
    await people("paid", ["alice"], async (alice) => {
      await alice.saleIs("before");
      assert.ok(await alice.button().isDisabled());
      await alice.picture("real-1-before");
      await alice.saleIs("open");
      await alice.buy();
      assert.ok(await alice.button().isDisabled());
      await alice.order("held").waitFor();
      await alice.picture("real-2-held");
      assert.match(await alice.order("held").locator(".left").innerText(), /^(20:00|19:\d\d)$/);
      await until(async () => (await stockOf(alice)) === 2, "the stock goes down");
      await alice.act("pay").click();
      await alice.order("paid").waitFor();
      await alice.picture("real-3-paid");
      await alice.page.reload();
      await alice.order("paid").waitFor();
    });
  });

  test("What is given back is on sale again (in Chinese, on a phone)", async () => {
    await sell("given-back", { slots: [["+0s", LONG, 1]] });
    await people("given-back", ["lan"], async (lan) => {
      await lan.buy();
      await lan.order("held").waitFor();
      await lan.saleIs("sold_out");
      await lan.act("cancel").click();
      await lan.act("yes").click();
      await lan.order("cancelled").waitFor();
      assert.equal(await lan.order("cancelled").locator("h4").innerText(), "已退回");
      await lan.saleIs("open");
      assert.equal(await stockOf(lan), 1);
      await lan.buy();
      await lan.order("held").waitFor();
    }, { language: "zh", screen: "phone" });
  });

  test("Two buyers and one mask: one gets it and walks away, the other is told when it returns, and buys it", async () => {
    await sell("last-one", { slots: [["+0s", LONG, 1]], holdSeconds: 20 });
    await people("last-one", ["alice", "bob"], async (alice, bob) => {
      await Promise.all([alice, bob].map((each) => until(() => each.button().isEnabled(), "it is on sale")));
      await Promise.all([alice.button().click(), bob.button().click()]);
      const ended = async (buyer, phase) => (await buyer.order(phase).count()) === 1;
      await until(async () => ((await ended(alice, "held")) || (await ended(bob, "held"))) && ((await ended(alice, "refused")) || (await ended(bob, "refused"))), "one of each");
      const [winner, loser] = (await ended(alice, "held")) ? [alice, bob] : [bob, alice];
      assert.match(await loser.order("refused").innerText(), /Sold out before your turn/);
      assert.match(await loser.order("refused").innerText(), /within 20 seconds/);
      await loser.saleIs("sold_out");
      assert.match(await loser.card().locator(".hint").innerText(), /1 unit is reserved and not paid yet/);
      await loser.picture("real-4-sold-out");
      await winner.order("released").waitFor({ timeout: 60_000 });
      await winner.picture("real-5-released");
      await loser.saleIs("open");
      assert.match(await loser.card().locator(".hint").innerText(), /came back/);
      await loser.buy();
      await loser.order("held").waitFor();
      await winner.saleIs("sold_out");
    });
  });

  test("A reload in the middle of a request that reached the shop ends in one order", async () => {
    await sell("reloaded", { slots: [["+0s", LONG, 9]] });
    await people("reloaded", ["alice"], async (alice) => {
      let reached = 0;
      await alice.page.route("**/v1/orders", async (route) => {
        await route.fetch(); // the shop takes it, and the page never hears
        reached += 1;
      });
      await alice.buy();
      await until(() => reached === 1, "the shop has it");
      await alice.page.unrouteAll({ behavior: "ignoreErrors" });
      await alice.page.reload();
      await alice.order("held").waitFor();
      await until(async () => (await stockOf(alice)) < 9, "the stock goes down");
      assert.equal(await stockOf(alice), 8);
      assert.equal((await alice.requests()).length, 1);
    });
  });

  test("The next slot opens by itself and brings new stock to those who wait", async () => {
    await sell("staggered", { slots: [["+0s", "+45s", 1], ["+45s", LONG, 2]] });
    await people("staggered", ["alice", "lan"], async (alice, lan) => {
      await alice.buy();
      await alice.order("held").waitFor();
      await lan.saleIs("sold_out");
      assert.ok(await lan.card().locator(".clock").isVisible());
      await lan.saleIs("open");
      await lan.buy();
      await lan.order("held").waitFor();
    }, [{}, { language: "zh" }]);
  });

  test("Whoever has their share is refused more, also from another browser", async () => {
    await sell("limited", { limit: 1 });
    await people("limited", ["alice"], async (alice) => {
      await alice.buy();
      await alice.order("held").waitFor();
      const elsewhere = await Buyer.come(browser, { sku: "limited" });
      await elsewhere.login("alice-limited");
      await elsewhere.buy();
      await elsewhere.order("refused").waitFor();
      assert.match(await elsewhere.order("refused").innerText(), /more than your share/);
      await elsewhere.close();
    });
  });
});
