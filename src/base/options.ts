/** Options of every kind, checked against their schema, with messages that name what is wrong. */
import { z } from "zod";
import { ArgumentError } from "./errors.ts";
import { didYouMean } from "./suggest.ts";

/** One settable option, as the command line needs to know it. */
export interface OptionLeaf {
  /** Keys from the root, e.g. `["training", "batchSize"]`. */
  readonly path: readonly string[];
  /** Its flag without dashes in front, e.g. `batch-size`. */
  readonly flag: string;
  readonly kind: "number" | "boolean" | "text" | "list" | "numbers";
  /** The values of a choice, or of the entries of a list. */
  readonly choices?: readonly string[];
  readonly description: string;
  /** What a text is, for the help, where the schema says it: a file, a folder. */
  readonly value?: string;
  /** There is no default, and it cannot be left out. */
  readonly required: boolean;
  /** The schema's own default; undefined if it has none. */
  readonly defaultValue?: unknown;
}

/** The path of a file, as an option. */
export const fileOption = (description: string) =>
  z.string().min(1).meta({ description, value: "file" });

/** The path of a folder, as an option. */
export const folderOption = (description: string) =>
  z.string().min(1).meta({ description, value: "folder" });

/**
 * Checks `value` against `schema`.
 *
 * @param what  what the value is, for the message when it is no object, e.g. `options of train`
 * @returns the checked value with the schema's defaults
 * @throws {ArgumentError} naming every option that is wrong, what it must be and what it is.
 */
export function checkOptions<S extends z.ZodType>(
  schema: S,
  value: unknown,
  what: string,
): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => describeIssue(issue, schema, value, what));
  throw new ArgumentError(problems.join("\n"));
}

/**
 * The options of a schema one by one, in its order; nested objects are gone into. The flag is made of the last key, unless
 * the field's `meta({ flag })` names another.
 */
export function leavesOf(schema: z.ZodType, path: readonly string[] = []): OptionLeaf[] {
  return Object.entries(shapeOf(schema) ?? {}).flatMap(([key, field]) => {
    const inner = unwrap(field);
    const here = [...path, key];
    if (shapeOf(inner)) return leavesOf(inner, here);
    const description = field.description ?? inner.description ?? "";
    const own = field instanceof z.ZodDefault ? { defaultValue: field.def.defaultValue } : {};
    const value = ownMeta(field, "value");
    const leaf = {
      path: here,
      flag: ownMeta(field, "flag") ?? flagOf(key),
      ...{ description, required: field === inner, ...own },
      ...(value !== undefined && { value }),
    };
    if (inner instanceof z.ZodEnum) return [{ ...leaf, kind: "text", choices: texts(inner) }];
    if (inner instanceof z.ZodBoolean) return [{ ...leaf, kind: "boolean" }];
    if (inner instanceof z.ZodNumber) return [{ ...leaf, kind: "number" }];
    if (!(inner instanceof z.ZodArray)) return [{ ...leaf, kind: "text" }];
    const element = inner.element;
    if (element instanceof z.ZodNumber) return [{ ...leaf, kind: "numbers" }];
    const choices = element instanceof z.ZodEnum ? { choices: texts(element) } : {};
    return [{ ...leaf, kind: "list", ...choices }];
  });
}

/** What a field says of itself besides its description. */
function ownMeta(field: z.ZodType | undefined, key: "flag" | "value"): string | undefined {
  if (!field) return undefined;
  const text = field.meta()?.[key] ?? unwrap(field).meta()?.[key];
  return typeof text === "string" ? text : undefined;
}

/** `batchSize` to `batch-size`. */
export const flagOf = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * What was typed after a flag, as the value that its option wants; what does not fit stays text,
 * for the schema to refuse.
 */
export function parseFlag(leaf: OptionLeaf, text: string): unknown {
  const entries = text.split(",").map((entry) => entry.trim());
  if (leaf.kind === "list") return entries;
  if (leaf.kind === "numbers") return entries.map(toNumber);
  return leaf.kind === "number" ? toNumber(text) : text;
}

