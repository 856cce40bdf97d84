/** The WebAssembly modules of the Code-node script, inserted by the build. `base14.ts` decodes them. */
declare module "wasm-inline" {
  /** The DEFLATE decompressor, encoded as text. */
  export const inflater: string;
  /** Size of the decompressor in bytes. */
  export const inflaterSize: number;
  /** The module with the rules, compressed and encoded as text. */
  export const rules: string;
  /** Size of the rules in bytes, uncompressed. */
  export const rulesSize: number;
}
