/** The options of a run as flags, for every command that trains. */
import type { Command } from "commander";
import {
  mergeOptions,
  presets,
  readOptionsFile,
  runConfigSchema,
  type OptionLeaf,
  type RunOptions,
} from "../src/node.ts";
import type { Flags } from "./command.ts";
import { augmentGroup } from "./dataAugment.ts";
import { addFlags, readFlags } from "./flags.ts";

/** Adds `--config` and a flag for every option of a run. @param except  options without a flag */
export function addRunFlags(command: Command, except: readonly string[] = []): void {
  command.option("-c, --config <file>", "JSON file of options; flags override it");
  addFlags(command, runConfigSchema, {
    except: ["path", ...except],
    // They come from the preset, or from the file.
    optional: "all",
    defaults: defaultOf,
    group: groupOf,
  });
}

/** Adds the flags that say where a run goes, and what happens if something lies there. */
export function addFolderFlags(
  command: Command,
  what: Readonly<Record<"out" | "resume" | "held", string>>,
): void {
  command
    .requiredOption("-o, --out <folder>", what.out)
    .option("--resume", what.resume)
    .option("--overwrite", `delete the ${what.held} that the folder holds`)
    .option("--accept-data-changes", "resume although images or labels have changed");
}

/** What `addFolderFlags` has read. */
export const folderOf = ({ out, resume, overwrite, acceptDataChanges }: Flags): FolderOptions => ({
  out: String(out),
  ...(resume === true && { resume }),
  ...(overwrite === true && { overwrite }),
  ...(acceptDataChanges === true && { acceptDataChanges }),
});

interface FolderOptions {
  readonly out: string;
  readonly resume?: true;
  readonly overwrite?: true;
  readonly acceptDataChanges?: true;
}

/** Configuration file, overlaid with flags. */
export async function readRunOptions(
  data: unknown,
  flags: Flags,
  except: readonly string[] = [],
): Promise<Partial<RunOptions>> {
  const { config } = flags;
  const file: Partial<RunOptions> = typeof config === "string" ? await readOptionsFile(config) : {};
  const given = readFlags(flags, runConfigSchema, ["path", ...except]) as Partial<RunOptions>;
  const named =
    typeof data === "string" ? { ...given, data: { ...given.data, path: data } } : given;
  return mergeOptions(file, named);
}

/** The heading of the help: the section, with augmentation apart. */
const groupOf = (leaf: OptionLeaf): string | undefined =>
  augmentGroup(leaf) ?? sections[leaf.path[0] ?? ""];

const sections: Readonly<Record<string, string>> = {
  preset: "Network:",
  network: "Network:",
  data: "Data:",
  training: "Training:",
  runtime: "Running:",
};

/** What the presets say, one value if they agree. */
function defaultOf({ path: [section, key] }: OptionLeaf): string | undefined {
  if (section === "preset") return "compact";
  const values = Object.entries(presets).map(([name, preset]) => {
    const options: Record<string, Record<string, unknown>> = preset;
    return [name, options[section ?? ""]?.[key ?? ""]] as const;
  });
  const texts = new Set(values.map(([, value]) => JSON.stringify(value)));
  if (values.every(([, value]) => value === undefined)) return undefined;
  if (texts.size === 1) return plain(values[0]![1]);
  return values.map(([name, value]) => `${name} ${plain(value)}`).join(", ");
}

const plain = (value: unknown): string =>
  Array.isArray(value)
    ? value.join(",")
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
