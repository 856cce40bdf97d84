/** How the editor looks. It lives in a shadow root, where only the page's custom properties reach. */
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
  ".spots": { width: "10px" },
  ".spot": { display: "block", width: "6px", height: "6px", margin: "7px 2px", borderRadius: "50%" },
  ".spot.error": { backgroundColor: "var(--error)" },
  ".spot.warning": { backgroundColor: "var(--warning)", borderRadius: "1px" },
  ".tok-key": { color: "var(--json-key)" },
  ".tok-string": { color: "var(--json-string)" },
  ".tok-number": { color: "var(--json-number)" },
  ".tok-literal": { color: "var(--json-literal)" },
  ".issue-line": { textUnderlineOffset: "3px", textDecorationSkipInk: "none" },
  ".issue-line.error": { textDecoration: wavy("var(--error)"), backgroundColor: "var(--error-soft)" },
  ".issue-line.warning": { textDecoration: wavy("var(--warning)"), backgroundColor: "var(--warning-soft)" },
  ".cm-placeholder": { color: "var(--muted)" },
});
