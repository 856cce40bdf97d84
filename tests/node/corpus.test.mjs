import assert from "node:assert/strict";
import { test } from "node:test";
import { readCorpus, runCorpus } from "./support/corpus.mjs";
import { imported, required } from "./support/project.mjs";

const ways = { import: await imported(), require: required() };

for (const [runner, way] of [
  ["node/objects", "import"],
  ["node/text", "require"],
]) {
  const api = ways[way];
  test(`every case of the corpus holds through ${runner}, by ${way}`, () => {
    const { can, cases, files } = readCorpus(runner);
    const { ran, failures } = runCorpus(api, can, files);
    assert.deepEqual(failures, []);
    assert.equal(ran, cases, "the number of cases that the index states");
  });
}
