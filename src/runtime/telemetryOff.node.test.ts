import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

// The engine keeps an identifier and unsent reports below the home folder, as soon as it starts with reports on.
test("a process that opens a session keeps no usage reports", () => {
  const home = mkdtempSync(join(tmpdir(), "sgdc-home-"));
  const runtime = pathToFileURL(join(import.meta.dirname, "devices.node.ts")).href;
  const script = `const { probeDevice } = await import(${JSON.stringify(runtime)});
    const { available } = await probeDevice("cpu");
    console.log(process.env.ORT_DISABLE_TELEMETRY, available);`;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: home,
    XDG_CACHE_HOME: join(home, ".cache"),
  };
  delete env.ORT_DISABLE_TELEMETRY;
  try {
    const options = ["--import", "tsx", "--input-type=module", "--eval", script];
    expect(execFileSync(process.execPath, options, { env, encoding: "utf8" }).trim()).toBe(
      "1 true",
    );
    expect(existsSync(join(home, ".cache", "Microsoft"))).toBe(false);
  } finally {
    rmSync(home, { recursive: true });
  }
});
