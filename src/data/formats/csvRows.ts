/** Tables in text files. */
import { csvParseRows } from "d3-dsv";

/** The rows of a CSV file, cells trimmed; lines without any text are left out, as is a byte order mark. */
export const csvRows = (text: string): readonly { line: number; cells: readonly string[] }[] =>
  csvParseRows(text.replace(/^\uFEFF/, ""))
    .map((row, i) => ({ line: i + 1, cells: row.map((cell) => cell.trim()) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
