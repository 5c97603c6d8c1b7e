/** Colours that stay apart for colour-blind readers, after Okabe and Ito (2008). */

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Lines of a plot, in the order in which they are handed out. */
export const lineColours: readonly string[] = [
  "#2385cf",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#8c6d46",
  "#7f7f7f",
];

/** Contours: blue against yellow also differs in brightness; skin and tissue are neither. */
export const truthColour: Rgb = [0, 150, 255];
export const predictionColour: Rgb = [255, 221, 0];
/** Where both contours run over the same pixel. */
export const agreementColour: Rgb = [255, 255, 255];

export const cssColour = ([red, green, blue]: Rgb) => `rgb(${red} ${green} ${blue})`;

/** Tints of regions that a prediction missed, made up, or took for something else. */
export const missedColour: Rgb = [0, 150, 255];
export const falseColour: Rgb = [235, 80, 190];
export const confusedColour: Rgb = [0, 200, 130];

/**
 * Of class 1, 2, ... as pages write them; after the eighth they start again. They are far from each other and
 * from what else is drawn: contours, and the tints of what was missed, made up or confused.
 */
export const classColours: readonly string[] = [
  "#d55e00",
  "#4b2fd6",
  "#7d7d19",
  "#e1affa",
  "#197d7d",
  "#e1004b",
  "#7d4b4b",
  "#222222",
];

export const classColour = (kind: number): string =>
  classColours[(kind - 1) % classColours.length]!;

/** From no error to a large one, at equal steps: falls in brightness all along. */
export const errorScale: readonly Rgb[] = [
  [255, 255, 255],
  [255, 221, 0],
  [255, 120, 0],
  [225, 0, 0],
];

/** The colour at a position of 0 to 1 along a scale, linear between its steps. */
export function scaleColour(scale: readonly Rgb[], position: number): Rgb {
  const at = position * (scale.length - 1);
  const k = Math.min(Math.floor(at), scale.length - 2);
  return mixed(scale[k]!, scale[k + 1]!, at - k);
}

/** (1 - share) below + share above. */
export const mixed = (below: Rgb, above: Rgb, share: number): Rgb => {
  const part = (c: 0 | 1 | 2) => Math.round((1 - share) * below[c] + share * above[c]);
  return [part(0), part(1), part(2)];
};

/** Of a colour written `#rrggbb`. */
export const rgbOf = (hex: string): Rgb => {
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
};
