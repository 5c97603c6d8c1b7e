/** Any value as the JSON of result files and of `--json`. */

/**
 * Indented by two. JSON knows neither NaN nor infinity: NaN, a value that does not exist, becomes `null` (the
 * counts beside the means say how many images went in), and infinities the strings "Infinity" and "-Infinity".
 */
export const toJson = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, field: unknown) => {
      if (typeof field !== "number" || Number.isFinite(field)) return field;
      return Number.isNaN(field) ? null : String(field);
    },
    2,
  ) + "\n";
