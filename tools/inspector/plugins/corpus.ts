/**
 * The cases of the corpus that a page can show, as the module `virtual:corpus`: those that are about
 * JSON (and not about kinds of values that only a host language has).
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "tests", "corpus");
const name = "virtual:corpus";

/** Where the text of a case stands, for each operation that has one. */
const takes: Record<string, (given: Case) => unknown> = {
  check: (given) => ("text" in given ? { text: given.text } : { input: given.input }),
  measure: (given) => ("text" in given ? { text: given.text } : { input: given.input }),
  inject_context_request: ({ input }) => ({ input: (input as { context: unknown }).context }),
  injection_payload: ({ input }) => ({ input: { variables: (input as { variables: unknown }).variables } }),
  state_update: ({ input }) => ({ input: stateBody(input as Record<string, unknown>) }),
  parse_variables: ({ pages }) => ({ text: (pages as unknown[])[0] }),
  resolve_scopes: ({ input }) => ({ input: { variables: input } }),
};

interface Case {
  name: string;
  operation: string;
  [argument: string]: unknown;
}

export function corpus(): Plugin {
  return {
    name: "corpus",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return;
      const index = read("index.json") as { files: { file: string }[] };
      const groups = index.files.flatMap(({ file }) => {
        const { about, cases } = read(file) as { about: string; cases: Case[] };
        const shown = cases.flatMap((given) => exampleOf(given));
        return shown.length > 0 ? [{ file, about, cases: shown }] : [];
      });
      // As text, because engines read JSON faster than objects of code.
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(groups))});`;
    },
  };
}

function exampleOf(given: Case): object[] {
  const source = takes[given.operation]?.(given);
  if (!source || Object.values(source).some((value) => value === undefined)) return [];
  if (/"\$(value|entries)"/.test(JSON.stringify(source))) return [];
  const { name, operation, policy, existing } = given;
  return [{ name, operation, policy, existing, ...source }];
}

function stateBody({ session, user, next_step }: Record<string, unknown>): object {
  return { session, user, ...(next_step == null ? {} : { transition: { nextStep: next_step } }) };
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(folder, file), "utf8"));
}
