// What a browser makes of `copydesk inspect` and `report`: nothing of the page runs, the keyboard reaches everything, axe finds nothing
// serious; wide and narrow, light and dark, with the script and without. COPYDESK names the program, CHROMIUM the browser,
// REPORT a report, SHOTS a folder for screenshots.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const copydesk = process.env.COPYDESK ?? join(root, "target", "release", "copydesk");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const shots = process.env.SHOTS;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "copydesk-inspect-"));

const rules = join(folder, "rules.toml");
writeFileSync(rules, '[[site]]\nhost = "harbour-post.example"\ntitle = "h1.entry-title"\nbyline = ".no-such"\nbody = ".entry-content"\nremove = ".read-more-inline, .jp-relatedposts"\n');
const fixture = slug => join(root, "fixtures", slug, "page.html");
const large = join(folder, "links.html");
const links = Array.from({ length: 24000 }, (_, n) => `<li class=teaser><a href=/story-${n}>A story about number ${n} and others like it</a></li>`);
const story = "<p>The new bridge over the estuary was opened on Monday after three years of work, the city said.</p>".repeat(3);
writeFileSync(large, `<h1>Bridge opens</h1><article>${story}</article><ul>${links.join("")}</ul>`);

const inputs = {
  article: [fixture("harbour-ferry"), "--url", "https://harbour-post.example/2026/03/night-ferry-returns/"],
  rules: [fixture("harbour-ferry"), "--url", "https://harbour-post.example/2026/03/night-ferry-returns/", "--config", rules],
  arabic: [fixture("marsa-old-port")],
  hostile: [join(here, "hostile.html"), "--url", "https://news.example/<script>alert(1)</script>"],
  large: [large],
};
const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
// It makes itself a new folder for the profile.
const browser = await chromium.launch({ executablePath, args });

let checks = 0;
const check = (held, what) => { assert.ok(held, what); checks += 1; };

async function open(file, { width, scheme, script = true }) {
  const context = await browser.newContext({ javaScriptEnabled: script, viewport: { width, height: 900 }, colorScheme: scheme });
  const page = await context.newPage();
  const seen = { requests: [], dialogs: 0, errors: [] };
  page.on("request", request => seen.requests.push(request.url()));
  page.on("dialog", dialog => { seen.dialogs += 1; return dialog.dismiss(); });
  page.on("pageerror", error => seen.errors.push(String(error)));
  page.on("console", message => { if (message.type() === "error") seen.errors.push(message.text()); });
  const began = Date.now();
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  return { page, seen, took: Date.now() - began, close: () => context.close() };
}

async function accessible(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const grave = violations.filter(v => ["serious", "critical"].includes(v.impact));
  check(grave.length === 0, `${where}: ${JSON.stringify(grave.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html + n.failureSummary)]), null, 1)}`);
  const rest = violations.filter(v => !grave.includes(v)).map(v => v.id);
  if (rest.length) console.log(`  axe, lesser: ${where}: ${rest}`);
}

