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
