/** The button that switches between the light and the dark theme. Before its first use, the page follows the system. */
import { h } from "../base/dom";

const storageKey = "inspector-theme";

/** Creates the button and applies the stored theme. */
export function themeButton(): HTMLButtonElement {
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => (isDark() ? "Light" : "Dark");
  try {
    const theme = localStorage.getItem(storageKey);
    if (theme !== null) root.dataset.theme = theme;
  } catch {
    // Without storage the page follows the system.
  }
  const button = h(
    "button",
    {
      type: "button",
      click: () => {
        const theme = isDark() ? "light" : "dark";
        root.dataset.theme = theme;
        button.textContent = label();
        try {
          localStorage.setItem(storageKey, theme);
        } catch {
          // Without storage the choice lasts until the page is closed.
        }
      },
    },
    label(),
  );
  return button;
}
