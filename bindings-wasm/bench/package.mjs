/** Rows 11 and 12: what the package weighs, and how fast its script starts in a Code node. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import ivm from "isolated-vm";
import { context } from "./data.mjs";
import { median, tell, time } from "./measuring.mjs";

const file = (name) => readFileSync(createRequire(import.meta.url).resolve(`cognigy-context/${name}`));
const script = file("code-node.js").toString("utf8");
const text = JSON.stringify(context(100));

export function rows() {
  tell({
    row: "11",
    work: "Code-node script, with everything in it",
    reach: "≤ 120,000 characters",
    figure: `${script.length.toLocaleString("en")} characters`,
  });
  codeNode();
  browser();
}

/** In a bare isolate, as a Code node is one. Its time to start counts from the pasted text on. */
function codeNode() {
  const check = `cognigyContext.checkJson(${JSON.stringify(text)}).sizes.jsonBytes`;
  const start = () => {
    const isolate = new ivm.Isolate({ memoryLimit: 256 });
    const host = isolate.createContextSync();
    let bytes;
    const seconds = time(1, () => {
      host.evalSync(script);
      bytes = host.evalSync(check);
    });
    assert.equal(bytes, Buffer.byteLength(text));
    return { isolate, host, seconds };
  };
  const starts = Array.from({ length: 21 }, () => {
    const { isolate, seconds } = start();
    isolate.dispose();
    return seconds;
  });
  tell({
    row: "11b",
    work: "Code-node script in a bare isolate: cold start + first check",
    reach: "≤ 25 ms, as it is deflated",
    figure: `${(1000 * median(starts)).toFixed(1)} ms`,
  });
  const { host } = start();
  host.evalSync(`const text = ${JSON.stringify(text)};`);
  const many = (calls) => `for (let call = 0; call < ${calls}; call++) cognigyContext.checkJson(text);`;
  host.evalSync(many(3000));
  const checks = Array.from({ length: 61 }, () => time(1, () => host.evalSync(many(200))) / 200);
  tell({
    row: "11c",
    work: `Code-node script in a bare isolate: warm check of ${(text.length / 1000).toFixed(1)} kB of JSON text`,
    reach: "≤ 30 µs",
    figure: `${(1e6 * median(checks)).toFixed(1)} µs`,
  });
}

function browser() {
  const script = readFileSync(new URL("./node_modules/cognigy-context/pkg/browser.js", import.meta.url));
  const zipped = (bytes) => gzipSync(bytes, { level: 9 }).length;
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB gzip`;
  const bytes = zipped(script) + zipped(file("cognigy-context.wasm"));
  tell({
    row: "12",
    work: "npm browser build: the rules, with all of its JavaScript",
    reach: "≤ 60 kB gzip",
    figure: `${kilobytes(bytes)} (JavaScript ${kilobytes(zipped(script))})`,
  });
  tell({
    row: "12b",
    work: "npm browser build: the client, loaded when it is used",
    reach: "",
    figure: kilobytes(zipped(file("cognigy-context-client.wasm"))),
  });
  tell({
    row: "12c",
    work: "npm browser build: schemas and context managers, loaded when they are used",
    reach: "≤ 560 kB gzip",
    figure: kilobytes(zipped(file("cognigy-context-documents.wasm"))),
  });
}