function toNumber(text: string): number | string {
  const number = text.trim() === "" ? NaN : Number(text);
  return Number.isNaN(number) ? text : number;
}

function describeIssue(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  value: unknown,
  what: string,
): string {
  const keys = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey([...keys, key], schema)).join("\n");
  }
  const got = at(value, keys);
  const where = keys.length === 0 ? what : nameOf(keys, schema);
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String);
    const hint = typeof got === "string" ? didYouMean(got, values) : "";
    return `${where} must be one of ${values.join(", ")}, got ${show(got)}${hint}`;
  }
  const field = shapeAt(schema, keys.slice(0, -1))?.[keys.at(-1) ?? ""];
  if (got === undefined && issue.code === "invalid_type" && field?.description !== undefined)
    return `${where} must be given (${field.description}), got nothing`;
  const must = requirement(issue, field && unwrap(field));
  return `${where} must ${must}, got ${show(got)}`;
}

const kinds: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a finite number",
  string: "text",
  array: "a list",
  boolean: "true or false",
  object: "an object of options",
};

function requirement(issue: z.core.$ZodIssue, field: z.ZodType | undefined): string {
  switch (issue.code) {
    case "invalid_type":
      if (field instanceof z.ZodNumber && field.format === "safeint") return "be a whole number";
      return `be ${kinds[issue.expected] ?? `of type ${issue.expected}`}`;
    case "too_small":
      if (issue.origin === "array" && issue.exact) return `have ${issue.minimum} entries`;
      if (issue.origin === "string" || issue.origin === "array") return "not be empty";
      return `be ${issue.inclusive ? "at least" : "above"} ${issue.minimum}`;
    case "too_big":
      if (issue.origin === "array") return `have ${issue.maximum} entries`;
      return `be ${issue.inclusive ? "at most" : "below"} ${issue.maximum}`;
    case "not_multiple_of":
      return `be a multiple of ${issue.divisor}`;
    default:
      return issue.message;
  }
}

function unknownKey(keys: readonly string[], schema: z.ZodType): string {
  const key = keys.at(-1)!;
  const parents = keys.slice(0, -1);
  const siblings = Object.keys(shapeAt(schema, parents) ?? {});
  const leaves = leavesOf(schema);
  // An option that stands in the wrong section is as common a slip as a typing mistake.
  const elsewhere = leaves.find(({ path }) => path.at(-1) === key);
  const hint = elsewhere
    ? `; did you mean "${elsewhere.path.join(".")}"?`
    : didYouMean(key, siblings);
  return `${keys.join(".")}: every option must be a known one, got "${key}"${hint}`;
}

const nameOf = (keys: readonly string[], schema: z.ZodType): string => {
  const end = keys.findLastIndex((key) => !/^\d+$/.test(key));
  const last = keys[end] ?? "";
  const flag = ownMeta(shapeAt(schema, keys.slice(0, end))?.[last], "flag") ?? flagOf(last);
  return `${keys.join(".")} (--${flag})`;
};

function at(value: unknown, keys: readonly string[]): unknown {
  let here: unknown = value;
  for (const key of keys) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

const show = (value: unknown): string =>
  value === undefined
    ? "nothing"
    : typeof value === "number"
      ? String(value)
      : JSON.stringify(value);

const texts = (field: z.ZodEnum): string[] => field.options.map(String);

function unwrap(field: z.ZodType): z.ZodType {
  const wrapped =
    field instanceof z.ZodOptional ||
    field instanceof z.ZodExactOptional ||
    field instanceof z.ZodDefault;
  return wrapped ? unwrap(field.unwrap() as z.ZodType) : field;
}

const shapeOf = (schema: z.ZodType): Record<string, z.ZodType> | undefined =>
  schema instanceof z.ZodObject ? schema.shape : undefined;

function shapeAt(
  schema: z.ZodType,
  keys: readonly string[],
): Record<string, z.ZodType> | undefined {
  let here: z.ZodType | undefined = schema;
  for (const key of keys) {
    const field: z.ZodType | undefined = here && shapeOf(here)?.[key];
    here = field && unwrap(field);
  }
  return here && shapeOf(here);
}
