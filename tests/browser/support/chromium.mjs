/** Serves folders on 127.0.0.1 and opens them in headless Chromium. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join, normalize } from "node:path";
import { chromium } from "playwright-core";
import { packageFolder } from "../../node/support/project.mjs";
import { chromiumOptions, TIMEOUT_MS } from "./chromium-options.mjs";
import { PageErrors } from "./page-errors.mjs";

/** The content types by file extension; any other is text/plain. */
const CONTENT_TYPES = { js: "text/javascript", wasm: "application/wasm", html: "text/html" };

/**
 * Serves a folder and opens its `index.html`. The default is the package's folder, with an empty page that can
 * import the package from `/pkg/browser.js`. Returns the page, its errors, and `close`.
 */
export async function openPage(folder = packageFolder) {
  const server = await serve(folder);
  const { port } = server.address();
  const browser = await chromium.launch(chromiumOptions());
  const page = await browser.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  const pageErrors = new PageErrors(page);
  await page.goto(`http://127.0.0.1:${port}/`);
  return {
    page,
    pageErrors,
    async close() {
      await browser.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

async function serve(folder) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    try {
      const body = path === "/" ? await pageOf(folder) : await readFile(join(folder, path));
      const ending = path === "/" ? "html" : path.split(".").pop();
      response.writeHead(200, { "content-type": CONTENT_TYPES[ending] ?? "text/plain" }).end(body);
    } catch {
      // Every browser requests an icon.
      response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function pageOf(folder) {
  if (folder === packageFolder) return "<!doctype html><title>page</title>";
  return readFile(join(folder, "index.html"));
}
