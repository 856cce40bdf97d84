import { defineConfig } from "vite";
import { corpus } from "./plugins/corpus.ts";
import { packedRules } from "./plugins/packed-rules.ts";
import { withoutParser } from "./plugins/without-parser.ts";
import { withoutSchemas } from "./plugins/without-schemas.ts";

export default defineConfig({
  // The page works under any address: of a static host, or of the program in the wheel.
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
