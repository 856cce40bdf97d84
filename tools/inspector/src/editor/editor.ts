/** The editor component: text in, text out, issues under it. */
import { history, historyKeymap } from "@codemirror/commands";
import { EditorState, Transaction } from "@codemirror/state";
import { EditorView, keymap, lineNumbers, placeholder } from "@codemirror/view";
import type { PlacedIssue } from "../rules/shapes";
import { jsonColours } from "./json-colours";
import { keys } from "./keys";
import { theme } from "./theme";
import { showIssues, underlines } from "./underlines";

export interface EditorOptions {
  /** What it is called, for those who cannot see it. */
  readonly label: string;
  /** What stands in it while it is empty. */
  readonly hint: string;
  /** Called after each change, with whether it came at once (a paste, a drop) or key by key. */
  readonly onChange: (text: string, atOnce: boolean) => void;
}


export class Editor {
  readonly element = document.createElement("div");
  readonly #view: EditorView;

  constructor({ label, hint, onChange }: EditorOptions) {
    this.element.className = "editor";
    // In a shadow root the editor's styles are sheets, which the strictest policy of a page allows.
    const root = this.element.attachShadow({ mode: "open" });
    this.#view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        extensions: [
          lineNumbers(),
          underlines,
          history(),
          keymap.of([...keys, ...historyKeymap]),
          jsonColours,
          theme,
          placeholder(hint),
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
          EditorView.updateListener.of(({ docChanged, state, transactions }) => {
            if (!docChanged) return;
            const atOnce = transactions.some(
              (one) => one.isUserEvent("input.paste") || one.isUserEvent("input.drop") || one.isUserEvent("load"),
            );
            onChange(state.doc.toString(), atOnce);
          }),
        ],
      }),
    });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** Puts a text in the place of all there is. It can be undone. */
  set text(text: string) {
    this.#view.dispatch({
      changes: { from: 0, to: this.#view.state.doc.length, insert: text },
      selection: { anchor: 0 },
      scrollIntoView: true,
      annotations: Transaction.userEvent.of("load"),
    });
  }

  mark(issues: readonly PlacedIssue[]): void {
    this.#view.dispatch({ effects: showIssues.of(issues) });
  }

  /** Selects a place, brings it into sight, and takes the keyboard there. */
  reveal({ from, to }: { readonly from: number; readonly to: number }): void {
    const end = this.#view.state.doc.length;
    const selection = { anchor: Math.min(from, end), head: Math.min(to, end) };
    this.#view.dispatch({ selection, effects: EditorView.scrollIntoView(selection.anchor, { y: "center" }) });
    this.#view.focus();
  }

  focus(): void {
    this.#view.focus();
  }

  /** The places that are selected, for tests and for what stands beside the editor. */
  get selection(): { readonly from: number; readonly to: number } {
    const { from, to } = this.#view.state.selection.main;
    return { from, to };
  }
}

