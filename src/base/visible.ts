/**
 * Text from outside (file names, cells of tables) made safe to show. Whatever the command line writes goes
 * through here, and so does what is escaped for HTML, SVG and CSV.
 */

/**
 * What a terminal would obey, a reader would not see, or XML does not allow: control characters but tab and
 * line break (C0, delete, C1), marks that turn the direction of writing, separators of lines and paragraphs,
 * noncharacters, and halves of characters.
 */
const unseen =
  /(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|\p{Cs}/gu;

/**
 * The text with every unseen character as `\u001b`: the form that JSON has for them, so that JSON that passes
 * through here keeps its meaning.
 */
export const visible = (text: string): string =>
  text.replace(unseen, (character) => escapeOf(character.charCodeAt(0)));

/** The same in one line: tabs and line breaks are escaped, too. For names in listings. */
export const visibleLine = (text: string): string =>
  visible(text).replace(/[\t\n]/g, (character) => (character === "\n" ? "\\n" : "\\t"));

const escapeOf = (code: number): string => `\\u${code.toString(16).padStart(4, "0")}`;
