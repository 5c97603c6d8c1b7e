/** Groups of samples by a rule that a person gives: a pattern, or a table in a file. */
import { csvRows } from "../formats/csvRows.ts";
import { DataError } from "../../base/errors.ts";
import { isRecord, jsonOf, shown } from "../../base/json.ts";
import { extensionOf, imageExtensions, stemOf } from "../dataset.ts";
import { readText } from "../../base/files.node.ts";
import { groupByPattern, groupByTable } from "./splitGroups.ts";
import type { Splittable } from "./splitUnits.ts";

/** Grouped samples, and in words what told the groups. */
export interface Grouped<T> {
  readonly samples: T[];
  readonly groupedBy?: string;
}

/**
 * The samples with their groups.
 *
 * @param rule  a file name ending in .csv or .json, or else a regular expression on names, whose first
 *   capture is the group; without it, the groups that the data set tells
 * @throws {ArgumentError} as `groupByPattern`; {DataError} as `groupByPattern`, `groupByTable`, `readGroups`.
 */
export async function groupSamples<T extends Splittable>(
  samples: readonly T[],
  rule?: string,
): Promise<Grouped<T>> {
  if (rule === undefined) {
    const told = samples.some(({ group }) => group !== undefined);
    return { samples: [...samples], ...(told && { groupedBy: "the data set" }) };
  }
  if (!/\.(csv|json)$/i.test(rule)) {
    return { samples: groupByPattern(samples, rule), groupedBy: `pattern ${rule}` };
  }
  const table = await readGroups(rule);
  return { samples: groupByTable(samples, table, rule), groupedBy: `table ${rule}` };
}

/**
 * A table of groups: JSON, an object of group by name, or CSV with a line of headings: a name and its group
 * in the columns `name` and `group`, or else in the first two. Names may carry their file's extension.
 *
 * @throws {DataError} if the file cannot be read, is no such table, or gives a name two groups.
 */
export async function readGroups(path: string): Promise<Map<string, string>> {
  const text = await readText(path, "a readable table of groups");
  const rows = /\.json$/i.test(path) ? jsonRows(path, text) : csvPairs(path, text);
  const groups = new Map<string, string>();
  for (const [file, group] of rows) {
    const name = imageExtensions.includes(extensionOf(file)) ? stemOf(file) : file;
    const other = groups.get(name);
    if (other !== undefined && other !== group) {
      throw new DataError(
        `${path}: a name must be in one group, got ${name} in ${other} and ${group}`,
      );
    }
    groups.set(name, group);
  }
  return groups;
}

function jsonRows(path: string, text: string): [string, string][] {
  const json = jsonOf(path, text);
  if (!isRecord(json)) {
    throw new DataError(`${path}: must be an object of group by name, got ${shown(json)}`);
  }
  return Object.entries(json).map(([name, group]) => {
    if (typeof group === "string" || typeof group === "number") return [name, String(group)];
    throw new DataError(
      `${path}: must be an object of group by name, got ${shown(group)} for ${shown(name)}`,
    );
  });
}

function csvPairs(path: string, text: string): [string, string][] {
  const [head, ...rows] = csvRows(text);
  const columns = head?.cells.map((cell) => cell.toLowerCase()) ?? [];
  const named = columns.includes("name") && columns.includes("group");
  const [nameAt, groupAt] = named ? [columns.indexOf("name"), columns.indexOf("group")] : [0, 1];
  return rows.map(({ line, cells }): [string, string] => {
    const [name = "", group = ""] = [cells[nameAt], cells[groupAt]];
    if (name !== "" && group !== "") return [name, group];
    throw new DataError(
      `${path}: every line must hold a name and its group, got "${cells.join(",")}" at line ${line}`,
    );
  });
}
