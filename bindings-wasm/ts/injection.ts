/** Writes context injections into the input buffer. */
import { toJson } from "./json.js";
import { ensureStarted, writeText } from "./wasm.js";

/** The layout of an injection in the input buffer, as the core reads it. */
export interface InjectionInput {
  /** Number of bytes of the context, which starts the buffer. */
  readonly context: number;
  /** Number of bytes of the existing context, which follows; `undefined` without an existing context. */
  readonly existing: number | undefined;
  /** Bit flags: whether the context and the existing context may contain sentinels. */
  readonly sentinels: number;
}

const CONTEXT_HAS_SENTINELS = 1;
const EXISTING_HAS_SENTINELS = 2;

/** An injection in the input buffer, and its text. */
export interface WrittenInjection {
  readonly input: InjectionInput;
  /** The text of the context. It is sent unchanged unless the core rewrites it. */
  readonly text: string;
}

/** Writes the context, and the existing context if there is one, into the input buffer. */
export function writeInjection(context: unknown, existing: unknown): InjectionInput {
  return writeInjectionText(context, existing).input;
}

/** Writes an injection like {@link writeInjection}, and also returns the text of the context. */
export function writeInjectionText(context: unknown, existing: unknown): WrittenInjection {
  const { maxNesting } = ensureStarted();
  const contextJson = toJson(context, maxNesting);
  const existingJson = existing == null ? undefined : toJson(existing, maxNesting);
  const length = writeText(contextJson.text);
  const input = {
    context: length,
    existing: existingJson && writeText(existingJson.text, length),
    sentinels:
      (contextJson.hasSentinels ? CONTEXT_HAS_SENTINELS : 0) |
      (existingJson?.hasSentinels ? EXISTING_HAS_SENTINELS : 0),
  };
  return { input, text: contextJson.text };
}
