import { execFileSync, spawn } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonLines, sgdc, type Ran } from "../test/helpers/commandLine.ts";
import { writeRectangles } from "../test/helpers/fakeEngine.ts";

let root: string;
const at = (...parts: string[]): string => join(root, ...parts);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-cli-"));
  await writeRectangles(at("data"), 10);
  const { code, stderr } = await sgdc(...trainArgs("run"));
  expect([code, stderr]).toEqual([0, expect.stringContaining("epoch 2/2: loss") as string]);
});
afterAll(() => rm(root, { recursive: true }));

const small = ["--size", "64", "--batch-size", "4", "--workers", "0", "--validation", "0.2"];
const trainArgs = (name: string, ...more: string[]): string[] => [
  ...["train", at("data"), "--out", at(name), "--epochs", "2", "--learning-rate", "0.3"],
  ...small,
  ...more,
];

describe("usage", () => {
  it("shows help with examples for every command", async () => {
    const { code, stdout } = await sgdc("--help");
    expect(code).toBe(0);
    for (const name of [
      "demo",
      "phantom",
      "train",
      "evaluate",
      "predict",
      "score",
      "compare",
      "stress",
      "inspect",
    ]) {
      expect(stdout).toContain(`  ${name} `);
      const help = await sgdc(name, "--help");
      expect(help.code).toBe(0);
      expect(help.stdout).toMatch(/Examples:\n {2}sgdc/);
      expect(help.stdout).toContain("--json");
    }
    expect((await sgdc("doctor", "--help")).stdout).toContain("sgdc doctor --json");
  });

  it("tells the defaults of both presets, and each choice", async () => {
    const { stdout } = await sgdc("train", "--help");
    const flat = stdout.replace(/\s+/g, " ");
    expect(flat).toMatch(
      /--optimizer <choice> update rule: adam, adamW, momentumSgd \(default: paper adam/,
    );
    expect(flat).toContain("--lambda <n> weight of the edge loss (default: 3)");
  });

  it("suggests the near command, flag and value, with exit code 2", async () => {
    const command = await sgdc("trian", "x");
    expect(command.code).toBe(2);
    expect(command.stderr).toBe("error: unknown command 'trian'\n(Did you mean train?)\n");
    const flag = await sgdc("train", "x", "--out", "y", "--bath-size", "3");
    expect(flag.code).toBe(2);
    expect(flag.stderr).toBe("error: unknown option '--bath-size'\n(Did you mean --batch-size?)\n");
    const value = await sgdc(...trainArgs("none", "--optimizer", "adamv"));
    expect(value.code).toBe(2);
    expect(value.stderr).toBe(
      'error: training.optimizer (--optimizer) must be one of adam, adamW, momentumSgd, got "adamv"; did you mean "adam"?\n',
    );
    const device = await sgdc("evaluate", at("run"), "--device", "cudo");
    expect(device.code).toBe(2);
    expect(device.stderr).toMatch(
      /^error: device \(--device\) must be one of .*did you mean "cuda"\?/,
    );
  });

  it("refuses missing arguments, no command, and numbers that are none", async () => {
    expect((await sgdc("train", "x")).stderr).toMatch(/required option '-o, --out <folder>' not/);
    expect(await sgdc("predict", "x")).toMatchObject({ code: 2 });
    expect(await sgdc()).toMatchObject({ code: 2, stdout: "" });
    const text = await sgdc(...trainArgs("none", "--epochs", "many"));
    expect(text).toMatchObject({
      code: 2,
      stderr: 'error: training.epochs (--epochs) must be a whole number, got "many"\n',
    });
  });

  it("fails with exit code 1 on bad data; --json adds an object, --debug the stack", async () => {
    const plain = await sgdc("score", at("nope"), at("data"));
    expect(plain.code).toBe(1);
    expect(plain.stderr).toMatch(
      /^error: .*nope: must be an image or a folder of images, got no such/,
    );
    expect(plain.stderr.trim().split("\n")).toHaveLength(1);
    const json = await sgdc("score", at("nope"), at("data"), "--json", "--debug");
    expect(jsonLines(json.stdout)).toEqual([
      { error: { code: "SGDC_DATA", message: expect.stringContaining("nope") as string } },
    ]);
    expect(json.stderr).toMatch(/\n {4}at /);
  });
});

describe("sgdc train", () => {
  it("takes a configuration file, and flags over it", async () => {
    const file = at("config.json");
    await writeFile(file, JSON.stringify({ training: { epochs: 7, seed: 5 }, data: { size: 64 } }));
    const args = [
      "train",
      at("data"),
      "--config",
      file,
      "--out",
      at("configured"),
      "--epochs",
      "1",
    ];
    const { code } = await sgdc(...args, ...small);
    expect(code).toBe(0);
    const config = JSON.parse(await readFile(at("configured/config.json"), "utf8")) as {
      training: Record<string, unknown>;
    };
    expect(config.training).toMatchObject({ epochs: 1, seed: 5, batchSize: 4 });
    await writeFile(file, "{oops");
    const broken = await sgdc(...args);
    expect(broken).toMatchObject({ code: 1 });
    expect(broken.stderr).toMatch(/config\.json: configuration must be JSON, got: /);
    await writeFile(file, '{"training": {"epoch": 3}}');
    expect((await sgdc(...args)).stderr).toMatch(/training\.epoch: .* did you mean "epochs"\?/);
  });

  it("prints JSON lines: phases, steps, epochs, result", async () => {
    const { code, stdout, stderr } = await sgdc(...trainArgs("json", "--json"));
    expect([code, stderr]).toEqual([0, ""]);
    const events = jsonLines(stdout);
    expect(events.map(({ event }) => event)).toEqual([
      ...["phase", "phase"],
      ...["step", "step", "epoch", "step", "step", "epoch"],
      ...["phase", "result"],
    ]);
    expect(events.at(-1)).toMatchObject({ status: "finished", epochs: 2, folder: at("json") });
    expect(events[2]).toMatchObject({ epoch: 1, step: 1, steps: 2 });
  });

  it("prints nothing but the result when quiet", async () => {
    const { stdout, stderr } = await sgdc(...trainArgs("quiet", "--quiet"));
    expect(stderr).toBe("");
    expect(stdout).toMatch(
      /^finished after epoch 2, best epoch \d \(.*\)\nweights: .*\nreport: .*\n$/,
    );
  });

  it("refuses a folder that holds a run", async () => {
    const { code, stderr } = await sgdc(...trainArgs("run"));
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /run: output folder must not hold a run yet, got .*--resume.*--overwrite\n$/,
    );
  });
});

