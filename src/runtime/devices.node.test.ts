import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { probeDevices } from "./devices.node.ts";
import { DEVICES } from "./session.ts";

test("every device is tried without a word of the engine's libraries on the error stream", () => {
  const devices = pathToFileURL(join(import.meta.dirname, "devices.node.ts")).href;
  const script = `const { probeDevices } = await import(${JSON.stringify(devices)});
    console.error(JSON.stringify(await probeDevices()));`;
  // The error stream of this process, and so of everything that it starts, goes to standard output.
  const shell = `exec "$0" --import tsx --input-type=module --eval "$1" 2>&1`;
  const text = execFileSync("sh", ["-c", shell, process.execPath, script], { encoding: "utf8" });
  expect(text.trim().split("\n")).toHaveLength(1);
  const found = JSON.parse(text) as { device: string; available: boolean; detail: string }[];
  expect(found.map(({ device }) => device)).toEqual(DEVICES.filter((d) => d !== "auto"));
  expect(found.find(({ device }) => device === "cpu")).toMatchObject({ available: true });
  for (const { detail } of found) expect(detail).not.toBe("");
});

test("a device whose driver ends the process is said not to work, and the others are tried", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sgdc-devices-"));
  const script = join(folder, "crash.mjs");
  await writeFile(
    script,
    `for (const device of process.argv.slice(2)) {
      if (device === "cuda") process.exit(7);
      console.log(JSON.stringify({ device, available: true, detail: "works" }));
    }`,
  );
  try {
    const found = await probeDevices(script);
    expect(found.map(({ device, detail }) => [device, detail])).toEqual(
      DEVICES.filter((device) => device !== "auto").map((device) => [
        device,
        device === "cuda" ? "trying it must not end the process, got exit code 7" : "works",
      ]),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
