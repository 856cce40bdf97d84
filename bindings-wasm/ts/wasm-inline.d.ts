/** The WebAssembly modules of the Code-node script, put in by the build; see `bare/packed.ts`. */
declare module "wasm-inline" {
  /** The module that undoes DEFLATE: its bytes as text, and how many they are. */
  export const inflater: string;
  export const inflaterSize: number;
  /** The rules: their module compressed, as text, and how many bytes it has uncompressed. */
  export const rules: string;
  export const rulesSize: number;
}
