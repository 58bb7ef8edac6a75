// Opens pages of trustctl report in a browser as people do: light, dark, on a phone, on paper, by the keyboard, without
// scripts. Prints what it saw as JSON; the test judges. Reads its job as JSON from the standard input:
// {chromium: path, pages: [{name, path, pdf: path or null, modes: [name of a mode]}]}
"use strict";

const fs = require("fs");
const {chromium} = require("playwright-core");

const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const WIDE = {width: 1280, height: 900};
const MODES = {
  light: {context: {viewport: WIDE, colorScheme: "light"}},
  dark: {context: {viewport: WIDE, colorScheme: "dark"}},
  phone: {context: {viewport: {width: 360, height: 740}, colorScheme: "light", isMobile: true, hasTouch: true, deviceScaleFactor: 2}},
  paper: {context: {viewport: {width: 720, height: 1000}, colorScheme: "light"}, media: "print"},
};

// All that axe finds, without what it could not decide.
async function whatKeepsPeopleOut(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const found = await window.axe.run(document, {resultTypes: ["violations"]});
    return found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.length} of ${one.nodes[0].html.slice(0, 200)}`);
  });
}

function whatIsThere() {
  const marks = {};
  document.querySelectorAll("[data-chart]").forEach((frame) => {
    const counts = {};
    frame.querySelectorAll("[data-mark]").forEach((mark) => {
      counts[mark.dataset.mark] = (counts[mark.dataset.mark] || 0) + 1;
    });
    marks[frame.dataset.chart] = counts;
  });
  const cut = [];
  document.querySelectorAll("[data-chart] svg").forEach((svg) => {
    const frame = svg.getBoundingClientRect();
    svg.querySelectorAll("text, [data-mark]").forEach((part) => {
      const box = part.getBoundingClientRect();
      if (box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2) {
        cut.push(`${svg.parentNode.dataset.chart}: ${part.textContent.slice(0, 60)}`);
      }
    });
  });
  return {
    marks,
    cut,
    tallest: Math.max(0, ...Array.from(document.querySelectorAll("[data-chart] svg"), (svg) => svg.getBoundingClientRect().height)),
    widthExcess: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    headings: Array.from(document.querySelectorAll("h1, h2, h3, h4, h5, h6"), (heading) => Number(heading.tagName[1])),
    images: document.querySelectorAll("img, iframe, object, embed, link").length,
    hostile: typeof window.hostile,
    closed: document.querySelectorAll("details:not([open])").length,
    background: getComputedStyle(document.body).backgroundColor,
    title: document.title,
  };
}

// Where the key Tab leads, until it leaves the page, and which of these places can be seen to have the focus.
async function whereTabLeads(page) {
  const places = [];
  for (let i = 0; i < 400; i += 1) {
    await page.keyboard.press("Tab");
    const place = await page.evaluate(() => {
      const at = document.activeElement;
      if (at === null || at === document.body) return null;
      const style = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      return {
        tag: at.tagName.toLowerCase(),
        name: at.getAttribute("aria-label") || at.textContent.trim().slice(0, 80),
        seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.right > 0 && box.bottom > 0,
      };
    });
    if (place === null) break;
    places.push(place);
  }
  return places;
}

async function look(browser, job, mode) {
  const context = await browser.newContext(MODES[mode].context);
  const page = await context.newPage();
  const seen = {requests: [], complaints: []};
  page.on("request", (request) => seen.requests.push(request.url().slice(0, 200)));
  page.on("console", (message) => {
    if (message.type() !== "log") seen.complaints.push(message.text());
  });
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  if (MODES[mode].media) await page.emulateMedia({media: MODES[mode].media});
  await page.goto(`file://${job.path}`);
  Object.assign(seen, await page.evaluate(whatIsThere));
  // What is closed is looked at, too.
  await page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
  seen.violations = await whatKeepsPeopleOut(page);
  if (mode === "light") {
    seen.tab = await whereTabLeads(page);
    await page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = false; }));
    if (job.pdf) await page.pdf({path: job.pdf, format: "A4", printBackground: true});
  }
  await context.close();
  return seen;
}

// What is to be read where no script runs.
async function lookWithoutScripts(browser, job) {
  const context = await browser.newContext({viewport: WIDE, javaScriptEnabled: false});
  const page = await context.newPage();
  await page.goto(`file://${job.path}`);
  const seen = {text: await page.locator("body").innerText(), charts: await page.locator("svg").count()};
  await context.close();
  return seen;
}

async function main() {
  const job = JSON.parse(fs.readFileSync(0, "utf8"));
  const browser = await chromium.launch({executablePath: job.chromium, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]});
  const seen = {};
  for (const page of job.pages) {
    seen[page.name] = {};
    for (const mode of page.modes) {
      seen[page.name][mode] = mode === "scriptless" ? await lookWithoutScripts(browser, page) : await look(browser, page, mode);
    }
  }
  await browser.close();
  process.stdout.write(JSON.stringify(seen));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