// A page without any script: that of `copydesk report`, which tests/report.rs leaves behind.
async function still(name, file) {
  for (const width of [1280, 390]) for (const scheme of ["light", "dark"]) {
    const where = `${name}, ${width} px, ${scheme}`;
    const { page, seen, close } = await open(file, { width, scheme });
    check(seen.requests.length === 1 && seen.dialogs === 0 && seen.errors.length === 0, `${where}: ${JSON.stringify(seen)}`);
    check(await page.locator("script").count() === 0, `${where}: a script`);
    check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where}: wider than the window`);
    if (shots) await page.screenshot({ path: join(shots, `${name}-${width}-${scheme}.png`), fullPage: true });
    await accessible(page, where);
    await close();
  }
  console.log(`${name}: good`);
}

try {
  if (process.env.REPORT && existsSync(process.env.REPORT)) await still("report", process.env.REPORT);
  else console.log("-- skipped: no report at REPORT (cargo test --test report leaves one in target/tmp/)");
  for (const [name, input] of Object.entries(inputs)) {
    const file = join(folder, `${name}.html`);
    execFileSync(copydesk, ["inspect", ...input, "-o", file], { stdio: ["ignore", "ignore", "inherit"] });
    for (const width of [1280, 390]) for (const scheme of ["light", "dark"]) {
      const where = `${name}, ${width} px, ${scheme}`;
      const { page, seen, took, close } = await open(file, { width, scheme });
      // Nothing of the page ran or loaded, and our own script may run.
      check((await page.evaluate(() => window.ran)) === undefined, `${where}: a script of the page ran`);
      check(seen.requests.length === 1 && seen.dialogs === 0, `${where}: ${seen.requests}`);
      check(seen.errors.length === 0, `${where}: ${seen.errors}`);
      check(await page.locator(".keys").isVisible(), `${where}: our script ran`);
      check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where}: wider than the window`);
      const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      check((dark === "rgb(246, 245, 241)") === (scheme === "light"), `${where}: ground ${dark}`);
      if (shots) await page.screenshot({ path: join(shots, `${name}-${width}-${scheme}.png`), fullPage: width === 390 && name !== "large" });

      // j reaches each block in turn, folded ones too; k goes back.
      const blocks = await page.locator(".b").count();
      const steps = Math.min(blocks, 150);
      for (let at = 0; at < steps; at += 1) {
        await page.keyboard.press(at % 2 && at > 1 ? "ArrowDown" : "j");
        const id = await page.evaluate(() => document.activeElement.id);
        check(id === `s-${at}`, `${where}: step ${at} leads to ${id}`);
      }
      await page.keyboard.press("k");
      check((await page.evaluate(() => document.activeElement.id)) === `s-${Math.max(steps - 2, 0)}`, `${where}: k`);

      // From a block to its place in the record, and back.
      const block = page.locator(".b[data-part]").first();
      await block.focus();
      const part = await block.getAttribute("data-part");
      check(await page.locator(`#r-${part}.lit`).count() === 1, `${where}: ${part} is lit`);
      await page.keyboard.press("Enter");
      check((await page.evaluate(() => document.activeElement.id)) === `r-${part}`, `${where}: Enter leads to the record`);
      check(await page.locator(".b.lit").count() >= 1, `${where}: its blocks are lit`);
      await page.keyboard.press("Enter");
      check((await page.evaluate(() => document.activeElement.dataset.part)) === part, `${where}: Enter leads back`);

      // Tab alone reaches every block that is not folded.
      if (name === "article") {
        await page.evaluate(() => { for (const fold of document.querySelectorAll("details")) fold.open = true; document.querySelector(".skip").focus(); });
        const reached = new Set();
        for (let press = 0; press < blocks * 4; press += 1) {
          await page.keyboard.press("Tab");
          const id = await page.evaluate(() => document.activeElement.id);
          if (id.startsWith("s-")) reached.add(id);
          if (id.startsWith("r-")) break;
        }
        check(reached.size === blocks, `${where}: Tab reaches ${reached.size} of ${blocks} blocks`);
      }

      // The legend filters.
      const kind = await page.locator(".legend input").first().getAttribute("id");
      await page.locator(".legend input").first().uncheck();
      check(!(await page.locator(`.b.${kind.slice(2)}`).first().isVisible()), `${where}: ${kind} is hidden`);
      await page.locator(".legend input").first().check();

      if (name !== "large") {
        await accessible(page, where);
      } else {
        console.log(`  ${where}: ${Math.round(readFileSync(file).length / 1e5) / 10} MB, loaded in ${took} ms`);
      }
      await close();
    }
    // It can be read, unfolded and filtered with scripts off.
    const { page, close } = await open(file, { width: 1280, scheme: "light", script: false });
    check(await page.locator("#record").isVisible() && !(await page.locator(".keys").isVisible()), `${name}: without scripts`);
    check(await page.locator(".b.body").first().isVisible(), `${name}: without scripts, the text`);
    if (name === "article") {
      await page.locator("#f-body").uncheck();
      check(!(await page.locator(".b.body").first().isVisible()), `${name}: without scripts, the filter`);
      await page.locator(".fold summary").first().click();
      check(await page.locator(".fold .b").first().isVisible(), `${name}: without scripts, a fold`);
    }
    await close();
    console.log(`${name}: good`);
  }
  console.log(`${checks} checks passed`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
