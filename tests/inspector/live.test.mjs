/** The Live view against a sandbox: injections, fetched variables, the curl command, and errors. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, afterEach, before, test } from "node:test";
import { apiKey, startSandbox } from "../node/support/sandbox.mjs";
import { start } from "./support/page.mjs";

let browser;
let sandbox;
let inspector;

before(async () => {
  [browser, sandbox] = await Promise.all([start(), startSandbox()]);
});

after(async () => {
  await browser?.stop();
  await sandbox?.stop();
});

afterEach(async () => {
  const pageErrors = inspector?.pageErrors.unexpected ?? [];
  await inspector?.close();
  inspector = undefined;
  assert.deepEqual(pageErrors, [], "the page logged no errors or warnings");
});

/** Opens the Live view and fills its form. `key` is the API key; without `user` the user id stays empty. */
async function fillForm({ operation, session, user, key = apiKey }) {
  await inspector.view("Live");
  const { page } = inspector;
  await page.getByLabel("Operation").selectOption(operation);
  await page.getByLabel("Base URL").fill(sandbox.url);
  await page.getByLabel("API key").fill(key);
  await page.getByLabel("Session id").fill(session);
  if (user !== undefined) await page.getByLabel("User id").fill(user);
}

const command = () => inspector.page.getByLabel("The request as a curl command");
const outcome = () => inspector.page.locator(".outcome");
const send = (name) => inspector.page.getByRole("button", { name, exact: true }).click();

test("injects the context in the editor", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ tier: "gold", note: "it's fine" });
  await fillForm({ operation: "injectContext", session: "live-1", user: "u-1" });
  await send("Send");
  await outcome().getByText("status 200").waitFor();
  assert.deepEqual((await sandbox.session("live-1")).context, { tier: "gold", note: "it's fine" });
});

test("shows an equivalent curl command without the API key, and sends no request by itself", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ note: "it's fine", tier: "gold" });
  await fillForm({ operation: "injectContext", session: "live/2", user: "u-1" });
  await command().getByText("curl --request POST").waitFor();
  await command().getByText("u-1").waitFor();
  const text = await command().textContent();
  assert.ok(text.includes(`${sandbox.url}/new/v2.0/sessions/live%2F2/context/inject`), text);
  assert.ok(text.includes("$COGNIGY_API_KEY") && !text.includes(apiKey), text);
  assert.ok(!inspector.requests.some((url) => url.startsWith(sandbox.url)), "nothing was sent");
  execFileSync("sh", ["-c", `${text} --silent --show-error --fail`], { env: { ...process.env, COGNIGY_API_KEY: apiKey } });
  assert.deepEqual((await sandbox.session("live/2")).context, { note: "it's fine", tier: "gold" });
});

test("loads fetched variables into the editor unchanged", async () => {
  inspector = await browser.open();
  await sandbox.seed("live-3", {
    botVariables: [
      { name: "postcode", value: "04109", scope: "user" },
      { name: "_turn", value: "3", scope: "session" },
    ],
  });
  await fillForm({ operation: "getVariables", session: "live-3" });
  await inspector.page.getByLabel("System variables").check();
  await command().getByText("includeSystem=true").waitFor();
  await inspector.waitForCheck(() => send("Fetch"));
  const { variables } = JSON.parse(await inspector.text());
  assert.deepEqual(variables.map(({ name, value }) => [name, value]), [["postcode", "04109"], ["_turn", "3"]]);
  await inspector.view("Issues");
  await inspector.page.getByText("Read as a variables response").waitFor();
});

test("injects the payload in the editor", async () => {
  inspector = await browser.open();
  await sandbox.seed("live-4", {});
  await inspector.pasteJson({ variables: [{ key: "tier", value: "gold", scope: "user" }] });
  await fillForm({ operation: "inject", session: "live-4" });
  await send("Send");
  await outcome().getByText("Done").waitFor();
  const { variables } = await sandbox.session("live-4");
  assert.ok(JSON.stringify(variables).includes("gold"), JSON.stringify(variables));
});

test("shows the ValidationError of an invalid context and does not send it", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ note: "x".repeat(70_000) });
  await fillForm({ operation: "injectContext", session: "live-5", user: "u-1" });
  await send("Send");
  await outcome().getByText("ValidationError").waitFor();
  await command().getByText("No request").waitFor();
  assert.ok(!inspector.requests.some((url) => url.startsWith(sandbox.url)), "nothing was sent");
});

test("shows an AuthenticationError for a rejected API key and does not store the key", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ a: 1 });
  await fillForm({ operation: "injectContext", session: "live-6", user: "u-1", key: "wrong-key" });
  await send("Send");
  await outcome().getByText("AuthenticationError").waitFor();
  // Some browsers log every 401, including those of a worker.
  inspector.pageErrors.allow(/401/);
  const stored = await inspector.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
  assert.ok(!stored.includes("wrong-key"), stored);
  await inspector.page.reload();
  await inspector.view("Live");
  assert.equal(await inspector.page.getByLabel("API key").inputValue(), "");
});
