/** Opens the built inspector in headless Chromium. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../../../tools/inspector/serve.mjs";
import { chromiumOptions, TIMEOUT_MS } from "../../browser/support/chromium-options.mjs";
import { PageErrors } from "../../browser/support/page-errors.mjs";

const screenshots = fileURLToPath(new URL("../../../build/inspector/", import.meta.url));
mkdirSync(screenshots, { recursive: true });

/** Serves the inspector and starts the browser. Returns the URL, `open` for new pages, and `stop`. */
export async function start() {
  const { server, url } = await serve(0);
  const browser = await chromium.launch(chromiumOptions());
  return {
    url,
    /** Opens the inspector in a new browser context and waits until it is ready. */
    async open({ width = 1280, height = 800, scheme = "light" } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      context.setDefaultTimeout(TIMEOUT_MS);
      const page = await context.newPage();
      const pageErrors = new PageErrors(page, ["error", "warning"]);
      const requests = [];
      // Listens on the context, to include the requests of workers.
      context.on("request", (request) => requests.push(request.url()));
      await page.goto(url);
      await page.getByRole("status").filter({ hasText: "Ready" }).waitFor();
      return new Inspector(page, pageErrors, requests);
    },
    async stop() {
      await browser.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

/** Runs in the page. Returns the selected text of the editor, or, with a pattern, whether the text matches. */
function selection(pattern) {
  const root = document.querySelector(".document .editor").shadowRoot;
  const text = String(root.getSelection ? root.getSelection() : getSelection());
  return pattern ? pattern.test(text) : text;
}

/** The actions of a user on the page. */
export class Inspector {
  constructor(page, pageErrors, requests) {
    this.page = page;
    this.pageErrors = pageErrors;
    this.requests = requests;
  }

  get editor() {
    return this.page.getByRole("textbox", { name: "The document, as JSON" });
  }

  /** Replaces the text of the document editor by a paste and waits for the check. */
  async paste(text) {
    await this.waitForCheck(() => this.pasteInto(this.editor, text));
  }

  /** Replaces the text of any editor by a paste. */
  async pasteInto(editor, text) {
    await this.page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await editor.focus();
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.press("Control+v");
  }

  /** Runs an action that changes the document and waits until the page shows the duration of the check. */
  async waitForCheck(action) {
    await this.page.evaluate(() => {
      delete document.querySelector(".status").dataset.elapsed;
    });
    await action();
    await this.page.waitForFunction(() => document.querySelector(".status").dataset.elapsed !== undefined);
  }

  /** Pastes a value as indented JSON and waits for the check. */
  async pasteJson(value) {
    await this.paste(JSON.stringify(value, null, 2));
  }

  /** Returns the text of the document editor, through the clipboard. */
  async text() {
    await this.editor.focus();
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.press("Control+c");
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** Returns the selected text of the editor. */
  selected() {
    return this.page.evaluate(selection);
  }

  /** Waits until the selected text matches. The worker locates a path before the page selects it. */
  async waitForSelection(pattern) {
    await this.page.waitForFunction(selection, pattern);
  }

  /** Opens a view by the name of its tab. */
  async view(name) {
    await this.page.getByRole("tab", { name }).click();
  }

  /** Returns the codes of the listed issues. */
  async codes() {
    return this.page.getByRole("list", { name: "Issues" }).locator(".code").allTextContents();
  }

  /** Loads the first example that matches and waits for its check. */
  async example(name) {
    await this.waitForCheck(async () => {
      await this.page.getByRole("button", { name: "Examples" }).click();
      await this.page.getByRole("searchbox", { name: "Find an example" }).fill(name);
      await this.page.getByRole("dialog", { name: "Examples" }).getByRole("button", { name }).first().click();
    });
  }

  /** Writes a screenshot to build/inspector. */
  async screenshot(name) {
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
  }

  async close() {
    await this.page.context().close();
  }
}
