/** Regular files in Node: opened without waiting, created for the owner only, and compared with their path. */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";

/** An open file, and which file it is. */
export interface OpenedFile {
  readonly descriptor: number;
  /** The absolute path, without symbolic links. */
  readonly path: string;
  readonly device: bigint;
  readonly inode: bigint;
}

/** Returns an error with a code, like the errors of `node:fs`. */
export function fileError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/**
 * Opens a regular file for reading and appending, or creates one that only its owner can read. Never waits,
 * also not for the other end of a FIFO.
 *
 * @throws an error with the code `EINVAL` for anything but a regular file, and the errors of `node:fs`
 */
export function openForAppending(path: string | URL): OpenedFile {
  // Before the opening, which may have effects on a device.
  const before = statSync(path, { throwIfNoEntry: false });
  if (before && !before.isFile()) throw notRegular();
  // Windows lacks these two flags.
  const { O_RDWR, O_APPEND, O_CREAT, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants;
  const descriptor = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY, 0o600);
  try {
    const stats = fstatSync(descriptor, { bigint: true });
    if (!stats.isFile()) throw notRegular();
    const { dev: device, ino: inode } = stats;
    return { descriptor, path: realpathSync(path), device, inode };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function notRegular(): Error {
  return fileError("EINVAL", "the path is not a regular file. Use the path of a file.");
}

/** Returns whether the path of an open file still leads to it. */
export function isAtItsPath({ path, device, inode }: OpenedFile): boolean {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats?.dev === device && stats.ino === inode;
}

/** At most 16 MiB, and 1 MiB of a file in `/proc`, whose pieces have 4 KiB. */
const MAX_TEXT_PIECES = 256;

/** Yields the bytes of an open file in pieces, which are valid until the next one. */
export function* readPieces(descriptor: number): Generator<Uint8Array> {
  const buffer = new Uint8Array(64 * 1024);
  for (let position = 0; ; ) {
    const count = readSync(descriptor, buffer, 0, buffer.length, position);
    if (count === 0) return;
    yield buffer.subarray(0, count);
    position += count;
  }
}

/**
 * Returns the text of a regular file; `undefined` when it cannot be read. Never waits.
 */
export function readText(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if (!fstatSync(descriptor).isFile()) return undefined;
    const pieces: Buffer[] = [];
    for (const piece of readPieces(descriptor)) {
      // `Buffer.from` copies the piece.
      if (pieces.push(Buffer.from(piece)) >= MAX_TEXT_PIECES) break;
    }
    return Buffer.concat(pieces).toString();
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Waits until the name of a file is on the disk. Does nothing on Windows. */
export function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
