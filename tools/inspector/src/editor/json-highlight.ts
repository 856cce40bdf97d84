/** Highlights the visible JSON. No JSON token spans lines, so each line is highlighted independently. */
import { type Range, RangeSet } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

/** Matches a token. The first group is the colon after a key. */
const token = /"(?:[^"\\]|\\.)*"?(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b/g;
/** The number of characters scanned before the visible range, to find the start of a token. */
const lookBehindChars = 200;

const marks = {
  key: Decoration.mark({ class: "tok-key" }),
  string: Decoration.mark({ class: "tok-string" }),
  number: Decoration.mark({ class: "tok-number" }),
  literal: Decoration.mark({ class: "tok-literal" }),
};

/** The editor extension that highlights JSON. */
export const jsonHighlight = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = highlight(view);
    }

    update({ docChanged, viewportChanged, view }: ViewUpdate): void {
      if (docChanged || viewportChanged) this.decorations = highlight(view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function highlight(view: EditorView): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  for (const { from, to } of view.visibleRanges) {
    const line = view.state.doc.lineAt(from);
    const start = Math.max(line.from, from - lookBehindChars);
    const text = view.state.doc.sliceString(start, to);
    for (const match of text.matchAll(token)) {
      const at = start + match.index;
      const colon = match[1]?.length ?? 0;
      const end = at + match[0].length - colon;
      if (end <= at) continue;
      const kind = match[0][0] === '"' ? (colon > 0 ? "key" : "string") : /[a-z]/.test(match[0][0] ?? "") ? "literal" : "number";
      ranges.push(marks[kind].range(at, end));
    }
  }
  return RangeSet.of(ranges, true);
}
