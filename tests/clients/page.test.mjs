// The page, in a headless Chromium: a book is dropped, read and asked; with the keyboard alone; on a phone; in the dark.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { chromium } from "playwright-core";

const server = process.env.AHN_SERVER, executablePath = process.env.AHN_CHROMIUM, pictures = process.env.AHN_PICTURES;
// Longer than what the demo model holds exactly (512 tokens), so that the answer is looked up in the archive.
const novel = readFileSync(new URL("../../gguf/dracula.txt", import.meta.url), "utf8");
const book = { name: "rome.txt", mimeType: "text/plain", buffer: Buffer.from(
  `${novel.slice(2000, 5000)}\n\nThe code of Rome is 1893.\n\n${novel.slice(5000, 14000)}\n`) };

describe("page", { skip: executablePath ? false : "there is no Chromium here" }, () => {
  let browser;
  before(async () => {
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
    if (pictures) mkdirSync(pictures, { recursive: true });
  });
  after(() => browser?.close());

  async function open(options) {
    const context = await browser.newContext(options), page = await context.newPage(), wrong = [];
    page.on("pageerror", error => wrong.push(error.message));
    page.on("console", message => { if (message.type() === "error") wrong.push(message.text()); });
    page.on("request", request => { if (!request.url().startsWith(server)) wrong.push(`asks ${request.url()}`); });
    page.on("dialog", dialog => dialog.accept());
    await page.goto(server);
    await page.waitForSelector("#model option", { state: "attached" });
    return { page, wrong, close: () => context.close() };
  }

  const picture = (page, name) => pictures ? page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true }) : null;

  it("reads a book and answers from it", async () => {
    const { page, wrong, close } = await open({ viewport: { width: 1200, height: 800 } });
    await page.setInputFiles("#file", book);
    await page.waitForSelector("#list input:checked", { timeout: 60_000 });
    await picture(page, "read");
    await page.fill("#question", "What is the code of Rome?");
    await page.press("#question", "Enter");
    await page.waitForFunction(() => /1893/.test(document.querySelector(".turn.assistant")?.textContent ?? ""), null, { timeout: 60_000 });
    await page.waitForSelector("#send:not([disabled])");
    await picture(page, "answered");
    await page.click(".sources button");
    await page.waitForFunction(() => (document.querySelector("#text")?.textContent.length ?? 0) > 1000);
    assert.match(await page.textContent("#text mark"), /1893/);
    await picture(page, "passage");
    await page.getByRole("button", { name: "Delete rome.txt" }).click();
    await page.waitForFunction(() => !document.querySelector("#list li"));
    assert.deepEqual(wrong, []);
    await close();
  });

  it("is used with the keyboard alone", async () => {
    const { page, wrong, close } = await open({ viewport: { width: 1000, height: 700 } });
    const seen = [];
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press("Tab");
      seen.push(await page.evaluate(() => document.activeElement.id || document.activeElement.className));
    }
    for (const id of ["skip", "model", "file", "question", "send", "fresh"]) assert.ok(seen.includes(id), `${id} in ${seen}`);
    await page.focus("#question");
    await page.keyboard.type("Who was Vlad?");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector(".turn.assistant span")?.textContent, null, { timeout: 60_000 });
    await page.keyboard.press("Escape"); // the demo model goes on and on
    await page.waitForSelector(".turn.assistant:not(.busy)");
    assert.match(await page.textContent(".turn.assistant"), /Stopped\./);
    assert.equal(await page.evaluate(() => document.activeElement.id), "question");
    assert.deepEqual(wrong, []);
    await close();
  });

  it("names every control for a screen reader", async () => {
    const { page, close } = await open({});
    const unnamed = await page.$$eval("button, input, select, textarea, [role]", all => all.filter(one => !one.hidden && !(one.getAttribute("aria-label")
      || one.getAttribute("aria-labelledby") || one.labels?.length || one.textContent.trim() || one.getAttribute("role") === "status")).map(one => one.outerHTML));
    assert.deepEqual(unnamed, []);
    assert.equal(await page.getAttribute("html", "lang"), "en");
    assert.equal(await page.$$eval("h1", all => all.length), 1);
    await close();
  });

  for (const [name, options] of Object.entries({
    phone: { viewport: { width: 375, height: 720 }, isMobile: true, hasTouch: true },
    dark: { viewport: { width: 1200, height: 800 }, colorScheme: "dark" },
  })) {
    it(`fits ${name}`, async () => {
      const { page, wrong, close } = await open(options);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), "it scrolls sideways");
      await picture(page, name);
      assert.deepEqual(wrong, []);
      await close();
    });
  }
});
