/** The page: an editor on the left, views of what is in it on the right. */
import { h } from "../base/dom";
import { latest } from "../base/latest";
import type { Loaded, Session } from "../base/session";
import { Editor } from "../editor/editor";
import { ask, ready } from "../rules/ask";
import type { Subject, Verdict } from "../rules/shapes";
import { acceptFiles } from "./files";
import { Header } from "./header";
import { listenForKeys } from "./keys";
import { Status } from "./status";
import { Tabs } from "./tabs";

/** Milliseconds without a key stroke after which a text that is being typed is checked. */
const pause = 120;

export class App implements Session {
  readonly element: HTMLElement;
  subject: Subject = { text: "", kind: "auto", policy: "auto", existing: "" };
  verdict: Verdict | undefined;
  readonly #editor: Editor;
  readonly #header: Header;
  readonly #tabs: Tabs;
  readonly #status = new Status();
  #typing: ReturnType<typeof setTimeout> | undefined;
  #place = -1;

  readonly #check = latest(async (since: number | undefined) => {
    const { subject } = this;
    try {
      this.verdict = await ask("inspect", subject);
    } catch (error) {
      this.#status.fail((error as Error).message);
      return;
    }
    // A text that changed meanwhile has places of its own: its verdict is on the way.
    if (subject.text === this.subject.text) this.#editor.mark(this.verdict.issues);
    this.#place = -1;
    this.#header.show(this.verdict, this.subject);
    this.#tabs.show(this.verdict);
    this.#tabs.update();
    if (subject.text === this.subject.text) this.#status.show(this.subject, this.verdict, since);
  });

  constructor() {
    this.#editor = new Editor({
      label: "The document, as JSON",
      hint: "Paste JSON here, or drop a file",
      onChange: (text, atOnce) => this.#changed(text, atOnce),
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
    listenForKeys({
      view: (place) => this.#tabs.select(place),
      issue: (step) => this.#nextIssue(step),
      format: () => void this.format(),
      open: () => this.#header.open(),
      examples: () => void this.#header.examples(),
      help: () => void this.#header.help(),
    });
    ready.then(
      () => this.#status.ready(),
      (error: Error) => this.#status.fail(error.message),
    );
    this.#tabs.update();
    this.#editor.focus();
  }

  load({ text, kind = "auto", policy = "auto", existing = "" }: Loaded): void {
    this.subject = { ...this.subject, kind, policy, existing };
    this.#status.began(performance.now(), "loading");
    this.#editor.text = text;
  }

  look(change: Partial<Omit<Subject, "text">>): void {
    this.subject = { ...this.subject, ...change };
    this.#check(undefined);
  }

  reveal(place: { readonly from: number; readonly to: number }): void {
    this.#editor.reveal(place);
  }

  async revealPath(path: string): Promise<void> {
    const place = await ask("place", this.subject.text, path);
    if (place) this.reveal(place);
  }

  async format(): Promise<void> {
    const { text } = this.subject;
    const pretty = await ask("format", text, false);
    if (pretty === undefined) return;
    // What is laid out already is put on one line.
    const formatted = pretty === text ? await ask("format", text, true) : pretty;
    if (formatted !== undefined && text === this.subject.text) {
      this.#status.began(performance.now(), "laying out");
      this.#editor.text = formatted;
    }
  }

  #changed(text: string, atOnce: boolean): void {
    this.subject = { ...this.subject, text };
    clearTimeout(this.#typing);
    if (atOnce) this.#check(this.#status.since());
    else this.#typing = setTimeout(() => this.#check(undefined), pause);
  }

  #nextIssue(step: 1 | -1): void {
    const issues = this.verdict?.issues ?? [];
    if (issues.length === 0) return;
    this.#place = this.#place < 0 && step < 0 ? issues.length - 1 : (this.#place + step + issues.length) % issues.length;
    const issue = issues[this.#place];
    if (issue) this.reveal(issue);
  }
}
