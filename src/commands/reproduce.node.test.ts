import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ArgumentError } from "../base/errors.ts";
import type { Engine } from "../network/engine.ts";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { fakeEngine, writeRectangles } from "../../test/helpers/fakeEngine.ts";
import { reproduce, type PlannedRun, type ReproduceOptions } from "./reproduce.node.ts";

let scratch = "";
let data = "";
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "sgdc-reproduce-"));
  data = join(scratch, "data");
  await writeRectangles(data, 9);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const options = (out: string, more: Partial<ReproduceOptions> = {}): ReproduceOptions => ({
  table: "table-7",
  out: join(scratch, out),
  data: { path: data, size: 64, workers: 0 },
  training: { epochs: 1, batchSize: 2 },
  runtime: { device: "cpu", threads: 1 },
  rows: ["sgd-net", "sgd-net-lambda-0"],
  folds: 3,
  pictures: 0,
  ...more,
});

/** Runs it with a fake engine; `broken` says of which network options the engine cannot train. */
async function run(given: ReproduceOptions, broken: (options: unknown) => boolean = () => false) {
  const fake = fakeEngine();
  const engine: Engine = {
    ...fake,
    openTrainingModel: (setup) =>
      broken(setup.loss)
        ? Promise.reject(new Error("no memory left"))
        : fake.openTrainingModel(setup),
  };
  const began: PlannedRun[] = [];
  const result = await reproduce(given, {
    engine,
    onRun({ row, fold, seed }) {
      began.push({ row, fold, seed });
    },
  });
  return { result, began };
}

const read = (...path: string[]): Promise<string> => readFile(join(scratch, ...path), "utf8");

describe("reproduce", () => {
  test("runs every row, fold and seed once, and writes the table", async () => {
    const { result, began } = await run(options("whole", { seeds: 2, pictures: 4 }));
    expect(result).toMatchObject({ status: "finished", runs: 12, done: 12, failed: [] });
    expect(new Set(began.map((r) => JSON.stringify(r))).size).toBe(12);
    expect(began[0]).toEqual({ row: "sgd-net-lambda-0", fold: 1, seed: 0 });
    expect(began[6]).toEqual({ row: "sgd-net-lambda-0", fold: 1, seed: 1 });

    // Every image was tested once a seed; rows left out are said to be.
    const [lambda0, lambda1, reference] = result.summary.rows;
    expect(reference).toMatchObject({ runs: 6, planned: 6 });
    expect(reference!.metrics.dice).toMatchObject({ images: 9 });
    expect(reference!.metrics.dice!.against).toBeUndefined();
    expect(lambda0!.metrics.dice!.against!.p).toBeGreaterThanOrEqual(0);
    expect(lambda1).toMatchObject({ runs: 0, planned: 0, metrics: {} });

    const markdown = await read("whole", "table-7.md");
    expect(markdown).toContain("| 3 | 91.41 |");
    expect(markdown).toContain("left out");
    // One page, with the same four images for both rows: image, contours, edges and guidance each.
    const page = await read("whole", "table-7.html");
    expect(page.match(/<figure class="case">/g)).toHaveLength(4);
    expect(page.match(/<img /g)).toHaveLength(4 * (1 + 2 * 3));
    expect(page).toContain('<div class="caption">3: guidance</div>');
    expect(page).toContain("<td>91.41</td>");
    expect(await read("whole", "table-7.tex")).toContain("\\multicolumn{3}{c}{Dice (\\%)}");
    const [head, ...lines] = (await read("whole", "table-7.csv")).trim().split("\n");
    expect(head).toMatch(/^table,row,metric,unit,published,mean,/);
    expect(lines).toHaveLength(8);

    // Nothing is run twice; another table of the folder takes the runs that it shares.
    const again = await run(options("whole", { seeds: 2 }));
    expect(again.began).toEqual([]);
    expect(again.result.summary.rows[2]!.metrics).toEqual(reference!.metrics);
    const other = await run(options("whole", { table: "table-5", rows: ["sgd-net"] }));
    expect(other.began).toEqual([]);
    expect(other.result.status).toBe("finished");
  });

  test("a row that fails is named; the others go on, and it is tried again", async () => {
    const isLambda0 = (loss: unknown): boolean => (loss as { lambda: number }).lambda === 0;
    const { result } = await run(options("failing"), isLambda0);
    expect(result).toMatchObject({ status: "incomplete", runs: 6, done: 3 });
    expect(result.failed).toHaveLength(3);
    expect(await read("failing", "table-7.md")).toContain(
      "0 failed: fold 1, seed 0: no memory left",
    );
    const again = await run(options("failing"));
    expect(again.began.map(({ row }) => row)).toEqual(Array(3).fill("sgd-net-lambda-0"));
    expect(again.result).toMatchObject({ status: "finished", failed: [] });
    expect(await read("failing", "table-7.md")).not.toContain("no memory left");
  });

  test("it can be interrupted in a run, and goes on there without the data set's name", async () => {
    const stop = new AbortController();
    const few = { rows: ["sgd-net"], folds: 2, training: { epochs: 2, batchSize: 2 } };
    const first = await reproduce(options("interrupted", few), {
      engine: fakeEngine(),
      signal: stop.signal,
      onEpoch: () => {
        stop.abort();
      },
    });
    expect(first).toMatchObject({ status: "interrupted", done: 0 });
    const { table, out, rows = [] } = options("interrupted", few);
    const { result } = await run({ table, out, rows });
    expect(result).toMatchObject({ status: "finished", done: 2 });
    const whole = await run(options("uninterrupted", few));
    expect(result.summary.rows.map(({ metrics }) => metrics)).toEqual(
      whole.result.summary.rows.map(({ metrics }) => metrics),
    );
  });

  test("a dry run says what would be run, and writes nothing", async () => {
    const { result } = await run(options("dry", { dryRun: true }));
    expect(result).toMatchObject({ status: "planned", runs: 6, done: 0, files: [] });
    expect(result.plan).toHaveLength(6);
    await expect(read("dry", "reproduce.json")).rejects.toThrow("ENOENT");
  });

  test("a budget becomes epochs, measured once a row", async () => {
    const { result } = await run(
      options("budget", {
        ...{ rows: ["sgd-net"], folds: 2, training: { batchSize: 2 } },
        budget: 1e-9,
      }),
    );
    expect(result.status).toBe("finished");
    const { epochs } = JSON.parse(await read("budget", "runs", "sgd-net", "epochs.json")) as {
      epochs: number;
    };
    expect(epochs).toBe(1);
    expect(result.summary.rows[2]!.epochs).toBe(1);
  });
});

