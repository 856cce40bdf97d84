/** The views Size, Variables and Compare, the examples, the keyboard, and the files that the page loads. */
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
  const pageErrors = inspector?.pageErrors.unexpected ?? [];
  await inspector?.close();
  inspector = undefined;
  assert.deepEqual(pageErrors, [], "the page logged no errors or warnings");
});

/** Locates the items of a list. */
const listed = (name) => inspector.page.getByRole("list", { name }).getByRole("listitem");
/** Locates the table rows of a variable. */
const row = (name) => inspector.page.locator("tbody tr").filter({ has: inspector.page.locator("th code", { hasText: new RegExp(`^${name}$`) }) });

test("shows the body and the context against their limits, and the limits of other policies", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ note: "x".repeat(20_000), tags: ["a"] });
  await inspector.view("Size");
  const limits = listed("Limits that apply");
  await limits.first().waitFor();
  assert.deepEqual((await limits.allTextContents()).map((text) => text.replace(/\s+/g, " ")), [
    "platform body20 kB of 60 kB JSON33 %",
    "platform context40 kB of 64 kB platform63 %",
  ]);
  const otherLimits = (await listed("Limits of the other policies").allTextContents()).join("\n");
  for (const limit of ["1.5 MB", "95 kB", "262 kB", "524 kB", "1.05 MB"]) assert.ok(otherLimits.includes(limit), limit);
  await inspector.page.getByLabel("Policy").selectOption("context");
  await inspector.page.locator(".limit-list:not(.others) code", { hasText: /^context$/ }).waitFor();
  assert.equal(await limits.count(), 1);
});

test("lists the keys that the platform would replace and marks them in the treemap", async () => {
  inspector = await browser.open();
  await inspector.example("Oversized conversation context");
  await inspector.view("Size");
  const replacedKey = inspector.page.locator(".replaced-list button").first();
  await replacedKey.waitFor();
  assert.equal(await replacedKey.textContent(), "/summary");
  const areas = inspector.page.getByRole("group", { name: "Keys by size" });
  await areas.getByRole("button", { name: /^summary .*replaced by the platform$/ }).waitFor();
  await areas.getByRole("button", { name: /^booking / }).click();
  await inspector.waitForSelection(/^"booking"/);
});

test("the treemap shows platform or JSON bytes, and arrow keys move the focus between areas", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ text: "x".repeat(1000), nothing: Array(300).fill(null), more: "y".repeat(400) });
  await inspector.view("Size");
  const areas = inspector.page.getByRole("group", { name: "Keys by size" }).getByRole("button");
  await areas.first().waitFor();
  // A null counts 0 platform bytes and 4 JSON bytes.
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

test("the check counts the existing context of the session", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ note: "x".repeat(10_000) });
  await inspector.view("Size");
  await inspector.page.getByText("Existing context of the session").click();
  await inspector.page.getByLabel("Context as JSON").fill(JSON.stringify({ old: "x".repeat(25_000) }));
  const replacedKey = inspector.page.locator(".replaced-list button").first();
  await replacedKey.waitFor();
  assert.equal(await replacedKey.textContent(), "/note");
  await inspector.view("Issues");
  await inspector.page.getByRole("button", { name: /would_be_replaced/ }).waitFor();
});

