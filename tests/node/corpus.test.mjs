/** Runs the corpus in Node, with the package loaded by `import` and by `require`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readCorpus, runCorpus } from "./support/corpus.mjs";
import { importPackage, requirePackage } from "./support/project.mjs";

for (const { runner, loader, api } of [
  { runner: "node/objects", loader: "import", api: await importPackage() },
  { runner: "node/text", loader: "require", api: requirePackage() },
]) {
  test(`every corpus case passes with the package from ${loader}, ${runner}`, () => {
    const { can, cases, files } = readCorpus(runner);
    const { ran, failures } = runCorpus(api, can, files);
    assert.deepEqual(failures, []);
    assert.equal(ran, cases, "ran the number of cases in the index");
  });
}
