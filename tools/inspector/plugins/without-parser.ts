/**
 * Replaces the parser framework that the commands of CodeMirror import by stubs, which saves 10 kB. The page highlights
 * JSON without a grammar, so it does not need the framework.
 */
import type { Plugin } from "vite";

const framework = "@codemirror/language";
/** The imported names. No command of the page calls them. */
const names = ["getIndentation", "syntaxTree", "IndentContext", "indentUnit", "matchBrackets", "indentString"];

/** Creates the plugin. */
export function withoutParser(): Plugin {
  return {
    name: "without-parser",
    enforce: "pre",
    resolveId: (id) => (id === framework ? `\0${framework}` : undefined),
    load(id) {
      if (id !== `\0${framework}`) return;
      const stubs = names.map((name) => `export const ${name} = undefined;`);
      // Backspace deletes one indentation level, which is two spaces.
      return [...stubs, "export const getIndentUnit = () => 2;"].join("\n");
    },
  };
}
