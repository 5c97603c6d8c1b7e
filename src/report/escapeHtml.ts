/** Any text made safe inside HTML and SVG. */
import { visible } from "../base/visible.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Escapes the five characters with a meaning in markup, and those that XML does not allow or nobody sees: safe
 * as text and as a quoted attribute.
 */
export const escapeHtml = (text: string): string =>
  visible(text).replace(/[&<>"']/g, (character) => entities[character]!);
