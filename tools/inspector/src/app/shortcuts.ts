/** The keyboard shortcuts. `views/help.ts` lists them for users. */

/** The commands that have a shortcut. */
export interface Commands {
  /** Selects a view by its position, from 0. */
  readonly selectView: (index: number) => void;
  /** Shows the next (1) or the previous (-1) issue. */
  readonly showNextOrPreviousIssue: (step: 1 | -1) => void;
  readonly format: () => void;
  readonly openFile: () => void;
  readonly showExamples: () => void;
  readonly showHelp: () => void;
}

/** Runs a command when its shortcut is pressed, except while a dialog is open. */
export function listenForShortcuts(commands: Commands): void {
  window.addEventListener("keydown", (event) => {
    const command = findCommand(event, commands);
    if (!command || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    command();
  });
}

/** Returns the command of a key press; `undefined` if there is none. */
function findCommand(event: KeyboardEvent, { selectView, showNextOrPreviousIssue, format, openFile, showExamples, showHelp }: Commands): (() => void) | undefined {
  const { altKey, shiftKey, ctrlKey, metaKey, code, key } = event;
  if (ctrlKey || metaKey) return undefined;
  if (key === "F8") return () => showNextOrPreviousIssue(shiftKey ? -1 : 1);
  // With Alt, compares the physical key, because Alt changes the character on some keyboards.
  if (altKey && shiftKey) return code === "KeyF" ? format : undefined;
  if (altKey) {
    const digit = /^Digit([1-5])$/.exec(code)?.[1];
    if (digit) return () => selectView(Number(digit) - 1);
    return { KeyE: showExamples, KeyO: openFile }[code];
  }
  const target = event.composedPath()[0];
  const isTyping = target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  return key === "?" && !isTyping ? showHelp : undefined;
}