test("shows variables raw, lossless and compat, and marks where the modes differ", async () => {
  inspector = await browser.open();
  await inspector.example("Variables response");
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

test("lists the resolved scope of a variable first, then the shadowed scopes", async () => {
  inspector = await browser.open();
  await inspector.example("Variables response");
  await inspector.view("Variables");
  const tier = listed("Scope precedence").filter({ hasText: "tier" }).first();
  await tier.waitFor();
  const steps = tier.getByRole("listitem");
  assert.deepEqual(await steps.allTextContents(), ['user"gold" resolved', 'session"bronze" shadowed', 'global"silver" shadowed']);
  assert.equal(await row("tier").filter({ hasText: "shadowed by user" }).count(), 2);
});

test("hides system variables, and filters variables by name", async () => {
  inspector = await browser.open();
  await inspector.example("Variables response");
  await inspector.view("Variables");
  await row("_turn").waitFor();
  await inspector.page.getByLabel("System variables").uncheck();
  assert.equal(await row("_turn").count(), 0);
  await inspector.page.getByLabel("Filter by name or value").fill("phon");
  assert.deepEqual(await inspector.page.locator("tbody th code").allTextContents(), ["phone"]);
});

test("lists the changes between two contexts, and opens the merged context in the editor", async () => {
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
  await inspector.waitForCheck(() => inspector.page.getByRole("button", { name: "Open in the editor" }).click());
  assert.deepEqual(JSON.parse(await inspector.text()), merged);
});

test("offers more than 300 corpus cases and checks them against their policy", async () => {
  inspector = await browser.open();
  await inspector.page.getByRole("button", { name: "Examples" }).click();
  const count = inspector.page.getByText(/^[\d,]+ corpus cases/);
  await count.waitFor();
  const cases = Number(/^([\d,]+) corpus cases/.exec(await count.textContent())[1].replace(",", ""));
  assert.ok(cases > 300 && cases <= corpus.cases, `${cases} cases`);
  await inspector.page.keyboard.press("Escape");
  await inspector.example("state accepts a letter");
  assert.match(await inspector.page.locator(".summary").textContent(), /checked against “state”: 0 errors, 0 warnings/);
  await inspector.example("injection accepts 262,144 bytes");
  await inspector.page.getByText("checked against “injection”: 0 errors").waitFor();
});

test("the keyboard opens tabs and dialogs and selects issues", async () => {
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
  await inspector.page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
  await inspector.page.keyboard.press("Escape");
  await inspector.page.keyboard.press("Alt+e");
  await inspector.page.getByRole("dialog", { name: "Examples" }).waitFor();
});

test("the theme follows the system until the user chooses a theme, which is stored", async () => {
  inspector = await browser.open({ scheme: "dark" });
  const colour = () => inspector.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await colour();
  await inspector.page.getByRole("button", { name: "Light" }).click();
  assert.notEqual(await colour(), dark);
  await inspector.page.reload();
  await inspector.page.getByRole("button", { name: "Dark" }).click();
  assert.equal(await colour(), dark);
});

test("the files of the first load, with the rules, are at most 256 kB gzipped in total", async () => {
  inspector = await browser.open();
  const files = new Set(inspector.requests.map((url) => new URL(url).pathname.slice(1) || "index.html"));
  assert.ok([...files].some((file) => file.endsWith(".bin")), "the first load includes the rules");
  let sum = 0;
  for (const file of files) sum += gzipSync(readFileSync(new URL(file, built)), { level: 9 }).length;
  assert.ok(sum <= 256_000, `${sum} bytes in ${files.size} files`);
  const all = readdirSync(new URL("assets/", built));
  assert.ok(!all.some((file) => file.includes("documents")), "the build does not contain the module of schemas");
});

test("the page requests only its own files, and its Content Security Policy blocks other requests", async () => {
  inspector = await browser.open();
  await inspector.example("Variables response");
  for (const name of ["Size", "Variables", "Compare", "Live", "Issues"]) {
    await inspector.view(name);
    await inspector.page.locator(`.panel > .${name.toLowerCase()}`).waitFor();
  }
  const own = new URL(browser.url).origin;
  assert.deepEqual(inspector.requests.filter((url) => new URL(url).origin !== own), []);
  const blocked = await inspector.page.evaluate(() => fetch("https://example.org/").then(() => false, () => true));
  assert.equal(blocked, true);
  await inspector.pageErrors.expect(/Content Security Policy/);
  inspector.pageErrors.allow(/Content Security Policy|Fetch API/);
});
