/**
 * Every `js` block in a section of bindings-wasm/README.md runs as a separate program against a sandbox, and an
 * expression with a value in its comment has that value.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { project, writeScript } from "./support/project.mjs";
import { apiKey, startSandbox } from "./support/sandbox.mjs";

const readme = readFileSync(new URL("../../bindings-wasm/README.md", import.meta.url), "utf8");

/** The globals of a Code node, for blocks that import nothing. */
const CODE_NODE = `
  import * as cognigyContext from "cognigy-context";
  const context = {};
  const api = { addToContext() {}, log() {} };
`;

/** A line with an expression and its value in a comment: `coerce("42"); // 42`. */
const EXPECTATION =
  /^(.+); \/\/ ("[^"]*"|'[^']*'|true|false|\d+|\{ \w+: [^…\n]*\}(?=$))(?:$|[:,;] .*$)/gm;

let sandbox;

before(async () => {
  sandbox = await startSandbox("--create-sessions");
});

after(() => sandbox?.stop());

for (const section of readme.split(/^## /m).slice(1)) {
  const heading = section.slice(0, section.indexOf("\n"));
  const blocks = [...section.matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, code]) => code);
  blocks.forEach((code, index) => {
    test(`${heading}: block ${index + 1} runs`, () => {
      const asserted = code.replace(EXPECTATION, "assert.deepEqual($1, $2);");
      const program = writeScript(
        `import assert from "node:assert/strict";\n${code.includes("import ") ? "" : CODE_NODE}${asserted}`,
      );
      const { status, stderr } = spawnSync(process.execPath, [program], {
        cwd: project,
        encoding: "utf8",
        env: { ...process.env, COGNIGY_BASE_URL: sandbox.url, COGNIGY_API_KEY: apiKey, NODE_NO_WARNINGS: "1" },
        timeout: 60_000,
      });
      assert.equal(stderr, "");
      assert.equal(status, 0);
    });
  });
}
