/** A journal in a file: Node's. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
} from "node:fs";
import { isJournalLine } from "wasm-client";
import type { Journal } from "./bulk.js";
import { clientModule } from "./client-module.js";
import { ConfigurationError } from "../errors.js";

/** A journal in a file. */
export interface FileJournal extends Journal {
  /** How many items the runs before have confirmed. */
  readonly confirmedBefore: number;
  /** Closes the file; the journal cannot be used afterwards. */
  close(): void;
}

/**
 * Opens the journal of a run before to go on with it, or makes one: a line an item. A line is with
 * the system when `confirm` returns, so that a kill cannot take it away; one that was torn by a kill
 * is taken away, and its item counts as not confirmed. One process at a time may use a file.
 *
 * @param path the file
 * @throws {ConfigurationError} when the file is no journal
 * @throws what the system says, when it cannot be opened
 *
 * @example
 * ```js
 * const journal = fileJournal("rows.journal");
 * for await (const { index, status, error } of client.injectMany(rows(), { journal })) {
 *   if (status === "failed") console.error(index, error);
 * }
 * journal.close();
 * ```
 */
export function fileJournal(path: string | URL): FileJournal {
  clientModule.ensureStarted();
  const text = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const end = text.lastIndexOf(0x0a) + 1;
  const lines = text.toString("latin1", 0, end).split("\n").slice(0, -1);
  const wrong = lines.findIndex((line) => !isJournalLine(line));
  if (wrong >= 0) {
    throw new ConfigurationError(
      `the file is not a bulk journal: line ${wrong + 1} is not an item. Use another file.`,
    );
  }
  const confirmed = new Set(lines);
  const file = openSync(path, existsSync(path) ? "r+" : "a");
  if (end < text.length) ftruncateSync(file, end);
  closeSync(file);
  const appended = openSync(path, "a");
  return {
    confirmedBefore: confirmed.size,
    isConfirmed: (line) => confirmed.has(line),
    confirm: (line) => appendFileSync(appended, `${line}\n`),
    close: () => closeSync(appended),
  };
}
