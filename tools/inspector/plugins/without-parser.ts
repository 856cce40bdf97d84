/**
 * The editor's commands name a parser framework, for languages that have a grammar. The page colours JSON
 * by itself and has none, so in the place of the framework stand its bare names: 10 kB less to load.
 */
import type { Plugin } from "vite";

const framework = "@codemirror/language";
/** What the commands name; the page uses none that would ask a grammar. */
const names = ["getIndentation", "syntaxTree", "IndentContext", "indentUnit", "matchBrackets", "indentString"];

export function withoutParser(): Plugin {
  return {
    name: "without-parser",
    enforce: "pre",
    resolveId: (id) => (id === framework ? `\0${framework}` : undefined),
    load(id) {
      if (id !== `\0${framework}`) return;
      const none = names.map((name) => `export const ${name} = undefined;`);
      // Deleting backwards takes an indentation at once, which here is of two spaces.
      return [...none, "export const getIndentUnit = () => 2;"].join("\n");
    },
  };
}
