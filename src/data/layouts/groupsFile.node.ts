/** `groups.csv`: which patient or slide each image comes from, for layouts that cannot say it themselves. */
import { join } from "node:path";
import { csvFormatRows } from "d3-dsv";
import { DataError } from "../../base/errors.ts";
import { readText } from "../../base/files.node.ts";
import { csvRows } from "../formats/csvRows.ts";
import type { Dataset, Sample } from "../dataset.ts";
import { parts } from "./layoutReader.node.ts";

export const groupsFile = "groups.csv";
const header = "part,name,group";

/** The file's text; undefined if no sample has a group. */
export function groupsToCsv(dataset: Dataset): string | undefined {
  const lines = parts.flatMap((part) =>
    dataset[part].flatMap(({ name, group }) => (group === undefined ? [] : [[part, name, group]])),
  );
  return lines.length === 0 ? undefined : `${header}\n${csvFormatRows(lines)}\n`;
}

/**
 * The data set with the groups that `groups.csv` beside it names; unchanged where there is no such file.
 *
 * @throws {DataError} if a line is none of part, name, group, or names an image that is not there.
 */
export async function withGroups(dataset: Dataset, files: readonly string[]): Promise<Dataset> {
  const file = files.find((name) => name.toLowerCase() === groupsFile);
  if (file === undefined) return dataset;
  const path = join(dataset.root, file);
  const [first, ...rows] = csvRows(await readText(path));
  const head = first?.cells.join(",") ?? "";
  if (head.toLowerCase() !== header) {
    throw new DataError(`${path}: must begin with ${header}, got ${JSON.stringify(head)}`);
  }
  const groups = new Map<string, string>();
  const known = new Set(
    parts.flatMap((part) => dataset[part].map(({ name }) => `${part} ${name}`)),
  );
  for (const { line, cells } of rows) {
    const [part = "", name = "", group = ""] = cells;
    if (cells.length !== 3 || group === "") {
      throw new DataError(
        `${path}: line ${line} must be ${header}, got ${JSON.stringify(cells.join(","))}`,
      );
    }
    if (!known.has(`${part} ${name}`)) {
      throw new DataError(
        `${path}: line ${line} must name an image of the data set, got ${name} in ${part}`,
      );
    }
    groups.set(`${part} ${name}`, group);
  }
  const grouped = (part: (typeof parts)[number]): Sample[] =>
    dataset[part].map((sample) => {
      const group = groups.get(`${part} ${sample.name}`);
      return group === undefined ? sample : { ...sample, group };
    });
  return {
    ...dataset,
    train: grouped("train"),
    validation: grouped("validation"),
    test: grouped("test"),
  };
}
