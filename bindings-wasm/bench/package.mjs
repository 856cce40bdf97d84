/** Rows 11 to 12c: the size of the package, and the speed of its script in a Code node. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import ivm from "isolated-vm";
import { createContext } from "./data.mjs";
import { median, printRow, time } from "./measure.mjs";

const MEMORY_LIMIT_MB = 256;
const { resolve } = createRequire(import.meta.url);
const readPackageFile = (name) => readFileSync(resolve(`cognigy-context/${name}`));
const script = readPackageFile("code-node.js").toString("utf8");
const text = JSON.stringify(createContext(100));

export function rows() {
  printRow({
    row: "11",
    work: "Code-node script, with everything in it",
    reach: "≤ 120,000 characters",
    figure: `${script.length.toLocaleString("en")} characters`,
  });
  measureCodeNode();
  measureBrowserBuild();
}

/**
 * Measures the start and a warm check of the script in a bare V8 isolate, like a Code node. The start time
 * includes parsing the pasted text.
 */
function measureCodeNode() {
  const check = `cognigyContext.checkJson(${JSON.stringify(text)}).sizes.jsonBytes`;
  const start = () => {
    const isolate = new ivm.Isolate({ memoryLimit: MEMORY_LIMIT_MB });
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
  printRow({
    row: "11b",
    work: "Code-node script in a bare isolate: cold start + first check",
    reach: "≤ 25 ms, with the decompression",
    figure: `${(1000 * median(starts)).toFixed(1)} ms`,
  });
  const { host } = start();
  host.evalSync(`const text = ${JSON.stringify(text)};`);
  const checkRepeatedly = (calls) => `for (let call = 0; call < ${calls}; call++) cognigyContext.checkJson(text);`;
  host.evalSync(checkRepeatedly(3000));
  const checks = Array.from({ length: 61 }, () => time(1, () => host.evalSync(checkRepeatedly(200))) / 200);
  printRow({
    row: "11c",
    work: `Code-node script in a bare isolate: warm check of ${(text.length / 1000).toFixed(1)} kB of JSON text`,
    reach: "≤ 30 µs",
    figure: `${(1e6 * median(checks)).toFixed(1)} µs`,
  });
}

function measureBrowserBuild() {
  const browserScript = readFileSync(new URL("./node_modules/cognigy-context/pkg/browser.js", import.meta.url));
  const gzippedSize = (bytes) => gzipSync(bytes, { level: 9 }).length;
  const formatGzipped = (bytes) => `${(bytes / 1000).toFixed(1)} kB gzip`;
  const bytes = gzippedSize(browserScript) + gzippedSize(readPackageFile("cognigy-context.wasm"));
  printRow({
    row: "12",
    work: "npm browser build: the rules, with all of its JavaScript",
    reach: "≤ 60 kB gzip",
    figure: `${formatGzipped(bytes)} (JavaScript ${formatGzipped(gzippedSize(browserScript))})`,
  });
  printRow({
    row: "12b",
    work: "npm browser build: the client, loaded when it is used",
    reach: "",
    figure: formatGzipped(gzippedSize(readPackageFile("cognigy-context-client.wasm"))),
  });
  printRow({
    row: "12c",
    work: "npm browser build: schemas and context managers, loaded when they are used",
    reach: "≤ 560 kB gzip",
    figure: formatGzipped(gzippedSize(readPackageFile("cognigy-context-documents.wasm"))),
  });
}
