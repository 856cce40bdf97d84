/** A bulk injection's journal in a file, for Node. */
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

/** A journal in a file. Close it after the bulk injection. */
export interface FileJournal extends Journal {
  /** Number of items in the file when it was opened. */
  readonly confirmedBefore: number;
  /** Closes the file. The journal cannot be used afterwards. */
  close(): void;
}

/**
 * Opens the journal of an earlier run to resume it, or creates a new one. Only in Node.
 *
 * The file has one line for each item. When `confirm` returns, the operating system has the line, so it
 * survives a kill of the process. An incomplete last line is removed, and its item counts as not
 * confirmed. Only one process at a time may use a file.
 *
 * @param path the file, which is created if it does not exist
 * @returns the journal, for the option `journal` of `Client.injectMany`
 * @throws {ConfigurationError} when the file is not a journal
 * @throws the error of `node:fs` when the file cannot be read or opened
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
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const end = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.toString("latin1", 0, end).split("\n").slice(0, -1);
  const invalid = lines.findIndex((line) => !isJournalLine(line));
  if (invalid >= 0) {
    throw new ConfigurationError(
      `the file is not a bulk journal: line ${invalid + 1} is not an item. Use another file.`,
    );
  }
  const confirmed = new Set(lines);
  const file = openSync(path, existsSync(path) ? "r+" : "a");
  if (end < bytes.length) ftruncateSync(file, end);
  closeSync(file);
  const appended = openSync(path, "a");
  return {
    confirmedBefore: confirmed.size,
    isConfirmed: (line) => confirmed.has(line),
    confirm: (line) => appendFileSync(appended, `${line}\n`),
    close: () => closeSync(appended),
  };
}
