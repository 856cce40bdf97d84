/** The editor of a JSON text, with highlighted issues. */
import { history, historyKeymap } from "@codemirror/commands";
import { EditorState, Transaction } from "@codemirror/state";
import { EditorView, keymap, lineNumbers, placeholder } from "@codemirror/view";
import type { PlacedIssue } from "../rules/types";
import { diagnostics, setIssues } from "./diagnostics";
import { jsonHighlight } from "./json-highlight";
import { editorKeymap } from "./keymap";
import { theme } from "./theme";

export interface EditorOptions {
  /** The accessible name. */
  readonly label: string;
  /** The placeholder of the empty editor. */
  readonly hint: string;
  /** Is called after each change. `isPasteOrLoad` is true for a paste, a drop or a load, and false for other changes. */
  readonly onChange: (text: string, isPasteOrLoad: boolean) => void;
}

export class Editor {
  readonly element = document.createElement("div");
  readonly #view: EditorView;

  constructor({ label, hint, onChange }: EditorOptions) {
    this.element.className = "editor";
    // In a shadow root the editor uses constructed style sheets, which a strict Content-Security-Policy allows.
    const root = this.element.attachShadow({ mode: "open" });
    this.#view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        extensions: [
          lineNumbers(),
          diagnostics,
          history(),
          keymap.of([...editorKeymap, ...historyKeymap]),
          jsonHighlight,
          theme,
          placeholder(hint),
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
          EditorView.updateListener.of(({ docChanged, state, transactions }) => {
            if (!docChanged) return;
            const isPasteOrLoad = transactions.some(
              (transaction) => ["input.paste", "input.drop", "load"].some((event) => transaction.isUserEvent(event)),
            );
            onChange(state.doc.toString(), isPasteOrLoad);
          }),
        ],
      }),
    });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** Replaces the text. The user can undo the change. */
  set text(text: string) {
    this.#view.dispatch({
      changes: { from: 0, to: this.#view.state.doc.length, insert: text },
      selection: { anchor: 0 },
      scrollIntoView: true,
      annotations: Transaction.userEvent.of("load"),
    });
  }

  /** Replaces the highlighted issues. */
  showIssues(issues: readonly PlacedIssue[]): void {
    this.#view.dispatch({ effects: setIssues.of(issues) });
  }

  /** Selects a range, scrolls to it and focuses the editor. */
  reveal({ from, to }: { readonly from: number; readonly to: number }): void {
    const end = this.#view.state.doc.length;
    const selection = { anchor: Math.min(from, end), head: Math.min(to, end) };
    this.#view.dispatch({ selection, effects: EditorView.scrollIntoView(selection.anchor, { y: "center" }) });
    this.#view.focus();
  }

  focus(): void {
    this.#view.focus();
  }

  /** Returns the selected range. */
  get selection(): { readonly from: number; readonly to: number } {
    const { from, to } = this.#view.state.selection.main;
    return { from, to };
  }
}
