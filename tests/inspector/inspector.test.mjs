/** The editor and the Issues view: detection of the kind of document, issues and their ranges. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { start } from "./support/page.mjs";

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

const summary = () => inspector.page.locator(".summary").textContent();

test("detects a context and checks it against the platform policy", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ "customer.tier": "gold", lastTopic: "x", open: 2 });
  assert.match(await summary(), /Read as a context, checked against “platform”: 0 errors, 2 warnings/);
  assert.deepEqual(await inspector.codes(), ["unreadable_key", "platform_key"]);
});

test("detects an injection payload and reports names, scopes, times and duplicates", async () => {
  inspector = await browser.open();
  await inspector.example("Injection payload with errors");
  assert.match(await summary(), /Read as an injection payload, checked against “injection”/);
  const codes = await inspector.codes();
  for (const code of ["invalid_name", "expired", "duplicate_variable", "invalid_scope", "invalid_timestamp"]) {
    assert.ok(codes.includes(code), code);
  }
});

test("detects a dialog-state update", async () => {
  inspector = await browser.open();
  await inspector.example("Dialog-state update with errors");
  assert.match(await summary(), /Read as a dialog-state update, checked against “state”/);
  const codes = await inspector.codes();
  for (const code of ["invalid_name", "null_value", "reserved_prefix"]) assert.ok(codes.includes(code), code);
});

test("detects a variables response", async () => {
  inspector = await browser.open();
  await inspector.example("Variables response");
  assert.match(await summary(), /Read as a variables response/);
  assert.deepEqual(await inspector.codes(), ["coercion_failed"]);
});

test("checks the context of an inject request", async () => {
  inspector = await browser.open();
  await inspector.paste('{"userId": "u-1", "context": {"a.b": 1}}');
  assert.deepEqual(await inspector.codes(), ["unreadable_key"]);
  assert.equal(await inspector.page.locator(".issue .path").textContent(), "/context/a.b");
});

test("the user can select the policy and the kind of document", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ "first name": null });
  assert.deepEqual(await inspector.codes(), []);
  await inspector.page.getByLabel("Policy").selectOption("state");
  await inspector.page.getByText("checked against “state”").waitFor();
  assert.deepEqual((await inspector.codes()).sort(), ["invalid_name", "null_value"]);
  await inspector.page.getByLabel("Policy").selectOption("auto");
  await inspector.page.getByLabel("Read as").selectOption("state");
  await inspector.page.getByText("Read as a dialog-state update").waitFor();
  assert.deepEqual(await inspector.codes(), ["empty_update"]);
});

test("checks a payload against the selected policy and reports paths in the payload", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ variables: [{ key: "fine", value: 1 }, { key: "not-readable", value: 2 }] });
  assert.deepEqual(await inspector.codes(), []);
  await inspector.page.getByLabel("Policy").selectOption("platform");
  await inspector.page.getByText("checked against “platform”").waitFor();
  assert.deepEqual(await inspector.codes(), ["unreadable_key"]);
  assert.equal(await inspector.page.locator(".issue .path").textContent(), "/variables/1");
});

test("underlines an issue, shows its hint, and selects its range on click", async () => {
  inspector = await browser.open();
  await inspector.paste(`{"filler": [${"0,\n".repeat(300)}0], "deep": {"list": [1, {"id": 9007199254740993}]}}`);
  const issue = inspector.page.getByRole("button", { name: /unsafe_integer/ });
  assert.match(await issue.textContent(), /\/deep\/list\/1\/id/);
  assert.match(await issue.textContent(), /Send it as a string/);
  await issue.click();
  const underline = inspector.page.locator(".document .issue-range.error");
  await underline.first().waitFor();
  assert.equal((await underline.allTextContents()).join(""), '"id": 9007199254740993');
  assert.equal(await inspector.selected(), '"id": 9007199254740993');
});

test("shows the size and the limit of an issue once", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ note: "x".repeat(70_000) });
  const text = await inspector.page.getByRole("button", { name: /payload_too_large/ }).textContent();
  assert.deepEqual(text.match(/[\d,]{6,}/g), ["70,011", "60,000"]);
});

test("selects the position of a JSON syntax error on click", async () => {
  inspector = await browser.open();
  await inspector.paste('{\n  "a": 1,\n  "b" 2\n}');
  assert.deepEqual(await inspector.codes(), ["invalid_json"]);
  await inspector.page.getByRole("button", { name: /invalid_json/ }).click();
  assert.equal(await inspector.selected(), "2");
});

test("reports duplicate keys, which JSON.parse would hide", async () => {
  inspector = await browser.open();
  for (const text of ['{"a": 1, "a": 2}', '{"session": {"a": 1, "a": 2}}']) {
    await inspector.paste(text);
    assert.deepEqual(await inspector.codes(), ["duplicate_key"]);
  }
});

test("reports a ProtocolError with the path for an invalid variables response", async () => {
  inspector = await browser.open();
  await inspector.paste('{"variables": [{"name": "a", "value": "1"}]}');
  assert.deepEqual(await inspector.codes(), ["ProtocolError"]);
  assert.equal(await inspector.page.locator(".issue .path").textContent(), "/variables/0/scope");
});

test("opens a file that is dropped outside the editor", async () => {
  inspector = await browser.open();
  await inspector.waitForCheck(() =>
    inspector.page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['{"a.b": 1}'], "context.json", { type: "application/json" }));
      document.querySelector(".panel").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
    }),
  );
  assert.deepEqual(await inspector.codes(), ["unreadable_key"]);
  assert.equal(await inspector.text(), '{"a.b": 1}');
});

test("checks text while the user types", async () => {
  inspector = await browser.open();
  await inspector.editor.focus();
  await inspector.page.keyboard.type('{"a.b": 1}');
  await inspector.page.getByRole("button", { name: /unreadable_key/ }).waitFor();
});

test("shows the time from a paste of 60 kB until the display of its issues", async () => {
  inspector = await browser.open();
  const text = JSON.stringify({ "a.b": "x".repeat(59_980) });
  await inspector.paste(text);
  assert.match(await inspector.page.locator(".status").textContent(), /^60 kB: issues shown [\d.]+ ms after the paste; check [\d.]+ ms\.$/);
  assert.deepEqual(await inspector.codes(), ["unreadable_key", "would_be_replaced", "context_too_large"]);
});

test("the page stays responsive while the worker checks 1 MB", async () => {
  inspector = await browser.open();
  const rows = Array.from({ length: 12_000 }, (_, id) => ({ id, "na me": `customer number ${id}`, score: id / 7, tags: ["a", "b"] }));
  const text = JSON.stringify({ rows }, null, 1);
  assert.ok(text.length > 1_000_000);
  await inspector.paste(text);
  assert.ok((await inspector.codes()).includes("payload_too_large"));
  // The page responds to clicks on tabs while the worker checks the text against another policy.
  await inspector.page.getByLabel("Policy").selectOption("platform_app");
  await inspector.view("Size");
  await inspector.page.getByRole("heading", { name: "Limits" }).waitFor();
  await inspector.view("Issues");
  await inspector.page.getByText("checked against “platform_app”").waitFor();
});

test("checks 30,000 rows, about 1 MB, on one line", async () => {
  inspector = await browser.open();
  await inspector.paste(JSON.stringify({ rows: Array.from({ length: 30_000 }, (_, id) => ({ id, name: `customer ${id}` })) }));
  assert.ok((await inspector.codes()).includes("payload_too_large"));
});

test("formats JSON, then puts it on one line, and keeps the spelling of numbers", async () => {
  inspector = await browser.open();
  await inspector.paste('{"a": 1.50, "b": [9007199254740993, {}], "c": {}}');
  await inspector.waitForCheck(() => inspector.page.keyboard.press("Alt+Shift+F"));
  assert.equal(await inspector.text(), '{\n  "a": 1.50,\n  "b": [\n    9007199254740993,\n    {}\n  ],\n  "c": {}\n}');
  await inspector.waitForCheck(() => inspector.page.getByRole("button", { name: "Format" }).click());
  assert.equal(await inspector.text(), '{"a":1.50,"b":[9007199254740993,{}],"c":{}}');
});

test("the key bindings of the editor work in a document of 400 lines, of which few are displayed", async () => {
  inspector = await browser.open();
  const { keyboard } = inspector.page;
  const lines = `{\n${Array.from({ length: 400 }, (_, line) => `  "k${line}": ${line}`).join(",\n")}\n}`;
  await inspector.paste(lines);
  await keyboard.press("Control+End");
  await keyboard.press("ArrowUp");
  await keyboard.press("End");
  await keyboard.type(",");
  await keyboard.press("Enter");
  await keyboard.type('"last": 12');
  await keyboard.press("Backspace");
  await keyboard.press("Control+Home");
  await keyboard.press("Delete");
  await keyboard.type("{");
  await keyboard.press("PageDown");
  await keyboard.press("Control+ArrowRight");
  const changed = lines.replace(/\n}$/, ',\n  "last": 1\n}');
  assert.equal(await inspector.text(), changed);
  await inspector.paste("[]");
  await keyboard.press("Control+z");
  assert.equal(await inspector.text(), changed);
});
