/** Telling which samples belong together: by the data set, a pattern on names, or a table. */
import { ArgumentError, DataError } from "../../base/errors.ts";
import { valuesByName } from "../../base/names.ts";
import { bareName } from "./qualifyNames.ts";
import type { Splittable } from "./splitUnits.ts";

/**
 * The samples with the group that a pattern finds in their names, in place of any they had; of names such
 * as `train/001` in what stands behind the part.
 *
 * @param pattern  regular expression with a capture, which is the group: `^(patient\d+)_`
 * @throws {ArgumentError} if it is no regular expression, or has no capture.
 * @throws {DataError} if it does not fit a name.
 */
export function groupByPattern<T extends Splittable>(samples: readonly T[], pattern: string): T[] {
  const expression = compile(pattern);
  return samples.map((sample) => {
    const group = expression.exec(bareName(sample.name))?.[1];
    if (group === undefined) {
      throw new DataError(
        `group: pattern ${pattern} must fit every name and capture its group, got ${sample.name}, which it does not fit`,
      );
    }
    return { ...sample, group };
  });
}

function compile(pattern: string): RegExp {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "u");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArgumentError(`group: pattern must be a regular expression, got ${reason}`, {
      cause,
    });
  }
  // With an empty alternative it matches anything, and tells how many captures there are.
  if ((new RegExp(`${pattern}|`, "u").exec("")?.length ?? 1) > 1) return expression;
  throw new ArgumentError(
    `group: pattern must have a capture, which is the group, got ${pattern}; put it in parentheses, as in ^(patient\\d+)_`,
  );
}

/**
 * The samples with the groups of a table, in place of any they had. Names that are no sample's are left aside;
 * a name in several parts may stand with its part (`train/001`) or, for all of them, without.
 *
 * @param where  begins the message, e.g. the table's file
 * @throws {DataError} if a sample is not in the table.
 */
export function groupByTable<T extends Splittable>(
  samples: readonly T[],
  table: ReadonlyMap<string, string>,
  where = "group",
): T[] {
  const groupOf = (name: string) => table.get(name) ?? table.get(bareName(name));
  const missing = samples.filter(({ name }) => groupOf(name) === undefined).map(({ name }) => name);
  if (missing.length > 0) {
    const shown = missing.slice(0, 5).join(", ") + (missing.length > 5 ? ", ..." : "");
    throw new DataError(
      `${where}: every image must have its group, got ${missing.length} of ${samples.length} without: ${shown}`,
    );
  }
  return samples.map((sample) => ({ ...sample, group: groupOf(sample.name)! }));
}

/** Group by name, of the samples that have one; undefined where none has. */
export function groupsOf(samples: readonly Splittable[]): Record<string, string> | undefined {
  const entries = samples.flatMap(({ name, group }) =>
    group === undefined ? [] : [[name, group] as const],
  );
  return entries.length === 0 ? undefined : valuesByName(entries);
}
