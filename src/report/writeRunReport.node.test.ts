import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { scorePair } from "../metrics/scorePair.ts";
import { summarise } from "../metrics/summarise.ts";
import { DataError } from "../tensor/errors.ts";
import { drawOverlay } from "./drawOverlay.ts";
import { writeRunReport, type RunReport } from "./writeRunReport.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-report-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const truth = drawnMask("....\n.##.\n....");
const masks = [drawnMask("....\n.#..\n...."), drawnMask("....\n....\n...."), truth];
const names = ["good & plain", '<img src=x onerror="alert(1)">', "best"];
const perImage = masks.map((mask, i) => ({ name: names[i]!, scores: scorePair(mask, truth) }));
const image = { width: 4, height: 3, data: new Uint8Array(36).fill(90) };
const report: RunReport = {
  title: "</title><script>alert(2)</script>",
  subtitle: "a <b>",
  config: { preset: "compact", note: "</pre><script>", rate: NaN },
  history: [
    {
      epoch: 1,
      learningRate: 0.1,
      train: { total: 1, "<x>": 2 },
      validation: { loss: 1, dice: 0.5 },
      seconds: 60,
      imagesPerSecond: 5,
    },
  ],
  summary: summarise(perImage.map(({ scores }) => scores)),
  perImage,
  examples: perImage.map(({ name }, i) => ({
    name,
    overlay: drawOverlay(image, { truth, prediction: masks[i]! }),
    views: [{ image, caption: "image" }],
  })),
};

const write = async (content: RunReport) => readFile(await writeRunReport(folder, content), "utf8");

test("the report is one file that loads nothing from elsewhere", async () => {
  const html = await write(report);
  expect(await readdir(folder)).toEqual(["report.html"]);
  for (const [, address] of html.matchAll(/(?:src|href|url)\s*[=(]\s*["']?([^"'\s>)]*)/g))
    if (!address!.startsWith("x")) expect(address).toMatch(/^(data:image\/jpeg;base64,|#case-\d)/);
  expect(html.match(/<img src="data:image\/jpeg;base64,/g)).toHaveLength(6);
  expect(html).not.toMatch(/<link|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
});

test("no text of the run becomes markup", async () => {
  const html = await write(report);
  expect(html.match(/<script>/g)).toHaveLength(1);
  expect(html).not.toContain("<img src=x");
  expect(html).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
  expect(html).toContain("<title>&lt;/title&gt;&lt;script&gt;alert(2)&lt;/script&gt;</title>");
  expect(html).toContain("&lt;x&gt;");
});

test("it says what it is not, and puts the worst case first", async () => {
  const html = await write(report);
  expect(html).toContain("For research use only. Not a medical device");
  const cases = [...html.matchAll(/<div class="name">(.*?)</g)].map(([, name]) => name);
  expect(cases).toEqual([
    "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;",
    "good &amp; plain",
    "best",
  ]);
  const table = html.slice(html.indexOf('class="sortable"'));
  expect(table.indexOf("prediction empty")).toBeLessThan(table.indexOf("good &amp; plain"));
});

test("parts that a run lacks are left out", async () => {
  const html = await write({ title: "evaluation", config: {} });
  const headings = [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading);
  expect(headings).toEqual(["Configuration"]);
  const full = await write(report);
  expect([...full.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading)).toEqual([
    "Result",
    "Worst and best cases",
    "Training",
    "Distribution over images",
    "All metrics",
    "Every image",
    "Configuration",
  ]);
});

test("a folder that cannot be written is named", async () => {
  const file = join(folder, "taken");
  await writeFile(file, "");
  await expectRejection(
    writeRunReport(file, report),
    DataError,
    `${join(file, "report.html")}: the file must be writable, got `,
  );
});
