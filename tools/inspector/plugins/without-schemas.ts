/** Omits the WebAssembly module of schemas and context managers, because the page does not use it. */
import type { Plugin } from "vite";

/** Creates the plugin. */
export function withoutSchemas(): Plugin {
  return {
    name: "without-schemas",
    enforce: "pre",
    transform: {
      filter: { id: /\/cognigy-context\/pkg\/browser\.js$/ },
      handler(code) {
        return { code: code.replace(/new URL\("\.\/cognigy-context-documents\.wasm",\s*import\.meta\.url\)/, "undefined"), map: null };
      },
    },
  };
}
