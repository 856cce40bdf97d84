/** The header: the kind of the document, the policy and the commands. */
import { h, selectField } from "../base/dom";
import type { Workspace } from "../base/workspace";
import type { CheckInput, CheckResult, Kind } from "../rules/types";
import { pickFile } from "./files";
import { themeButton } from "./theme-button";

const kinds: readonly (readonly [Kind | "auto", string])[] = [
  ["auto", "Auto-detected"],
  ["context", "Context"],
  ["payload", "Injection payload"],
  ["state", "Dialog-state update"],
  ["variables", "Variables response"],
];

const policies: readonly (readonly [CheckInput["policy"], string])[] = [
  ["auto", "Automatic"],
  ["platform", "platform"],
  ["platform_app", "platform_app"],
  ["context", "context"],
  ["injection", "injection"],
  ["state", "state"],
];

export class Header {
  readonly element: HTMLElement;
  readonly #workspace: Workspace;
  readonly #kindField;
  readonly #policyField;
  #examplesDialog: Promise<HTMLDialogElement> | undefined;
  #helpDialog: Promise<HTMLDialogElement> | undefined;

  constructor(workspace: Workspace, { format }: { readonly format: () => void }) {
    this.#workspace = workspace;
    this.#kindField = selectField("Read as", kinds, (kind) => workspace.setOptions({ kind }));
    this.#policyField = selectField("Policy", policies, (policy) => workspace.setOptions({ policy }));
    const button = (text: string, shortcut: string | null, click: () => void) =>
      h("button", { type: "button", title: shortcut, "aria-keyshortcuts": shortcut, click }, text);
    this.element = h(
      "header.top",
      {},
      h("h1", {}, h("img", { src: "./icon.svg", alt: "", width: 20, height: 20 }), "Context inspector"),
      h("div.choices", {}, this.#kindField.element, this.#policyField.element),
      h(
        "div.actions",
        {},
        button("Examples", "Alt+E", () => void this.showExamples()),
        button("Open", "Alt+O", () => this.openFile()),
        button("Format", "Alt+Shift+F", format),
        themeButton(),
        button("Shortcuts", null, () => void this.showHelp()),
      ),
    );
  }

  /** Shows the selected options, the detected kind and its policy. */
  show({ kind, policy }: CheckResult, input: CheckInput): void {
    this.#kindField.select.value = input.kind;
    this.#policyField.select.value = input.policy;
    const kindName = kinds.find(([value]) => value === kind)?.[1] ?? "";
    const [autoKind] = this.#kindField.select.options;
    const [autoPolicy] = this.#policyField.select.options;
    if (autoKind) autoKind.text = input.text.trim() === "" ? "Auto-detected" : `Auto-detected: ${kindName}`;
    if (autoPolicy) autoPolicy.text = input.policy !== "auto" || policy === "variables" ? "Automatic" : `Automatic: ${policy}`;
  }

  openFile(): void {
    pickFile((text) => this.#workspace.load({ text }));
  }

  async showExamples(): Promise<void> {
    this.#examplesDialog ??= import("../views/examples").then((module) => this.#attach(module.examplesDialog(this.#workspace)));
    (await this.#examplesDialog).showModal();
  }

  async showHelp(): Promise<void> {
    this.#helpDialog ??= import("../views/help").then((module) => this.#attach(module.helpDialog()));
    (await this.#helpDialog).showModal();
  }

  #attach(dialog: HTMLDialogElement): HTMLDialogElement {
    document.body.append(dialog);
    return dialog;
  }
}
