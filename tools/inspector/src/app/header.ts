/** The line above: what the document is, which policy it is held against, and what can be done with it. */
import { choice, h } from "../base/dom";
import type { Session } from "../base/session";
import type { Kind, Subject, Verdict } from "../rules/shapes";
import { pickFile } from "./files";
import { themeButton } from "./theme";

const kinds: readonly (readonly [Kind | "auto", string])[] = [
  ["auto", "Recognised"],
  ["context", "Context"],
  ["payload", "Injection payload"],
  ["state", "Dialog-state update"],
  ["answer", "Answer of variables"],
];

const policies: readonly (readonly [Subject["policy"], string])[] = [
  ["auto", "Of its kind"],
  ["platform", "platform"],
  ["platform_app", "platform_app"],
  ["context", "context"],
  ["injection", "injection"],
  ["state", "state"],
];

export class Header {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #kind;
  readonly #policy;
  #examples: Promise<HTMLDialogElement> | undefined;
  #help: Promise<HTMLDialogElement> | undefined;

  constructor(session: Session, { format }: { readonly format: () => void }) {
    this.#session = session;
    this.#kind = choice("Read as", kinds, (kind) => session.look({ kind }));
    this.#policy = choice("Policy", policies, (policy) => session.look({ policy }));
    const button = (text: string, keys: string | null, click: () => void) =>
      h("button", { type: "button", title: keys, "aria-keyshortcuts": keys, click }, text);
    this.element = h(
      "header.top",
      {},
      h("h1", {}, h("img", { src: "./icon.svg", alt: "", width: 20, height: 20 }), "Context inspector"),
      h("div.choices", {}, this.#kind.element, this.#policy.element),
      h(
        "div.actions",
        {},
        button("Examples", "Alt+E", () => void this.examples()),
        button("Open", "Alt+O", () => this.open()),
        button("Format", "Alt+Shift+F", format),
        themeButton(),
        button("Keys", null, () => void this.help()),
      ),
    );
  }

  /** Says what was recognised. */
  show({ kind, policy }: Verdict, subject: Subject): void {
    this.#kind.select.value = subject.kind;
    this.#policy.select.value = subject.policy;
    const named = kinds.find(([value]) => value === kind)?.[1] ?? "";
    const [recognised] = this.#kind.select.options;
    const [ofKind] = this.#policy.select.options;
    if (recognised) recognised.text = subject.text.trim() === "" ? "Recognised" : `Recognised: ${named}`;
    if (ofKind) ofKind.text = subject.policy !== "auto" || policy === "answer" ? "Of its kind" : `Of its kind: ${policy}`;
  }

  open(): void {
    pickFile((text) => this.#session.load({ text }));
  }

  async examples(): Promise<void> {
    this.#examples ??= import("../views/examples").then((module) => this.#placed(module.examplesDialog(this.#session)));
    (await this.#examples).showModal();
  }

  async help(): Promise<void> {
    this.#help ??= import("../views/help").then((module) => this.#placed(module.helpDialog()));
    (await this.#help).showModal();
  }

  #placed(dialog: HTMLDialogElement): HTMLDialogElement {
    document.body.append(dialog);
    return dialog;
  }
}