describe("other commands", () => {
  it("evaluate prints a table or JSON, and writes files", async () => {
    const table = await sgdc("evaluate", at("run"), "--out", at("evaluation"), "--quiet");
    expect(table.stdout).toMatch(/\nDice +\d/);
    expect(table.stdout).toMatch(/wrote .*scores\.csv/);
    const json = await sgdc("evaluate", at("run"), "--json");
    const result = JSON.parse(json.stdout) as { summary: { images: number } };
    expect(result.summary.images).toBe(2);
  });

  it("predict writes masks, which score reads", async () => {
    const out = at("masks");
    const predicted = await sgdc("predict", at("run"), at("data/images"), "--out", out, "--json");
    const { images } = JSON.parse(predicted.stdout) as { images: { files: string[] }[] };
    expect(images).toHaveLength(10);
    const again = await sgdc("predict", at("run"), at("data/images"), "--out", out);
    expect(again).toMatchObject({ code: 2 });
    // Folders may hold masks alone.
    for (const { files } of images) await cp(files[0]!, files[0]!.replace("/masks/", "/only/"));
    const scored = await sgdc("score", at("only"), at("data/masks"), "--csv", at("scores.csv"));
    expect(scored).toMatchObject({ code: 0, stderr: "" });
    expect(scored.stdout).toMatch(/10 images: 0 with an empty truth/);
    expect((await readFile(at("scores.csv"), "utf8")).trim().split("\r\n")).toHaveLength(11);
    const spaced = ["score", at("only"), at("data/masks"), "--spacing", "0.5,0.5", "--json"];
    const { summary } = JSON.parse((await sgdc(...spaced)).stdout) as { summary: { unit: string } };
    expect(summary.unit).toBe("mm");
    const wrong = await sgdc("score", at("only"), at("data/masks"), "--spacing", "0.5");
    const masks = ["--pred", at("only"), "--truth", at("data/masks")];
    const named = await sgdc("score", ...masks, "--json");
    await writeFile(at("named.json"), named.stdout);
    expect(JSON.parse(named.stdout)).toMatchObject({ summary: { images: 10 } });
    const compared = await sgdc("compare", at("named.json"), at("named.json"));
    expect(compared).toMatchObject({ code: 0, stderr: "" });
    expect(compared.stdout).toMatch(/^Dice .* 0 \/ 0 \/ 10 +1\.0000 +1\.0000 +10$/m);
    const twice = await sgdc("score", at("only"), ...masks);
    expect(twice).toMatchObject({
      code: 2,
      stderr: `error: pred must be given once, got "${at("only")}" and --pred; leave one of them out\n`,
    });
    expect(wrong.stderr).toBe("error: spacing (--spacing) must have 2 entries, got [0.5]\n");
  });

  it("phantom makes a data set, and does not mix it with another", async () => {
    const args = ["phantom", at("phantoms"), "--count", "3", "--size", "64"];
    expect(await sgdc(...args)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^3 images/) as string,
    });
    const again = await sgdc(...args);
    expect(again).toMatchObject({ code: 2 });
    expect(again.stderr).toMatch(
      /phantoms\/images: folder must be new or empty, got 3 files; choose/,
    );
    const bad = await sgdc("phantom", at("other"), "--count", "0");
    expect(bad.stderr).toBe("error: count (--count) must be at least 1, got 0\n");
  });

  it("inspect prints layers and totals", async () => {
    const { stdout } = await sgdc("inspect", "--preset", "paper");
    expect(stdout).toMatch(/head +1 x 256 x 256 +4 +196\.61 k +0\n/);
    expect(stdout).toContain("parameters: 4 trained\n  with a bias that nothing uses: 6\n");
    expect((await sgdc("inspect", at("run"))).stdout).toMatch(
      /best\.safetensors: epoch \d of 2, best/,
    );
    const { stdout: json } = await sgdc("inspect", "--preset", "paper", "--json");
    expect(JSON.parse(json)).toMatchObject({
      network: { name: "sgd-net" },
      parameters: 4,
      size: 256,
    });
  });

  it("doctor tells versions and devices", async () => {
    const { stdout } = await sgdc("doctor");
    expect(stdout).toContain(`node ${process.versions.node}`);
    expect(stdout).toMatch(/cuda +not here +no library/);
    const report = JSON.parse((await sgdc("doctor", "--json")).stdout) as { versions: object };
    expect(report.versions).toHaveProperty("sgdc", expect.stringMatching(/^\d/));
  });

  it("demo goes from nothing to a report, again and again, but only in its own folder", async () => {
    const args = ["demo", "--out", at("demo"), "--images", "16", "--held-out", "2", "--size", "64"];
    const first = await sgdc(...args, "--epochs", "1");
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(
      /report: +.*run\/report\.html\nreport: +.*evaluation\/report\.html\n$/,
    );
    expect(await readFile(at("demo/evaluation/report.html"), "utf8")).toContain("0016");
    expect(await sgdc(...args, "--epochs", "1", "--json")).toMatchObject({ code: 0 });
    await writeFile(at("demo/thesis.doc"), "");
    const refused = await sgdc(...args);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toMatch(
      /demo: folder must be new, empty or that of an earlier demo, got thesis/,
    );
  });
});

