/**
 * The lock of a journal in Node: the file `<journal>.lock` with the line
 * `<process id> <start of the process> <host name>`. Node cannot lock a file itself. Rust and Python lock the journal
 * and check for lock files (`core/src/client/files/lock_file.rs`); Node checks their locks where Linux lists them.
 */
import {
  closeSync,
  existsSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { fileError, type OpenedFile, readText } from "./regular-file.js";

/** The locks of this process, which its exit releases. */
const releases = new Set<() => void>();
let releasesAtExit = false;

/**
 * Locks a journal for this process. Never waits.
 *
 * @param file the open journal
 * @returns a function that releases the lock; calling it again does nothing
 * @throws an error with the code `EBUSY` when another process or this one uses the journal, and the errors of `node:fs`
 */
export function lockJournal(file: OpenedFile): () => void {
  const path = `${file.path}.lock`;
  const own = `${process.pid} ${startOf(process.pid) ?? "-"} ${hostname()}\n`;
  // The second attempt follows the removal of a lock whose process has ended.
  if (!create(path, own) && !(removeEnded(path) && create(path, own))) {
    throw inUse(` If no process uses it, delete ${path}.`);
  }
  // After the creation: Rust and Python lock the journal before they look for this file, so that of two processes at
  // least one notices the other.
  if (isLockedElsewhere(file)) {
    unlinkSync(path);
    throw inUse("");
  }
  const release = () => {
    if (releases.delete(release) && readText(path) === own) unlinkSync(path);
  };
  if (!releasesAtExit) process.once("exit", releaseAll);
  releasesAtExit = true;
  releases.add(release);
  return release;
}

function releaseAll(): void {
  for (const release of releases) {
    try {
      release();
    } catch {
      // The process ends, so the next one ignores the lock.
    }
  }
}

function inUse(hint: string): Error {
  return fileError("EBUSY", `another process uses the file. Wait for it, or use another file.${hint}`);
}

/** Creates a lock file. Returns `false` when one exists. A failed write leaves none. */
function create(path: string, content: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  try {
    writeFileSync(descriptor, content);
  } catch (error) {
    // A file without a complete line would count as a lock forever.
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return true;
}

/** Removes a lock file whose process has ended. Returns whether there is none now. */
function removeEnded(path: string): boolean {
  const content = readText(path);
  // Without a content its process has just removed it, or it is not a regular file.
  if (content === undefined) return !existsSync(path);
  if (!hasEnded(content)) return false;
  const moved = `${path}.${process.pid}`;
  try {
    renameSync(path, moved);
  } catch (error) {
    // Another process has removed it.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw error;
  }
  const isOther = readText(moved) !== content;
  // Another process has locked the journal meanwhile: this puts its lock file back.
  if (isOther) linkSync(moved, path);
  unlinkSync(moved);
  return !isOther;
}

/** Returns whether the process of a lock file certainly has ended. A process of another host may still run. */
function hasEnded(content: string): boolean {
  const [id, start, host] = content.trim().split(/\s+/);
  if (!id || !start || host !== hostname() || !/^\d+$/.test(id)) return false;
  try {
    process.kill(Number(id), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return true;
  }
  // A process with this id that started at another time is another process.
  const actual = startOf(Number(id));
  return actual !== undefined && actual !== start;
}

/** Returns the start of a process in clock ticks since the start of the system; `undefined` except on Linux. */
function startOf(id: number): string | undefined {
  // The name of the process, which may contain spaces and parentheses, ends at the last parenthesis.
  const stat = readText(`/proc/${id}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

/** Returns whether a Rust or Python process has locked the journal. Only Linux lists these locks. */
function isLockedElsewhere({ device, inode }: OpenedFile): boolean {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  const hex = (part: bigint) => part.toString(16).padStart(2, "0");
  // For example `1: FLOCK  ADVISORY  WRITE 4711 fd:00:1234567 0 EOF`.
  const name = ` ${hex(major)}:${hex(minor)}:${inode} `;
  const locks = readText("/proc/locks")?.split("\n") ?? [];
  return locks.some((line) => line.includes(" FLOCK ") && line.includes(name));
}
