/**
 * Provides the module `virtual:corpus` with the corpus cases that the page can display: those with JSON input.
 * Cases with values of a host language are omitted.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "tests", "corpus");
const moduleId = "virtual:corpus";

/** Functions that return the document of a case, by operation. Cases of other operations are omitted. */
const readDocument: Record<string, (testCase: Case) => unknown> = {
  check: (testCase) => ("text" in testCase ? { text: testCase.text } : { input: testCase.input }),
  measure: (testCase) => ("text" in testCase ? { text: testCase.text } : { input: testCase.input }),
  inject_context_request: ({ input }) => ({ input: (input as { context: unknown }).context }),
  injection_payload: ({ input }) => ({ input: { variables: (input as { variables: unknown }).variables } }),
  state_update: ({ input }) => ({ input: toStateBody(input as Record<string, unknown>) }),
  parse_variables: ({ pages }) => ({ text: (pages as unknown[])[0] }),
  resolve_scopes: ({ input }) => ({ input: { variables: input } }),
};

interface Case {
  name: string;
  operation: string;
  [argument: string]: unknown;
}

/** Creates the plugin. */
export function corpus(): Plugin {
  return {
    name: "corpus",
    resolveId: (id) => (id === moduleId ? `\0${moduleId}` : undefined),
    load(id) {
      if (id !== `\0${moduleId}`) return;
      const index = readCorpusFile("index.json") as { files: { file: string }[] };
      const groups = index.files.flatMap(({ file }) => {
        const { about, cases } = readCorpusFile(file) as { about: string; cases: Case[] };
        const examples = cases.flatMap((testCase) => toExample(testCase));
        return examples.length > 0 ? [{ file, about, cases: examples }] : [];
      });
      // Engines parse JSON text faster than object literals.
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(groups))});`;
    },
  };
}

/** Returns the case as an example; an empty list if the page cannot display it. */
function toExample(testCase: Case): object[] {
  const document = readDocument[testCase.operation]?.(testCase);
  if (!document || Object.values(document).some((value) => value === undefined)) return [];
  if (/"\$(value|entries)"/.test(JSON.stringify(document))) return [];
  const { name, operation, policy, existing } = testCase;
  return [{ name, operation, policy, existing, ...document }];
}

function toStateBody({ session, user, next_step }: Record<string, unknown>): object {
  return { session, user, ...(next_step == null ? {} : { transition: { nextStep: next_step } }) };
}

function readCorpusFile(file: string): unknown {
  return JSON.parse(readFileSync(join(folder, file), "utf8"));
}
