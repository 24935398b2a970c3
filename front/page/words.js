// Which language the page speaks: the one that was chosen, else the first of the browser's that it knows.
import { words as en } from "./words_en.js";
import { words as zh } from "./words_zh.js";

const PLACE = "sluice.language";
const KNOWN = { en, zh };

export class Language {
  constructor(storage) {
    this.storage = storage;
    let chosen = null;
    try {
      chosen = storage?.getItem(PLACE);
    } catch {
      // The browser's own language then.
    }
    const wished = [chosen, ...navigator.languages].map((tag) => String(tag ?? "").split("-")[0]);
    this.name = wished.find((name) => name in KNOWN) ?? "en";
  }

  get words() {
    return KNOWN[this.name];
  }

  // As it stands in lang="…" and for numbers and times.
  get tag() {
    return this.name === "zh" ? "zh-CN" : "en-GB";
  }

  get other() {
    return this.name === "zh" ? "en" : "zh";
  }

  switch() {
    this.name = this.other;
    try {
      this.storage?.setItem(PLACE, this.name);
    } catch {
      // It lasts until the page is closed then.
    }
  }
}
