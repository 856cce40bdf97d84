import { defineConfig } from "vite";
import { corpus } from "./plugins/corpus.ts";
import { packedRules } from "./plugins/packed-rules.ts";
import { withoutParser } from "./plugins/without-parser.ts";
import { withoutSchemas } from "./plugins/without-schemas.ts";

export default defineConfig({
  // Relative URLs work on any static host and in `cognigy-context inspect`.
  base: "./",
  plugins: [corpus(), withoutParser()],
  worker: { format: "es", plugins: () => [packedRules(), withoutSchemas()] },
  build: {
    target: "esnext",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
