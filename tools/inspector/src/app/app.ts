/** The page: the editor on the left, the views on the right. */
import { coalesce } from "../base/coalesce";
import { h } from "../base/dom";
import type { LoadedDocument, Workspace } from "../base/workspace";
import { Editor } from "../editor/editor";
import { callRules, ready } from "../rules/worker-client";
import type { CheckInput, CheckResult } from "../rules/types";
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
  checkResult: CheckResult | undefined;
  readonly #editor: Editor;
  readonly #header: Header;
  readonly #tabs: Tabs;
  readonly #status = new Status();
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #issueIndex = -1;

  /**
   * Checks the document and shows the result. All calls during a check result in one further check.
   *
   * `startedAt` is the time in milliseconds at which a paste or load started. The status line shows the time since then.
   * It is `undefined` for typing and for a change of the options.
   */
  readonly #check = coalesce(async (startedAt: number | undefined) => {
    const { input } = this;
    try {
      this.checkResult = await callRules("checkDocument", input);
    } catch (error) {
      this.#status.showError((error as Error).message);
      return;
    }
    // If the text has changed during the check, the ranges are outdated and another check follows. Until then the
    // header and the views show this result, because an outdated result is more useful than none.
    const isCurrent = input.text === this.input.text;
    if (isCurrent) this.#editor.showIssues(this.checkResult.issues);
    this.#issueIndex = -1;
    this.#header.show(this.checkResult, this.input);
    this.#tabs.showIssueCount(this.checkResult);
    this.#tabs.update();
    if (isCurrent) this.#status.show(this.input, this.checkResult, startedAt);
  });

  constructor() {
    this.#editor = new Editor({
      label: "The document, as JSON",
      hint: "Paste JSON here, or drop a file",
      onChange: (text, isPasteOrLoad) => this.#handleChange(text, isPasteOrLoad),
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
      showNextOrPreviousIssue: (step) => this.#showNextOrPreviousIssue(step),
      format: () => void this.format(),
      openFile: () => this.#header.openFile(),
      showExamples: () => void this.#header.showExamples(),
      showHelp: () => void this.#header.showHelp(),
    });
    ready.then(
      () => this.#status.showReady(),
      (error: Error) => this.#status.showError(error.message),
    );
    this.#tabs.update();
    this.#editor.focus();
  }

  load({ text, kind = "auto", policy = "auto", existing = "" }: LoadedDocument): void {
    this.input = { ...this.input, kind, policy, existing };
    this.#status.startTimer(performance.now(), "loading");
    // Setting the text calls `#handleChange`, which sets `input.text` and starts the check.
    this.#editor.text = text;
  }

  setOptions(change: Partial<Omit<CheckInput, "text">>): void {
    this.input = { ...this.input, ...change };
    this.#check(undefined);
  }

  /** Scrolls to a range of the document and selects it. */
  reveal(range: { readonly from: number; readonly to: number }): void {
    this.#editor.reveal(range);
  }

  async revealPath(path: string): Promise<void> {
    const range = await callRules("locate", this.input.text, path);
    if (range) this.reveal(range);
  }

  /** Indents the document, or puts it on one line if it is already indented. Leaves invalid JSON unchanged. */
  async format(): Promise<void> {
    const { text } = this.input;
    const indented = await callRules("formatJson", text, "indented");
    if (indented === undefined) return;
    const formatted = indented === text ? await callRules("formatJson", text, "one-line") : indented;
    if (formatted !== undefined && text === this.input.text) {
      this.#status.startTimer(performance.now(), "formatting");
      this.#editor.text = formatted;
    }
  }

  #handleChange(text: string, isPasteOrLoad: boolean): void {
    this.input = { ...this.input, text };
    clearTimeout(this.#typingTimer);
    if (isPasteOrLoad) this.#check(this.#status.startTime());
    else this.#typingTimer = setTimeout(() => this.#check(undefined), typingPauseMs);
  }

  #showNextOrPreviousIssue(step: 1 | -1): void {
    const issues = this.checkResult?.issues ?? [];
    if (issues.length === 0) return;
    this.#issueIndex = this.#issueIndex < 0 && step < 0 ? issues.length - 1 : (this.#issueIndex + step + issues.length) % issues.length;
    const issue = issues[this.#issueIndex];
    if (issue) this.reveal(issue);
  }
}
