/** The built inspector in headless Chromium, as its readers have it. */
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../../../tools/inspector/serve.mjs";
import { Complaints } from "../../browser/support/complaints.mjs";

const programs = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Milliseconds after which a wait is taken to hang. No test is about how long something takes. */
const hangs = 120_000;

const pictures = fileURLToPath(new URL("../../../build/inspector/", import.meta.url));
mkdirSync(pictures, { recursive: true });

function program() {
  for (const name of programs) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      if (folder && existsSync(join(folder, name))) return join(folder, name);
    }
  }
  throw new Error(`no ${programs.join(", no ")} on PATH`);
}

/** Serves the page and starts the browser; `open` gives a fresh page each time. */
export async function start() {
  const { server, url } = await serve(0);
  const browser = await chromium.launch({ executablePath: program(), args: flags, timeout: hangs });
  return {
    url,
    /** A page of its own, with what it complained of and what it asked for. */
    async open({ width = 1280, height = 800, scheme = "light" } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      context.setDefaultTimeout(hangs);
      const page = await context.newPage();
      const complaints = new Complaints(page, ["error", "warning"]);
      const requests = [];
      // Of the context, so that workers' requests are among them.
      context.on("request", (request) => requests.push(request.url()));
      await page.goto(url);
      await page.getByRole("status").filter({ hasText: "Ready" }).waitFor();
      return new Inspector(page, complaints, requests);
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

/** In the page: what is selected in the editor, or whether that matches a pattern. */
function selection(pattern) {
  const root = document.querySelector(".document .editor").shadowRoot;
  const text = String(root.getSelection ? root.getSelection() : getSelection());
  return pattern ? pattern.test(text) : text;
}

/** What a reader does with the page. */
export class Inspector {
  constructor(page, complaints, requests) {
    this.page = page;
    this.complaints = complaints;
    this.requests = requests;
  }

  get editor() {
    return this.page.getByRole("textbox", { name: "The document, as JSON" });
  }

  /** Pastes text over all there is, and waits for its verdict. */
  async paste(text) {
    await this.verdictOf(() => this.pasteInto(this.editor, text));
  }

  async pasteInto(editor, text) {
    await this.page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await editor.focus();
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.press("Control+v");
  }

  /** Does something that puts a text into the editor, and waits until the page has said how long its verdict took. */
  async verdictOf(work) {
    await this.page.evaluate(() => {
      delete document.querySelector(".status").dataset.passed;
    });
    await work();
    await this.page.waitForFunction(() => document.querySelector(".status").dataset.passed !== undefined);
  }

  async pasteJson(value) {
    await this.paste(JSON.stringify(value, null, 2));
  }

  /** The text in the editor. */
  async text() {
    await this.editor.focus();
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.press("Control+c");
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** What is selected in the editor. */
  selected() {
    return this.page.evaluate(selection);
  }

  /** Waits until what is selected in the editor matches: a path is looked up in the worker first. */
  async waitForSelection(pattern) {
    await this.page.waitForFunction(selection, pattern);
  }

  async view(name) {
    await this.page.getByRole("tab", { name }).click();
  }

  /** The issues in the list: their codes. */
  async codes() {
    return this.page.getByRole("list", { name: "Issues" }).locator(".code").allTextContents();
  }

  async example(name) {
    await this.verdictOf(async () => {
      await this.page.getByRole("button", { name: "Examples" }).click();
      await this.page.getByRole("searchbox", { name: "Find an example" }).fill(name);
      await this.page.getByRole("dialog", { name: "Examples" }).getByRole("button", { name }).first().click();
    });
  }

  async picture(name) {
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  async close() {
    await this.page.context().close();
  }
}
