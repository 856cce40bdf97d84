/** Dark or light: as the system has it, until somebody chooses. */
import { h } from "../base/dom";

const kept = "inspector-theme";

export function themeButton(): HTMLButtonElement {
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => (isDark() ? "Light" : "Dark");
  try {
    const theme = localStorage.getItem(kept);
    if (theme !== null) root.dataset.theme = theme;
  } catch {
    // A page without storage starts as the system has it.
  }
  const button = h(
    "button",
    {
      type: "button",
      click: () => {
        const theme = isDark() ? "light" : "dark";
        root.dataset.theme = theme;
        button.textContent = name();
        try {
          localStorage.setItem(kept, theme);
        } catch {
          // It holds as long as the page is open.
        }
      },
    },
    name(),
  );
  return button;
}
