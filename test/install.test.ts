/** What an installation of a checkout runs: nothing of the packages it installs, with whatever version of npm. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

const root = new URL("../", import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), "utf8"));
const { packages } = read("package-lock.json") as {
  packages: Record<string, { hasInstallScript?: boolean; resolved?: string }>;
};

test("package.json denies the installation script of every package that has one", () => {
  const scripted = Object.keys(packages).filter((path) => {
    // Some packages are for other systems.
    if (path === "" || !existsSync(new URL(`${path}/package.json`, root))) return false;
    const { scripts = {} } = read(`${path}/package.json`) as Manifest;
    return ["preinstall", "install", "postinstall"].some((name) => name in scripts);
  });
  const names = scripted.map((path) => path.replace(/^.*node_modules\//, ""));
  expect(names).toContain("onnxruntime-node");
  const { allowScripts = {} } = read("package.json") as Manifest;
  for (const name of names) expect(allowScripts[name], `allowScripts: ${name}`).toBe(false);
});

test("the lock file names no installation script and no address", () => {
  for (const [path, { hasInstallScript, resolved }] of Object.entries(packages)) {
    // npm without `allowScripts` (10, early 11) runs no script that the lock file does not mention: delete the line.
    expect(hasInstallScript, `hasInstallScript of ${path}`).toBeUndefined();
    expect(resolved, `resolved of ${path}`).toBeUndefined();
  }
});