test("rows differ in the network alone: all train with the common loss but the row that says its own", async () => {
  const fake = fakeEngine();
  const seen = new Map<string, unknown>();
  const engine: Engine = {
    ...fake,
    openTrainingModel(setup) {
      seen.set(`${setup.facts.network.name} ${seen.size}`, setup.loss.common);
      return fake.openTrainingModel(setup);
    },
  };
  const rows = ["cto", "cto-own-loss", "unet"];
  const more = { table: "table-2", rows, folds: 2, training: { epochs: 1, batchSize: 2 } };
  await reproduce(options("losses", more), { engine });
  expect(Object.fromEntries(seen)).toEqual({
    "unet 0": true,
    "cto 1": true,
    "cto 2": undefined,
    "unet 3": true,
    "cto 4": true,
    "cto 5": undefined,
  });
});

test("table 3 splits once by 7 : 1 : 2 where the data have no test part", async () => {
  const more = options("ratio", { table: "table-3", rows: ["unet"], folds: undefined });
  const { result } = await run(more);
  expect(result).toMatchObject({ status: "finished", runs: 1, done: 1 });
  const split = JSON.parse(await read("ratio", "splits", "fold-1.json")) as Record<
    string,
    string[]
  >;
  // Of nine images.
  expect([split["train"], split["validation"], split["test"]].map((part) => part!.length)).toEqual([
    6, 1, 2,
  ]);
  expect(await read("ratio", "table-3.md")).toContain("one split, 7 : 1 : 2, drawn with seed 0");
  const five = { table: "table-7", rows: ["sgd-net"], out: join(scratch, "five"), dryRun: true };
  const other = await run({ ...more, ...five });
  expect(other.result.runs).toBe(5);
});

test("a method that is not trained is tested once, whatever the seeds", async () => {
  const more = { table: "table-1", rows: ["msca-style"], seeds: 2 };
  const { result, began } = await run(options("untrained", more));
  expect(began).toHaveLength(3);
  expect(result).toMatchObject({ status: "finished", runs: 3, done: 3 });
  const row = result.summary.rows.find(({ row: { name } }) => name === "msca-style")!;
  expect(row).toMatchObject({ epochs: 0, parameters: 0, trainingSeconds: 0 });
  // Bright rectangles on a dark ground.
  expect(row.metrics.dice).toMatchObject({ images: 9 });
  expect(row.metrics.dice!.mean).toBeGreaterThan(0.5);
});

describe("what reproduce refuses", () => {
  test("a folder of other settings, naming each", async () => {
    await run(options("settled", { rows: ["sgd-net"] }));
    const changed = options("settled", { training: { epochs: 3, batchSize: 2 }, folds: 2 });
    await expectRejection(
      reproduce(changed, { engine: fakeEngine() }),
      ArgumentError,
      `${join(scratch, "settled")}: all runs of a folder must have the same settings, got others:\n  run.training.epochs: 1, now 3\n  folds: 3, now 2`,
    );
  });

  test("a damaged result, an unknown table or row, a network, and two lengths", async () => {
    await run(options("damaged", { rows: ["sgd-net"] }));
    const result = join(scratch, "damaged", "runs", "sgd-net", "fold-1-seed-0", "result.json");
    await writeFile(result, "{");
    await expectRejection(
      reproduce(options("damaged")),
      Error,
      `${result}: must be a file of reproduce, got`,
    );
    await expectRejection(
      reproduce(options("x", { table: "table-8" })),
      ArgumentError,
      "table must be one of",
    );
    await expectRejection(
      reproduce(options("x", { rows: ["unett"] })),
      ArgumentError,
      "rows (--rows) must be rows of table-7",
    );
    await expectRejection(
      reproduce(options("x", { network: { name: "sgd-net" } })),
      ArgumentError,
      "reproduce: the rows of table-7 bring their networks, got network options besides",
    );
    await expectRejection(
      reproduce(options("x", { budget: 5 })),
      ArgumentError,
      "reproduce: budget (--budget) stands in place of epochs (--epochs), got both",
    );
    await expectRejection(
      reproduce({ table: "table-7", out: join(scratch, "nothing") }),
      ArgumentError,
      `${join(scratch, "nothing")}: must hold reproduced tables when no data set is given, got no reproduce.json`,
    );
  });
});