describe("Ctrl-C", () => {
  const script = fileURLToPath(new URL("../test/helpers/interruptProcess.ts", import.meta.url));

  /** Starts a command in a process of its own and sends it a signal as its output says. */
  function interrupted(
    mode: "wait" | "block",
    args: string[],
    sendAt: (stderr: string, sent: number) => boolean,
    kind: "SIGINT" | "SIGTERM" = "SIGINT",
  ): Promise<Ran & { signal: string | null }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ["--import", "tsx", script, mode, ...args]);
      let [stdout, stderr, sent] = ["", "", 0];
      child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
      child.stderr.on("data", (text: Buffer) => {
        stderr += text.toString();
        if (sendAt(stderr, sent)) {
          sent++;
          child.kill(kind);
        }
      });
      child.on("error", reject);
      child.on("exit", (code, signal) => {
        resolve({ code: code ?? -1, signal, stdout, stderr });
      });
    });
  }

  it("ends after the step under way, says how to go on, and that gives the same result", async () => {
    const more = ["--epochs", "4"];
    await sgdc(...trainArgs("whole", ...more));
    const stopped = "stopped; of $HOME's";
    const { code, stderr } = await interrupted(
      "wait",
      trainArgs(stopped, ...more),
      (text, sent) => sent === 0 && text.includes("epoch 1/4"),
    );
    expect(code).toBe(130);
    expect(stderr).toMatch(/ending after the step under way; Ctrl-C again ends at once/);
    const hint = /go on with: sgdc (train --out .* --resume)\n$/.exec(stderr)?.[1];
    // As a shell reads it.
    const line = `printf '%s\\n' ${hint!}`;
    const words = execFileSync("sh", ["-c", line], { encoding: "utf8" }).trim().split("\n");
    expect(words).toEqual(["train", "--out", at(stopped), "--resume"]);
    expect(await sgdc(...words)).toMatchObject({ code: 0 });
    const best = (name: string) => readFile(at(name, "checkpoints/best.safetensors"));
    const weights = (bytes: Buffer): Buffer => bytes.subarray(8 + Number(bytes.readBigUInt64LE()));
    expect(weights(await best(stopped))).toEqual(weights(await best("whole")));
  });

  it("or SIGTERM ends a prediction after the image under way, whose files are whole or absent", async () => {
    const inputs = at("inputs");
    await cp(at("data", "images"), inputs, { recursive: true });
    // Nothing is waited for, not even what never ends.
    const pipe = at("pipe.png");
    execFileSync("mkfifo", [pipe]);
    const out = at("cut short");
    const { code, stdout, stderr } = await interrupted(
      "wait",
      ["predict", at("run"), pipe, inputs, "--out", out],
      (text, sent) => sent === 0 && text.includes("prediction 3"),
      "SIGTERM",
    );
    expect([code, stdout]).toEqual([130, ""]);
    expect(stderr).toMatch(/\ninterrupted\n$/);
    const written = (await readdir(out)).sort();
    const images = [...new Set(written.map((name) => name.replace(/_[a-z]+\.png$/, "")))];
    expect(images.length).toBeGreaterThan(1);
    expect(images.length).toBeLessThan(10);
    const ends = ["mask", "overlay", "probability"];
    expect(written).toEqual(images.flatMap((name) => ends.map((end) => `${name}_${end}.png`)));
  });

  it("a second time ends at once, even while the engine computes", async () => {
    const { signal, stderr } = await interrupted(
      "block",
      trainArgs("killed", "--epochs", "50"),
      (text, sent) =>
        sent === 0
          ? text.includes("building the network")
          : sent === 1 && text.includes("again ends at once"),
    );
    expect(signal).toBe("SIGINT");
    expect(stderr).not.toContain("go on with");
  });
});
