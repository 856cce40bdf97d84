/** The page: the editor on the left, the views on the right. */
import { coalesce } from "../base/coalesce";
import { h } from "../base/dom";
import type { LoadedDocument, Workspace } from "../base/workspace";
import { Editor } from "../editor/editor";
import { callRules, ready } from "../rules/worker-client";
import type { CheckInput, Verdict } from "../rules/types";
import { acceptFiles } from "./files";
import { Header } from "./header";
import { listenForShortcuts } from "./shortcuts";
import { Status } from "./status";
import { Tabs } from "./tabs";

/** The pause in typing, in milliseconds, after which the text is checked. */
const typingPauseMs = 120;

export class App implements Workspace {
  readonly element: HTMLElement;
  input: CheckInput = { text: "", kind: "auto", policy: "auto", existing: "" };
  verdict: Verdict | undefined;
  readonly #editor: Editor;
  readonly #header: Header;
  readonly #tabs: Tabs;
  readonly #status = new Status();
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #issueIndex = -1;

  readonly #check = coalesce(async (startedAt: number | undefined) => {
    const { input } = this;
    try {
      this.verdict = await callRules("inspect", input);
    } catch (error) {
      this.#status.fail((error as Error).message);
      return;
    }
    // If the text has changed during the check, the ranges are outdated and another check follows.
    if (input.text === this.input.text) this.#editor.showIssues(this.verdict.issues);
    this.#issueIndex = -1;
    this.#header.show(this.verdict, this.input);
    this.#tabs.showCount(this.verdict);
    this.#tabs.update();
    if (input.text === this.input.text) this.#status.show(this.input, this.verdict, startedAt);
  });

  constructor() {
    this.#editor = new Editor({
      label: "The document, as JSON",
      hint: "Paste JSON here, or drop a file",
      onChange: (text, isBulk) => this.#handleChange(text, isBulk),
    });
    this.#header = new Header(this, { format: () => void this.format() });
    this.#tabs = new Tabs(this);
    this.element = h(
      "div.page",
      {},
      this.#header.element,
      h(
        "main",
        {},
        h("section.document", { "aria-label": "Document" }, this.#editor.element, this.#status.element),
        this.#tabs.element,
      ),
    );
  }

  start(): void {
    acceptFiles(this.element, (text) => this.load({ text }));
    listenForShortcuts({
      selectView: (index) => this.#tabs.select(index),
      showIssue: (step) => this.#showIssue(step),
      format: () => void this.format(),
      openFile: () => this.#header.openFile(),
      showExamples: () => void this.#header.showExamples(),
      showHelp: () => void this.#header.showHelp(),
    });
    ready.then(
      () => this.#status.ready(),
      (error: Error) => this.#status.fail(error.message),
    );
    this.#tabs.update();
    this.#editor.focus();
  }

  load({ text, kind = "auto", policy = "auto", existing = "" }: LoadedDocument): void {
    this.input = { ...this.input, kind, policy, existing };
    this.#status.start(performance.now(), "loading");
    this.#editor.text = text;
  }

  setOptions(change: Partial<Omit<CheckInput, "text">>): void {
    this.input = { ...this.input, ...change };
    this.#check(undefined);
  }

  reveal(range: { readonly from: number; readonly to: number }): void {
    this.#editor.reveal(range);
  }

  async revealPath(path: string): Promise<void> {
    const range = await callRules("locate", this.input.text, path);
    if (range) this.reveal(range);
  }

  /** Formats the document, or puts it on one line if it is already formatted. */
  async format(): Promise<void> {
    const { text } = this.input;
    const pretty = await callRules("formatJson", text, false);
    if (pretty === undefined) return;
    // A formatted text is put on one line.
    const formatted = pretty === text ? await callRules("formatJson", text, true) : pretty;
    if (formatted !== undefined && text === this.input.text) {
      this.#status.start(performance.now(), "formatting");
      this.#editor.text = formatted;
    }
  }

  #handleChange(text: string, isBulk: boolean): void {
    this.input = { ...this.input, text };
    clearTimeout(this.#typingTimer);
    if (isBulk) this.#check(this.#status.startTime());
    else this.#typingTimer = setTimeout(() => this.#check(undefined), typingPauseMs);
  }

  #showIssue(step: 1 | -1): void {
    const issues = this.verdict?.issues ?? [];
    if (issues.length === 0) return;
    this.#issueIndex = this.#issueIndex < 0 && step < 0 ? issues.length - 1 : (this.#issueIndex + step + issues.length) % issues.length;
    const issue = issues[this.#issueIndex];
    if (issue) this.reveal(issue);
  }
}
