/** The styles of the editor. Of the page's styles, only custom properties apply inside its shadow root. */
import { EditorView } from "@codemirror/view";

const wavy = (colour: string) => `underline wavy ${colour} 1px`;

export const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--field)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--accent)", padding: "8px 0" },
  ".cm-content ::selection, ::selection": { backgroundColor: "var(--selection)" },
  ".cm-gutters": { backgroundColor: "var(--field)", color: "var(--muted)", border: "none", fontVariantNumeric: "tabular-nums" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 6px 0 10px" },
  ".issue-gutter": { width: "10px" },
  ".issue-dot": { display: "block", width: "6px", height: "6px", margin: "7px 2px", borderRadius: "50%" },
  ".issue-dot.error": { backgroundColor: "var(--error)" },
  ".issue-dot.warning": { backgroundColor: "var(--warning)", borderRadius: "1px" },
  ".tok-key": { color: "var(--json-key)" },
  ".tok-string": { color: "var(--json-string)" },
  ".tok-number": { color: "var(--json-number)" },
  ".tok-literal": { color: "var(--json-literal)" },
  ".issue-range": { textUnderlineOffset: "3px", textDecorationSkipInk: "none" },
  ".issue-range.error": { textDecoration: wavy("var(--error)"), backgroundColor: "var(--error-soft)" },
  ".issue-range.warning": { textDecoration: wavy("var(--warning)"), backgroundColor: "var(--warning-soft)" },
  ".cm-placeholder": { color: "var(--muted)" },
});
