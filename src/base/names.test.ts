import { expect, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { DataError } from "./errors.ts";
import { checkName, nameFault } from "./names.ts";

test("names that lead elsewhere, or that some system cannot hold, are refused with the reason", () => {
  const faults: Readonly<Record<string, string>> = {
    "": "is empty",
    ".": "means a folder",
    "..": "means a folder",
    "../victim": "holds a slash",
    "/etc/passwd": "holds a slash",
    "..\\victim": "holds a backslash",
    "C:victim": "begins with a drive",
    "a\u0000.png": "holds a control character",
    "a\u001b[2J": "holds a control character",
    "a\nb": "holds a control character",
    "a\u009b": "holds a control character",
    "half \ud83d": "holds half a character",
    con: "means a device on Windows",
    "NUL.png": "means a device on Windows",
    "Lpt9 .tar.gz": "means a device on Windows",
    "com¹": "means a device on Windows",
    ["x".repeat(256)]: "has 256 bytes, above 255",
    ["é".repeat(128)]: "has 256 bytes, above 255",
  };
  for (const [name, fault] of Object.entries(faults)) {
    expect(nameFault(name), JSON.stringify(name)).toBe(fault);
  }
});

test("all other names may be those of files", () => {
  for (const name of [
    ...["__proto__", "constructor", "toString", "hasOwnProperty"],
    ...["a", "...", "..a", "a..b", ".hidden", "12:30", "console", "com10", "aux-1", "nul_mask"],
    ...["Müller, 骨 (1)", "a b", "%2e%2e%2f", "~", "-rf", "x".repeat(255), "\u{1f52c}"],
  ]) {
    expect(nameFault(name), name).toBeUndefined();
    expect(checkName(name, "here")).toBe(name);
  }
});

test("the message names the place and shows the name without its control characters", () => {
  expectError(
    () => checkName("a\u001b[31m", "patch_info.csv: patch 0"),
    DataError,
    'patch_info.csv: patch 0 must have a name that can be that of a file, got "a\\u001b[31m", which holds a control character; rename it',
  );
  expectError(
    () => checkName("x".repeat(300), "here"),
    DataError,
    `here must have a name that can be that of a file, got "${"x".repeat(57)}...", which has 300 bytes`,
  );
});
