/** Rules for label files whose meaning would otherwise be a guess: soft edges, colours, transparency. */
import { ArgumentError } from "../../base/errors.ts";

/** What a person says about label files, for a conversion into files that need no rule. */
export interface LabelRules {
  /** Take values between two for the nearer: of masks from half of white on foreground; of `colours` the nearest. */
  readonly binarize?: boolean;
  /** Class of each colour; all other colours are refused. Black is the background unless another colour is. */
  readonly colours?: readonly ColourClass[];
  /** Read the other channels as if the picture were opaque. */
  readonly ignoreAlpha?: boolean;
}

export interface ColourClass {
  /** Red, green, blue, 0..255. */
  readonly colour: readonly [number, number, number];
  /** 0 for the background. */
  readonly class: number;
}

/** Names of pure colours; `green` is that of screens, (0, 255, 0). */
const names: ReadonlyMap<string, string> = new Map([
  ["black", "000000"],
  ["white", "ffffff"],
  ["red", "ff0000"],
  ["green", "00ff00"],
  ["blue", "0000ff"],
  ["yellow", "ffff00"],
  ["cyan", "00ffff"],
  ["magenta", "ff00ff"],
]);

/**
 * `red=1` and `ff8000=2` as colours of classes, with black for the background if nothing else is.
 *
 * @throws {ArgumentError} for other texts, classes not in 0..255, colours told twice, or no class at all.
 */
export function parseColours(texts: readonly string[]): ColourClass[] {
  const classes = new Map<string, number>();
  for (const text of texts) {
    const [, name = "", number = ""] = /^([^=]*)=(\d{1,3})$/.exec(text.trim()) ?? [];
    const hex = names.get(name.toLowerCase()) ?? name.toLowerCase().replace(/^#/, "");
    if (!/^[0-9a-f]{6}$/.test(hex) || Number(number) > 255) {
      throw new ArgumentError(
        `colour (--colour) must be a colour and its class, as red=1 or ff8000=2 (colours: ${[...names.keys()].join(", ")}; classes up to 255), got ${JSON.stringify(text)}`,
      );
    }
    if (classes.has(hex)) {
      throw new ArgumentError(`colour (--colour) must name a colour once, got ${hex} twice`);
    }
    classes.set(hex, Number(number));
  }
  if (![...classes.values()].some((value) => value > 0)) {
    throw new ArgumentError(
      "colour (--colour) must name a class from 1 on, got the background alone",
    );
  }
  if (![...classes.values()].includes(0) && !classes.has("000000")) classes.set("000000", 0);
  return [...classes].map(([hex, value]) => ({ colour: bytesOf(hex), class: value }));
}

const bytesOf = (hex: string): [number, number, number] => [
  parseInt(hex.slice(0, 2), 16),
  parseInt(hex.slice(2, 4), 16),
  parseInt(hex.slice(4, 6), 16),
];

/** The largest class of the colours. */
export const classesOfColours = (colours: readonly ColourClass[]): number =>
  colours.reduce((most, { class: value }) => Math.max(most, value), 0);

/** The class of a colour, 0..255 each; undefined if it is none of these. */
export function classOfColour(
  [red, green, blue]: readonly [number, number, number],
  colours: readonly ColourClass[],
  nearest: boolean,
): number | undefined {
  let best: number | undefined;
  let least = nearest ? Infinity : 1;
  for (const { colour, class: value } of colours) {
    const distance = (colour[0] - red) ** 2 + (colour[1] - green) ** 2 + (colour[2] - blue) ** 2;
    if (distance < least) [best, least] = [value, distance];
  }
  return best;
}
