/** From a schema to flags, and from flags back to options. */
import { Option, type Command } from "commander";
import { leavesOf, parseFlag, type OptionLeaf } from "../src/node.ts";

export type Schema = Parameters<typeof leavesOf>[0];

export interface FlagSettings {
  /** Options that the command takes otherwise, by their last key. */
  readonly except?: readonly string[];
  /** Options that may come from elsewhere than a flag, by their last key, or all: none of these flags is missed. */
  readonly optional?: readonly string[] | "all";
  /** What to say about the default of an option; by default that of the schema. */
  readonly defaults?: (leaf: OptionLeaf) => string | undefined;
  /** The heading of the help under which a flag stands; by default that of all options. */
  readonly group?: (leaf: OptionLeaf) => string | undefined;
}

/** Adds a flag for every option of `schema`. */
export function addFlags(
  command: Command,
  schema: Schema,
  { except = [], optional = [], defaults = ownDefault, group }: FlagSettings = {},
): void {
  const switches = new Set<string>();
  for (const leaf of flagsOf(schema, except)) {
    const told = defaults(leaf);
    const on = leaf.kind === "boolean" && told === "true";
    if (on) switches.add(`--${leaf.flag}`);
    const stated = on ? "on" : told;
    const choices = leaf.choices ? `: ${leaf.choices.join(", ")}` : "";
    const description = `${leaf.description}${choices}${stated ? ` (default: ${stated})` : ""}`;
    const value = leaf.kind === "boolean" ? "" : ` <${placeholderOf(leaf)}>`;
    const option = new Option(`${short[leaf.flag] ?? ""}--${leaf.flag}${value}`, description);
    option.makeOptionMandatory(
      leaf.required && optional !== "all" && !optional.includes(leaf.path.at(-1)!),
    );
    const heading = group?.(leaf);
    if (heading !== undefined) option.helpGroup(heading);
    command.addOption(option);
    if (leaf.kind === "boolean") command.addOption(new Option(`--no-${leaf.flag}`).hideHelp());
  }
  // What is on by itself is there to be switched off: the help says how.
  const { optionTerm } = command.configureHelp();
  command.configureHelp({
    optionTerm: (option) =>
      switches.has(option.flags)
        ? option.flags.replace(/^--/, "--[no-]")
        : (optionTerm?.(option) ?? option.flags),
  });
}

function ownDefault({ defaultValue }: OptionLeaf): string | undefined {
  if (defaultValue === undefined || defaultValue === false) return undefined;
  if (Array.isArray(defaultValue)) return defaultValue.join(",") || undefined;
  return typeof defaultValue === "string" ? defaultValue : JSON.stringify(defaultValue);
}

const short: Readonly<Record<string, string>> = { out: "-o, " };

/** What the value is: as the schema says, else by its kind. */
const placeholderOf = ({ kind, choices, value }: OptionLeaf): string =>
  value ?? (kind === "text" && choices ? "choice" : placeholders[kind]);

const placeholders = {
  number: "n",
  text: "text",
  list: "a,b",
  numbers: "n,n",
  boolean: "",
} as const;

/** The options that were given as flags, nested as the schema has them; only what was given. */
export function readFlags(
  values: Readonly<Record<string, unknown>>,
  schema: Schema,
  except: readonly string[] = [],
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const leaf of flagsOf(schema, except)) {
    // Commander names `--batch-size` as batchSize.
    const value = values[leaf.flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
    if (value === undefined) continue;
    let section = options;
    for (const key of leaf.path.slice(0, -1)) {
      section = (section[key] ??= {}) as Record<string, unknown>;
    }
    section[leaf.path.at(-1)!] = typeof value === "string" ? parseFlag(leaf, value) : value;
  }
  return options;
}

const flagsOf = (schema: Schema, except: readonly string[]): OptionLeaf[] =>
  leavesOf(schema).filter(({ path }) => !except.includes(path.at(-1)!));
