/** How every browser test starts Chromium. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The names under which Chromium may be on PATH, in this order. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The timeout of every wait, in milliseconds. No test depends on a duration. */
export const TIMEOUT_MS = 120_000;

/** Returns the options for `chromium.launch`. */
export function chromiumOptions() {
  return { executablePath: findProgram(), args: FLAGS, timeout: TIMEOUT_MS };
}

/** Returns the path of the first Chromium on PATH. */
function findProgram() {
  for (const program of PROGRAMS) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      if (folder && existsSync(join(folder, program))) return join(folder, program);
    }
  }
  throw new Error(`no Chromium on PATH. Install one of: ${PROGRAMS.join(", ")}`);
}
