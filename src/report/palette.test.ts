import { expect, test } from "vitest";
import {
  agreementColour,
  classColours,
  confusedColour,
  falseColour,
  missedColour,
  predictionColour,
  rgbOf,
  truthColour,
  type Rgb,
} from "./palette.ts";

/** CIELAB of sRGB, white point D65: its distances are those that people see. */
function lab(colour: Rgb): readonly number[] {
  const [r, g, b] = colour.map((value) => {
    const c = value / 255;
    return c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92;
  }) as [number, number, number];
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const distance = (a: Rgb, b: Rgb): number =>
  Math.hypot(...lab(a).map((value, i) => value - lab(b)[i]!));

test("no class has the colour of another, of a contour, or of what was missed, false or confused", () => {
  const classes = classColours.map(rgbOf);
  const drawn = [truthColour, predictionColour, agreementColour];
  const others = [...drawn, missedColour, falseColour, confusedColour];
  // A step of 2.3 can just be seen; before, class 1 was 18 from the missed ones.
  for (const [i, colour] of classes.entries())
    for (const other of [...others, ...classes.slice(0, i)])
      expect(distance(colour, other)).toBeGreaterThan(30);
});
