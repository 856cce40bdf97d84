/** The keyboard shortcuts. `views/help.ts` lists them for users. */
export interface Commands {
  readonly view: (index: number) => void;
  readonly issue: (step: 1 | -1) => void;
  readonly format: () => void;
  readonly open: () => void;
  readonly examples: () => void;
  readonly help: () => void;
}

export function listenForShortcuts(commands: Commands): void {
  window.addEventListener("keydown", (event) => {
    const command = findCommand(event, commands);
    if (!command || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    command();
  });
}

function findCommand(event: KeyboardEvent, { view, issue, format, open, examples, help }: Commands): (() => void) | undefined {
  const { altKey, shiftKey, ctrlKey, metaKey, code, key } = event;
  if (ctrlKey || metaKey) return undefined;
  if (key === "F8") return () => issue(shiftKey ? -1 : 1);
  // Compares the physical key, because Alt changes letters on some keyboards.
  if (altKey && shiftKey) return code === "KeyF" ? format : undefined;
  if (altKey) {
    const digit = /^Digit([1-5])$/.exec(code)?.[1];
    if (digit) return () => view(Number(digit) - 1);
    return { KeyE: examples, KeyO: open }[code];
  }
  const target = event.composedPath()[0];
  const isTyping = target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  return key === "?" && !isTyping ? help : undefined;
}
