/** A bulk injection's journal in a file, for Node. */
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  readSync,
  writeSync,
} from "node:fs";
import { JournalReader, journalHeader, journalStart } from "wasm-client";
import type { Journal } from "./bulk.js";
import { clientModule } from "./client-module.js";
import { lockJournal } from "./journal-lock.js";
import {
  fileError,
  isAtItsPath,
  openForAppending,
  type OpenedFile,
  readPieces,
  syncFolder,
} from "./regular-file.js";
import { withMappedErrors } from "../error-mapping.js";
import { objectArgument, optionalBoolean, typeError } from "../util/arguments.js";
import { groupDigits } from "../util/counts.js";
import { emitWarning } from "./warnings.js";

/** A journal in a file. Close it after the bulk injection. */
export interface FileJournal extends Journal {
  /** Number of items in the file when it was opened. */
  readonly confirmedBefore: number;
  /**
   * Number of lines that were not items when the file was opened. Their items are injected again. The command
   * `cognigy-context journal repair` of the Python package removes them.
   */
  readonly damagedLines: number;
  /**
   * Closes the file and releases its lock. The journal cannot be used afterwards. Closing it again does
   * nothing.
   */
  close(): void;
}

/** The options of `fileJournal`. */
export interface FileJournalOptions {
  /**
   * Whether a confirmed item survives a power cut: flushes the file to the disk (`fsync`) after each item,
   * which may take several milliseconds. Default: `false`.
   */
  readonly durable?: boolean | undefined;
}

/**
 * Opens the journal of an earlier run to resume it, or creates a new one, which only its owner can read. Only in
 * Node. Never waits.
 *
 * The first line names the format; each further line is one item. When `confirm` returns, the operating system has
 * the line, so it survives a kill of the process, and with `durable` also a power cut. An incomplete last line is
 * removed, and its item counts as not confirmed. Damaged lines are skipped with a warning for the listeners of
 * `onWarning`; without a listener it is a warning of the process (`process.emitWarning`). A failed write, for example
 * to a full disk, is undone.
 *
 * Only one process at a time may use a file. Until the journal is closed or the process exits, the file `<path>.lock`
 * exists. Processes in Rust and Python reject a file with it; on Linux this function also rejects a file that they
 * use. The lock of a process that was killed is ignored.
 *
 * @param path the file, which is created if it does not exist
 * @param options whether confirmed items survive a power cut
 * @returns the journal, for the option `journal` of `Client.injectMany`
 * @throws {TypeError} when an argument has another type
 * @throws {ConfigurationError} when the file is not a journal; it stays unchanged
 * @throws an error with the code `EBUSY` when another process uses the file, with the code `EINVAL` when it is not a
 *   regular file, and the error of `node:fs` when it cannot be read or opened
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
export function fileJournal(path: string | URL, options: FileJournalOptions = {}): FileJournal {
  if (typeof path !== "string" && !(path instanceof URL)) {
    throw typeError("path", "a string or a URL", path);
  }
  const durable = optionalBoolean("durable", objectArgument("options", options).durable);
  clientModule.ensureStarted();
  const file = openForAppending(path);
  let release = () => {};
  try {
    release = lockJournal(file);
    return readJournal(file, durable, release);
  } catch (error) {
    closeSync(file.descriptor);
    release();
    throw error;
  }
}

/** Reads a locked journal, completes its first line, and removes an incomplete last one. */
function readJournal(file: OpenedFile, durable: boolean, release: () => void): FileJournal {
  const { descriptor } = file;
  const [start = new Uint8Array()] = readPieces(descriptor);
  const state = withMappedErrors(() => journalStart(start));
  if (state === "partial") ftruncateSync(descriptor, 0);
  if (state !== "header") write(descriptor, journalHeader(), 0, durable);
  if (durable) {
    fdatasyncSync(descriptor);
    // Also for an existing file: the run that created it may not have been durable.
    syncFolder(file.path);
  }
  const confirmed = new Set<string>();
  const reader = new JournalReader();
  let length = 0;
  for (const piece of readPieces(descriptor)) {
    length += piece.length;
    for (const line of reader.push(piece).split("\n")) if (line) confirmed.add(line);
  }
  const { damaged, partialBytes } = JSON.parse(reader.finish()) as {
    damaged: number;
    partialBytes: number;
  };
  if (partialBytes > 0) {
    length -= partialBytes;
    ftruncateSync(descriptor, length);
  }
  if (damaged > 0) {
    const lines = damaged === 1 ? "line: its item is" : "lines: their items are";
    const warning =
      `the journal has ${groupDigits(damaged)} damaged ${lines} injected again. Repair it with ` +
      "`cognigy-context journal repair` of the Python package.";
    if (!emitWarning(warning)) process.emitWarning(warning, "JournalWarning");
  }
  let isOpen = true;
  return {
    confirmedBefore: confirmed.size,
    damagedLines: damaged,
    isConfirmed: (line) => confirmed.has(line),
    confirm(line) {
      if (!isOpen) throw fileError("EBADF", "the journal is closed");
      length = append(file, line, length, durable);
      // After the write, so that no line counts that went into a deleted file.
      if (!isAtItsPath(file)) {
        throw fileError("ENOENT", "the file was deleted or replaced while it was in use");
      }
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      closeSync(descriptor);
      release();
    },
  };
}

/**
 * Appends a line, on a new line after one that another program left incomplete.
 *
 * @param minLength the length after the last append
 * @returns the new length
 */
function append({ descriptor }: OpenedFile, line: string, minLength: number, durable: boolean): number {
  const { size } = fstatSync(descriptor);
  if (size < minLength) throw fileError("EIO", "the file was truncated while it was in use");
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  const text = last[0] === 0x0a ? `${line}\n` : `\n${line}\n`;
  write(descriptor, text, size, durable);
  return size + text.length;
}

/** Writes text to the end of a file of `length` bytes, and if `durable` to the disk. A failed write is undone. */
function write(descriptor: number, text: string, length: number, durable: boolean): void {
  const bytes = Buffer.from(text);
  try {
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(descriptor, bytes, written);
    }
    if (durable) fdatasyncSync(descriptor);
  } catch (error) {
    try {
      ftruncateSync(descriptor, length);
    } catch {
      // The next line begins on a new line.
    }
    throw error;
  }
}
