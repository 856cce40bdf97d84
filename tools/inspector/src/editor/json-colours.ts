/** Colours for the JSON that can be seen. No token of JSON crosses a line, so a line is enough. */
import { type Range, RangeSet } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

const token = /"(?:[^"\\]|\\.)*"?(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b/g;
/** Of a line longer than this only a part is coloured: that which can be seen. */
const margin = 200;

const marks = {
  key: Decoration.mark({ class: "tok-key" }),
  string: Decoration.mark({ class: "tok-string" }),
  number: Decoration.mark({ class: "tok-number" }),
  literal: Decoration.mark({ class: "tok-literal" }),
};

export const jsonColours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = colour(view);
    }

    update({ docChanged, viewportChanged, view }: ViewUpdate): void {
      if (docChanged || viewportChanged) this.decorations = colour(view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function colour(view: EditorView): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  for (const { from, to } of view.visibleRanges) {
    const line = view.state.doc.lineAt(from);
    const start = Math.max(line.from, from - margin);
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
