/** What an injection is made of, on its way to the core. */
import { jsonOf } from "./json.js";
import { camelCase } from "./names.js";
import { started, writeText } from "./wasm.js";

/** Which parts of the input buffer an injection is made of, as the core wants to be told. */
export interface InjectionInput {
  /** Bytes of the context, from the beginning. */
  readonly context: number;
  /** Bytes of the existing context behind it; `undefined` when nothing is said of it. */
  readonly existing: number | undefined;
  /** Which of the two may hold marks. */
  readonly marks: number;
}

const CONTEXT_MARKED = 1;
const EXISTING_MARKED = 2;

/** An injection in the input buffer, and its text. */
export interface WrittenInjection {
  readonly input: InjectionInput;
  /** The text of the context, which goes out as it is unless the core says otherwise. */
  readonly text: string;
}

/** Writes the context, and the existing one where it is given, into the input buffer. */
export function writeInjection(context: unknown, existing: unknown): InjectionInput {
  return writeInjectionText(context, existing).input;
}

/** The same, for who goes on with the text. */
export function writeInjectionText(context: unknown, existing: unknown): WrittenInjection {
  const { maxNesting } = started();
  const json = jsonOf(context, maxNesting);
  const there = existing == null ? undefined : jsonOf(existing, maxNesting);
  const length = writeText(json.text);
  const input = {
    context: length,
    existing: there && writeText(there.text, length),
    marks: (json.marked ? CONTEXT_MARKED : 0) | (there?.marked ? EXISTING_MARKED : 0),
  };
  return { input, text: json.text };
}

/**
 * JSON of fields that are text, for the core.
 *
 * @throws {TypeError} when one is anything else; its value is not repeated
 */
export function textFields(
  required: Readonly<Record<string, unknown>>,
  optional: Readonly<Record<string, unknown>> = {},
): string {
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  const fields = [...Object.entries(required), ...given];
  for (const [name, value] of fields) {
    if (typeof value !== "string") throw new TypeError(`${camelCase(name)} must be a string`);
  }
  return JSON.stringify(Object.fromEntries(fields));
}
