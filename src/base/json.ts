/** JSON from outside, read so that no nesting can exhaust the stack of whoever walks through it. */

import { DataError } from "./errors.ts";

/** More levels than any file of use here has; every walk through a value is fine with so many. */
export const mostLevels = 100;

/**
 * What the text means, as `JSON.parse`, which itself can be nested without end; a byte order mark in front,
 * no JSON but common, is left aside.
 *
 * @param revive  as that of `JSON.parse`
 * @throws {Error} if the text is no JSON, or nested deeper than 100 levels.
 */
export function parseJson(
  text: string,
  revive?: (key: string, value: unknown) => unknown,
): unknown {
  if (depthOf(text, mostLevels) > mostLevels) {
    throw new SyntaxError(`lists and objects nested deeper than ${mostLevels} levels`);
  }
  return JSON.parse(text.replace(/^\uFEFF/, ""), revive) as unknown;
}

/**
 * The same of a file's text.
 *
 * @throws {DataError} naming the file.
 */
export function jsonOf(path: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new DataError(`${path}: must be JSON, got ${(cause as Error).message}`, { cause });
  }
}

const [quote, backslash, openList, closeList, openObject, closeObject] = Array.from(
  '"\\[]{}',
  (c) => c.charCodeAt(0),
);

/** The most lists and objects open at a time, or the first number above `most`. */
function depthOf(text: string, most: number): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  // Characters' numbers, no regular expression: files may have hundreds of megabytes.
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inText) {
      if (code === backslash) i++;
      else if (code === quote) inText = false;
    } else if (code === quote) inText = true;
    else if (code === openList || code === openObject) {
      if (++depth > deepest) deepest = depth;
      if (depth > most) return depth;
    } else if (code === closeList || code === closeObject) depth--;
  }
  return deepest;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value in a message, cut short. */
export function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
