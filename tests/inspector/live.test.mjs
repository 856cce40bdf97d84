/** The Live view against a sandbox: fetching, injecting, and the request as a command. */
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
  const complaints = inspector?.complaints.left ?? [];
  await inspector?.close();
  inspector = undefined;
  assert.deepEqual(complaints, [], "nothing was complained of in the page's console");
});

async function live({ operation, session, user, key = apiKey }) {
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

test("the context in the editor is injected", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ tier: "gold", note: "it's fine" });
  await live({ operation: "injectContext", session: "live-1", user: "u-1" });
  await send("Send");
  await outcome().getByText("status 200").waitFor();
  assert.deepEqual((await sandbox.session("live-1")).context, { tier: "gold", note: "it's fine" });
});

test("the request is shown as curl before anything is sent, without the key, and does the same", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ note: "it's fine", tier: "gold" });
  await live({ operation: "injectContext", session: "live/2", user: "u-1" });
  await command().getByText("curl --request POST").waitFor();
  await command().getByText("u-1").waitFor();
  const text = await command().textContent();
  assert.ok(text.includes(`${sandbox.url}/new/v2.0/sessions/live%2F2/context/inject`), text);
  assert.ok(text.includes("$COGNIGY_API_KEY") && !text.includes(apiKey), text);
  assert.ok(!inspector.requests.some((url) => url.startsWith(sandbox.url)), "nothing was sent");
  execFileSync("sh", ["-c", `${text} --silent --show-error --fail`], { env: { ...process.env, COGNIGY_API_KEY: apiKey } });
  assert.deepEqual((await sandbox.session("live/2")).context, { note: "it's fine", tier: "gold" });
});

test("variables are fetched into the editor, as they were answered", async () => {
  inspector = await browser.open();
  await sandbox.seed("live-3", {
    botVariables: [
      { name: "postcode", value: "04109", scope: "user" },
      { name: "_turn", value: "3", scope: "session" },
    ],
  });
  await live({ operation: "getVariables", session: "live-3" });
  await inspector.page.getByLabel("System variables").check();
  await command().getByText("includeSystem=true").waitFor();
  await inspector.verdictOf(() => send("Fetch"));
  const { variables } = JSON.parse(await inspector.text());
  assert.deepEqual(variables.map(({ name, value }) => [name, value]), [["postcode", "04109"], ["_turn", "3"]]);
  await inspector.view("Issues");
  await inspector.page.getByText("Read as an answer of variables").waitFor();
});

test("a payload in the editor is injected", async () => {
  inspector = await browser.open();
  await sandbox.seed("live-4", {});
  await inspector.pasteJson({ variables: [{ key: "tier", value: "gold", scope: "user" }] });
  await live({ operation: "inject", session: "live-4" });
  await send("Send");
  await outcome().getByText("Done").waitFor();
  const { variables } = await sandbox.session("live-4");
  assert.ok(JSON.stringify(variables).includes("gold"), JSON.stringify(variables));
});

test("what would be refused is not sent, and the reason is shown", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ note: "x".repeat(70_000) });
  await live({ operation: "injectContext", session: "live-5", user: "u-1" });
  await send("Send");
  await outcome().getByText("ValidationError").waitFor();
  await command().getByText("No request").waitFor();
  assert.ok(!inspector.requests.some((url) => url.startsWith(sandbox.url)), "nothing was sent");
});

test("a key that is not accepted is told, and is kept nowhere", async () => {
  inspector = await browser.open();
  await inspector.pasteJson({ a: 1 });
  await live({ operation: "injectContext", session: "live-6", user: "u-1", key: "wrong-key" });
  await send("Send");
  await outcome().getByText("AuthenticationError").waitFor();
  // Some browsers say of every 401 that it was one, also when a worker asked.
  inspector.complaints.allow(/401/);
  const kept = await inspector.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
  assert.ok(!kept.includes("wrong-key"), kept);
  await inspector.page.reload();
  await inspector.view("Live");
  assert.equal(await inspector.page.getByLabel("API key").inputValue(), "");
});
