/** Converting a data set to another form on disk: all of it, or nothing. */
import { mkdir, readdir, realpath, rename, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { ArgumentError, DataError } from "../../base/errors.ts";
import type { Dataset } from "../dataset.ts";
import { atomicWriteFile, fileReason, makeFolder } from "../../base/files.node.ts";
import { checkName } from "../../base/names.ts";
import { groupsFile, groupsToCsv } from "../layouts/groupsFile.node.ts";
import { openDataset } from "../openDataset.node.ts";
import { type DatasetWriter, partNames, type WriteHooks, type Written } from "./converter.node.ts";
import { writeCoco } from "./writeCoco.node.ts";
import { writeFolders } from "./writeFolders.node.ts";
import { writeNnunet } from "./writeNnunet.node.ts";

/** The forms that can be written. */
export const targetForms = ["folders", "nnunet", "coco"] as const;
export type TargetForm = (typeof targetForms)[number];

const writers: Readonly<Record<TargetForm, DatasetWriter>> = {
  folders: writeFolders,
  nnunet: writeNnunet,
  coco: writeCoco,
};

export interface ConvertOptions extends WriteHooks {
  /** Replace the target; default false. */
  readonly overwrite?: boolean;
  /** Keep classes alone; default false. */
  readonly dropInstances?: boolean;
}

/**
 * Writes the data set into `out`. Everything goes into a folder beside it that takes its name at the end, so
 * that `out` is there whole or not at all; before that, what was written is opened and compared by names.
 *
 * @throws {ArgumentError} if the target is in use, or inside the source or around it; for instances to nnU-Net.
 * @throws {DataError} as reading does; if a file cannot be written, or names cannot be those of files, or
 *   not be told apart in the new form.
 */
export async function convertDataset(
  source: Dataset,
  to: TargetForm,
  out: string,
  options: ConvertOptions = {},
): Promise<Written> {
  const { overwrite = false, dropInstances = false } = options;
  if (to === "nnunet" && source.instances && !dropInstances) {
    throw new ArgumentError(
      `to (--to) must be folders or coco for a data set of instances, got nnunet, which knows classes only; give --drop-instances to leave them out`,
    );
  }
  const dataset = dropInstances ? { ...source, instances: false } : source;
  const target = resolve(out);
  await checkTarget(source.root, target, overwrite);
  for (const sample of partNames.flatMap((part) => dataset[part])) {
    checkName(sample.name, `${sample.image}: image`);
  }
  // A name that nobody can have made before: what lies there would be written to, and removed.
  const unique = `${process.pid}-${randomBytes(4).toString("hex")}`;
  const temporary = join(dirname(target), `.${basename(target)}.tmp-${unique}`);
  await making(target, async () => {
    await makeFolder(dirname(target));
    await mkdir(temporary);
  });
  try {
    const written = await writers[to](dataset, temporary, options);
    const groups = groupsToCsv(dataset);
    if (groups !== undefined) await atomicWriteFile(join(temporary, groupsFile), groups);
    await compare(dataset, temporary, target);
    options.signal?.throwIfAborted();
    await replace(temporary, target);
    return written;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What stands in the root of a data set in one of the forms that are written, whoever wrote it. */
const isOfDataset =
  /^(images|masks|labels|instances|annotations|train|val|test|(images|labels)T[rs]|(classes|dataset|splits_final)\.json|classes\.txt|groups\.csv)$/;

/**
 * @throws {ArgumentError} if the target is in use, holds anything but a data set, or one of the two folders
 *   lies in the other.
 */
async function checkTarget(root: string, target: string, overwrite: boolean): Promise<void> {
  const from = await realpath(root);
  const to = await realpath(target).catch(() => target);
  for (const [outer, inner] of [
    [from, to],
    [to, from],
  ] as const) {
    const way = relative(outer, inner);
    if (way === "" || !(way === ".." || way.startsWith(`..${sep}`))) {
      throw new ArgumentError(
        `${target}: target must lie outside of the data set and not around it, got ${root}; choose another folder`,
      );
    }
  }
  const found = await readdir(target).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new ArgumentError(`${target}: target must be a folder, got ${fileReason(error)}`);
  });
  if (found.length > 0 && !overwrite) {
    throw new ArgumentError(
      `${target}: target must be new or empty, got ${found.length} entries; choose another folder, or give --overwrite`,
    );
  }
  const foreign = found.filter((name) => !name.startsWith(".") && !isOfDataset.test(name));
  if (foreign.length > 0) {
    throw new ArgumentError(
      `${target}: target to overwrite must hold a data set alone, got ${foreign.slice(0, 5).join(", ")} beside it; move it away or choose another folder`,
    );
  }
}

/** Opens what was written: every sample must be found under its name, in its part, with its classes. */
async function compare(dataset: Dataset, written: string, target: string): Promise<void> {
  const again = await openDataset(written).catch((error: unknown) => {
    if (!(error instanceof DataError)) throw error;
    const message = error.message.replaceAll(written, target);
    throw new DataError(`${message}; this form cannot hold the data set's names`, { cause: error });
  });
  for (const part of partNames) {
    const names = new Set(again[part].map(({ name }) => name));
    const lost = dataset[part].find(({ name }) => !names.has(name));
    if (lost !== undefined || names.size !== dataset[part].length) {
      throw new DataError(
        `${target}: ${part} part must hold the same ${dataset[part].length} names, got ${names.size}${lost ? ` without ${lost.name}` : ""}; this form cannot hold the data set's names`,
      );
    }
  }
  if (again.classes.join("\n") !== dataset.classes.join("\n")) {
    throw new DataError(
      `${target}: classes must be ${dataset.classes.join(", ")}, got ${again.classes.join(", ")}; this form cannot hold the data set's names`,
    );
  }
}

/** The old target goes only when the new one stands ready. */
async function replace(temporary: string, target: string): Promise<void> {
  const old = `${temporary}-old`;
  const had = await making(target, () =>
    rename(target, old).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
        throw error;
      },
    ),
  );
  try {
    await making(target, () => rename(temporary, target));
  } catch (error) {
    if (had) await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

async function making<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new DataError(`${path}: folder must be writable, got ${fileReason(error)}`, {
      cause: error,
    });
  }
}
