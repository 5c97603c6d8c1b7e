/** The door through which every name that is to become a file's must pass: it can then lead nowhere else. */
import { DataError } from "./errors.ts";
import { visibleLine } from "./visible.ts";

/** File systems of all kinds hold names of so many bytes. */
const mostBytes = 255;

/** Names that Windows keeps for devices, whatever extension follows. */
const device =
  /^(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$|clock\$) *(\.|$)/i;

/**
 * Why a text cannot be the name of one file on every system, as `holds a slash`; undefined if it can.
 *
 * `__proto__`, `constructor` and the like are names as any other: see `valuesByName`.
 */
export function nameFault(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name === "." || name === "..") return "means a folder";
  if (name.includes("/")) return "holds a slash";
  if (name.includes("\\")) return "holds a backslash";
  if (/^[a-z]:/i.test(name)) return "begins with a drive";
  if (/\p{Cc}/u.test(name)) return "holds a control character";
  if (/\p{Cs}/u.test(name)) return "holds half a character";
  if (device.test(name)) return "means a device on Windows";
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > mostBytes) return `has ${bytes} bytes, above ${mostBytes}`;
  return undefined;
}

/** An object of values by name, in which `__proto__` and `constructor` are names as any other. */
export function valuesByName<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const values = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) values[name] = value;
  return values;
}

/**
 * The name, if it can be that of a file.
 *
 * @param where  begins the message, as `patch_info.csv: patch 0`
 * @throws {DataError} if it cannot.
 */
export function checkName(name: string, where: string): string {
  const fault = nameFault(name);
  if (fault === undefined) return name;
  const shown = name.length > 60 ? `${name.slice(0, 57)}...` : name;
  throw new DataError(
    `${where} must have a name that can be that of a file, got "${visibleLine(shown)}", which ${fault}; rename it`,
  );
}
