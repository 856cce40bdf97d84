/** The views beside the issues: size, variables, comparison, examples; and what the page loads. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { start } from "./support/page.mjs";

const built = new URL("../../tools/inspector/dist/", import.meta.url);
const corpus = JSON.parse(readFileSync(new URL("../corpus/index.json", import.meta.url), "utf8"));

let browser;
let inspector;

before(async () => {
  browser = await start();
});

after(async () => {
  await browser?.stop();
});

afterEach(async () => {
  const complaints = inspector?.complaints.left ?? [];
  await inspector?.close();
  inspector = undefined;
  assert.deepEqual(complaints, [], "nothing was complained of in the page's console");
});

const listed = (name) => inspector.page.getByRole("list", { name }).getByRole("listitem");
const row = (name) => inspector.page.locator("tbody tr").filter({ has: inspector.page.locator("th code", { hasText: new RegExp(`^${name}$`) }) });

test("both sizes stand as bars against every limit that applies", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ note: "x".repeat(20_000), tags: ["a"] });
  await inspector.view("Size");
  const bars = listed("Limits that apply");
  await bars.first().waitFor();
  assert.deepEqual((await bars.allTextContents()).map((text) => text.replace(/\s+/g, " ")), [
    "platform body20 kB of 60 kB JSON33 %",
    "platform context40 kB of 64 kB platform63 %",
  ]);
  const elsewhere = (await listed("Limits of the other policies").allTextContents()).join("\n");
  for (const limit of ["1.5 MB", "95 kB", "262 kB", "524 kB", "1.05 MB"]) assert.ok(elsewhere.includes(limit), limit);
  await inspector.page.getByLabel("Policy").selectOption("context");
  await inspector.page.locator(".bar-list:not(.others) code", { hasText: /^context$/ }).waitFor();
  assert.equal(await bars.count(), 1);
});

test("what the platform would cut is named and marked in the treemap, and leads to its place", async () => {
  inspector = await browser.open();
  await inspector.example("A conversation that grew too long");
  await inspector.view("Size");
  const cut = inspector.page.locator(".cut-list button").first();
  await cut.waitFor();
  assert.equal(await cut.textContent(), "/summary");
  const areas = inspector.page.getByRole("group", { name: "Keys by the room they take" });
  await areas.getByRole("button", { name: /^summary .*cut by the platform$/ }).waitFor();
  await areas.getByRole("button", { name: /^booking / }).click();
  await inspector.waitForSelection(/^"booking"/);
});

test("the treemap shows either measure, and arrows go from area to area", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ text: "x".repeat(1000), nothing: Array(300).fill(null), more: "y".repeat(400) });
  await inspector.view("Size");
  const areas = inspector.page.getByRole("group", { name: "Keys by the room they take" }).getByRole("button");
  await areas.first().waitFor();
  // In the platform's count nulls weigh nothing, as JSON they do.
  const named = (name) => inspector.page.getByRole("button", { name });
  assert.match(await areas.first().textContent(), /^text 2.01 kB/);
  await named(/^nothing 14 B$/).waitFor();
  await inspector.page.getByLabel("Area by").selectOption("json");
  await named(/^nothing 1.51 kB/).waitFor();
  await areas.first().focus();
  await inspector.page.keyboard.press("ArrowRight");
  assert.equal(await areas.nth(1).evaluate((area) => area === document.activeElement), true);
  assert.deepEqual(await areas.evaluateAll((all) => all.filter((area) => area.tabIndex === 0).length), 1);
});

test("what the session holds already counts", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ note: "x".repeat(10_000) });
  await inspector.view("Size");
  await inspector.page.getByText("What the session holds already").click();
  await inspector.page.getByLabel("Context as JSON").fill(JSON.stringify({ old: "x".repeat(25_000) }));
  const cut = inspector.page.locator(".cut-list button").first();
  await cut.waitFor();
  assert.equal(await cut.textContent(), "/note");
  await inspector.view("Issues");
  await inspector.page.getByRole("button", { name: /would_be_replaced/ }).waitFor();
});

test("variables stand raw, lossless and compat, and differences are marked", async () => {
  inspector = await browser.open();
  await inspector.example("An answer of variables");
  await inspector.view("Variables");
  const cells = async (name) => (await row(name).first().locator("td").allTextContents()).map((text) => text.trim());
  await row("visits").waitFor();
  assert.deepEqual(await cells("visits"), ["user", '"42"', "42integer", "42integer"]);
  assert.deepEqual(await cells("postcode"), ["user", '"04109"', '"04109"', "4109integer≠ differs"]);
  assert.deepEqual(await cells("age"), ["user", '"unknown"', '"unknown"coercion_failed', '"unknown"coercion_failed']);
  await inspector.page.getByLabel("Only where the modes differ").check();
  assert.equal(await row("visits").count(), 0);
  assert.deepEqual(await inspector.page.locator("tbody th code").allTextContents(), ["postcode", "phone", "amount", "factor"]);
});

test("the scope ladder names the winner first, and those it hides", async () => {
  inspector = await browser.open();
  await inspector.example("An answer of variables");
  await inspector.view("Variables");
  const tier = listed("Scope ladder").filter({ hasText: "tier" }).first();
  await tier.waitFor();
  const steps = tier.getByRole("listitem");
  assert.deepEqual(await steps.allTextContents(), ['user"gold" counts', 'session"bronze" hidden', 'global"silver" hidden']);
  assert.equal(await row("tier").filter({ hasText: "hidden by user" }).count(), 2);
});

test("system variables can be filtered out, and names searched for", async () => {
  inspector = await browser.open();
  await inspector.example("An answer of variables");
  await inspector.view("Variables");
  await row("_turn").waitFor();
  await inspector.page.getByLabel("System variables").uncheck();
  assert.equal(await row("_turn").count(), 0);
  await inspector.page.getByLabel("Filter by name or value").fill("phon");
  assert.deepEqual(await inspector.page.locator("tbody th code").allTextContents(), ["phone"]);
});

test("two contexts are compared: added, removed, changed, and merged", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ user: { tier: "silver", tags: [1, 2] }, gone: true });
  await inspector.view("Compare");
  const other = inspector.page.getByRole("textbox", { name: "The other document" });
  await inspector.pasteInto(other, JSON.stringify({ user: { tier: "gold", tags: [1] }, fresh: null }));
  const changes = listed("Changes");
  await changes.first().waitFor();
  assert.equal(await inspector.page.locator(".counts").textContent(), "1 added2 removed1 changed");
  assert.deepEqual(await changes.locator(".path").allTextContents(), ["/user/tier", "/user/tags/1", "/gone", "/fresh"]);
  const merged = JSON.parse(await inspector.page.getByLabel("The merged document").textContent());
  assert.deepEqual(merged, { user: { tier: "gold", tags: [1] }, gone: true, fresh: null });
  await inspector.verdictOf(() => inspector.page.getByRole("button", { name: "Open in the editor" }).click());
  assert.deepEqual(JSON.parse(await inspector.text()), merged);
});

test("every case of the corpus that is JSON can be loaded", async () => {
  inspector = await browser.open();
  await inspector.page.getByRole("button", { name: "Examples" }).click();
  const told = inspector.page.getByText(/^[\d,]+ cases of the corpus/);
  await told.waitFor();
  const cases = Number(/^([\d,]+) cases/.exec(await told.textContent())[1].replace(",", ""));
  assert.ok(cases > 300 && cases <= corpus.cases, `${cases} cases`);
  await inspector.page.keyboard.press("Escape");
  await inspector.example("state takes a letter");
  assert.match(await inspector.page.locator(".summary").textContent(), /held against “state”: 0 errors, 0 warnings/);
  await inspector.example("injection takes 262,144 bytes");
  await inspector.page.getByText("held against “injection”: 0 errors").waitFor();
});

test("the keyboard reaches everything", async () => {
  inspector = await browser.open();
  await inspector.paste('{"a.b": 1, "c-d": 2}');
  const selectedTab = () => inspector.page.locator('[role="tab"][aria-selected="true"]').textContent();
  for (const [key, name] of [["3", "Variables"], ["2", "Size"], ["4", "Compare"], ["5", "Live"], ["1", "Issues2"]]) {
    await inspector.page.keyboard.press(`Alt+${key}`);
    assert.equal(await selectedTab(), name);
  }
  await inspector.page.getByRole("tab", { name: "Issues" }).focus();
  await inspector.page.keyboard.press("ArrowLeft");
  assert.equal(await selectedTab(), "Live");
  await inspector.page.keyboard.press("Home");
  assert.equal(await selectedTab(), "Issues2");
  for (const place of ['"a.b": 1', '"c-d": 2', '"a.b": 1']) {
    await inspector.page.keyboard.press("F8");
    assert.equal(await inspector.selected(), place);
  }
  await inspector.page.keyboard.press("Shift+F8");
  assert.equal(await inspector.selected(), '"c-d": 2');
  await inspector.page.getByRole("tab", { name: "Issues" }).focus();
  await inspector.page.keyboard.press("?");
  await inspector.page.getByRole("dialog", { name: "Keys" }).waitFor();
  await inspector.page.keyboard.press("Escape");
  await inspector.page.keyboard.press("Alt+e");
  await inspector.page.getByRole("dialog", { name: "Examples" }).waitFor();
});

test("dark and light follow the system until somebody chooses, which is kept", async () => {
  inspector = await browser.open({ scheme: "dark" });
  const colour = () => inspector.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await colour();
  await inspector.page.getByRole("button", { name: "Light" }).click();
  assert.notEqual(await colour(), dark);
  await inspector.page.reload();
  await inspector.page.getByRole("button", { name: "Dark" }).click();
  assert.equal(await colour(), dark);
});

test("the first load is at most 250 kB, gzipped, the rules and the editor with it", async () => {
  inspector = await browser.open();
  const files = new Set(inspector.requests.map((url) => new URL(url).pathname.slice(1) || "index.html"));
  assert.ok([...files].some((file) => file.endsWith(".bin")), "the rules are among them");
  let sum = 0;
  for (const file of files) sum += gzipSync(readFileSync(new URL(file, built)), { level: 9 }).length;
  assert.ok(sum <= 250_000, `${sum} bytes in ${files.size} files`);
  const all = readdirSync(new URL("assets/", built));
  assert.ok(!all.some((file) => file.includes("documents")), "the part for schemas is not shipped");
});

test("the page asks for nothing but its own files, and is not allowed to", async () => {
  inspector = await browser.open();
  await inspector.example("An answer of variables");
  for (const name of ["Size", "Variables", "Compare", "Live", "Issues"]) {
    await inspector.view(name);
    await inspector.page.locator(`.panel > .${name.toLowerCase()}`).waitFor();
  }
  const own = new URL(browser.url).origin;
  assert.deepEqual(inspector.requests.filter((url) => new URL(url).origin !== own), []);
  const refused = await inspector.page.evaluate(() => fetch("https://example.org/").then(() => false, () => true));
  assert.equal(refused, true);
  await inspector.complaints.take(/Content Security Policy/);
  inspector.complaints.allow(/Content Security Policy|Fetch API/);
});
