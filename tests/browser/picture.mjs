// Puts two of build/screenshots together to the picture of the READMEs, front/page.png: `node picture.mjs`, after the tests took them.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const tree = new URL("../../", import.meta.url).pathname;
const image = (name) => `data:image/png;base64,${readFileSync(`${tree}build/screenshots/${name}.png`).toString("base64")}`;

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1180, height: 700 } });
await page.setContent(`
  <style>
    body { margin: 0; background: #dfe5e1; }
    img { position: absolute; border-radius: 12px; border: 1px solid #c3cbc6; object-fit: cover; object-position: top; }
    .desktop { left: 32px; top: 32px; width: 900px; height: 600px; }
    .phone { right: 32px; bottom: 28px; width: 276px; height: 590px; border-radius: 22px; }
  </style>
  <img class="desktop" src="${image("held-desktop-en")}">
  <img class="phone" src="${image("sold_out-phone-zh")}">`);
await page.evaluate(() => Promise.all([...document.images].map((shown) => shown.decode())));
await page.screenshot({ path: `${tree}front/page.png` });
await browser.close();
