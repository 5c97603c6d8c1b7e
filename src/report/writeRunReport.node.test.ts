import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { scorePair } from "../metrics/scorePair.ts";
import { scoreClasses } from "../metrics/scoreClasses.ts";
import { scoreInstances } from "../metrics/scoreInstances.ts";
import { DataError } from "../base/errors.ts";
import { foregroundOf, type Labels } from "../tensor/raster.ts";
import { summariseRows } from "../score/scores.ts";
import { drawBoundaryError } from "./drawBoundaryError.ts";
import { drawClasses } from "./drawClasses.ts";
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
  scores: summariseRows({ perImage }),
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

/** Two classes, an object each: the second one too wide and one off, or missing. */
const labelsOf = (second: readonly number[]): Labels => {
  const classes = new Uint8Array(60);
  for (const i of [11, 12, 21, 22]) classes[i] = 1;
  for (const i of second) classes[i] = 2;
  return { width: 10, height: 6, classes, instances: Int32Array.from(classes) };
};
const apart = labelsOf([15, 16, 25, 26]);
const wide = { width: 10, height: 6, data: new Uint8Array(180).fill(90) };

function evaluated(predictions: readonly Labels[]): RunReport {
  const ofEach = <Scores>(score: (prediction: Labels) => Scores) =>
    predictions.map((prediction, i) => ({ name: `case ${i}`, scores: score(prediction) }));
  const foreground = ofEach((p) => scorePair(foregroundOf(p), foregroundOf(apart)));
  const ofClasses = ofEach((p) => scoreClasses(p, apart, { classes: 2 }));
  const ofInstances = ofEach((p) => scoreInstances(p, apart, { classes: 2 }));
  return {
    title: "nuclei",
    config: {},
    scores: {
      ...summariseRows({ perImage: foreground, classes: ofClasses, instances: ofInstances }),
      classNames: ["<b>plasma</b>", "other"],
    },
    examples: predictions.map((prediction, i) => ({
      name: `case ${i}`,
      overlay: drawOverlay(wide, { truth: apart, prediction }),
      boundaryError: drawBoundaryError(wide, apart, prediction),
      views: [{ image: drawClasses(wide, prediction), caption: "classes", showsClasses: true }],
    })),
  };
}

test("instances and classes have their cards, tables and columns; cases are ordered by PQ", async () => {
  const html = await write(evaluated([apart, labelsOf([])]));
  expect([...html.matchAll(/<h[23]>(.*?)<\/h/g)].map(([, heading]) => heading)).toEqual([
    ...["Result", "Classes", "As masks", "Worst and best cases", "Distribution over images"],
    ...["All metrics", "Instances", "Foreground, all classes joined", "Each class"],
    ...["Every image", "Configuration"],
  ]);
  const cards = [...html.matchAll(/<div class="label">(.*?)<.*?"value">(.*?)</g)];
  expect(cards.map(([, label, value]) => `${label!} ${value!}`)).toEqual([
    ...["PQ 0.8333", "DQ 0.8333", "SQ 1.0000", "AJI+ 0.7500", "Dice 0.8333"],
  ]);
  expect([...html.matchAll(/<div class="name">(.*?)</g)].map(([, name]) => name)).toEqual([
    "case 1",
    "case 0",
  ]);
  expect(html).not.toContain("<b>plasma");
  expect(html).toContain("PQ &lt;b&gt;plasma&lt;/b&gt;");
  expect(html.match(/<th scope="row">mean of 2 classes present<\/th><td>0.8333</g)).toHaveLength(1);
});

test("a border error comes with its scale and with the objects that are wrong", async () => {
  const html = await write(evaluated([apart, labelsOf([]), labelsOf([15, 16, 17, 25, 26, 27])]));
  const captions = [...html.matchAll(/<div class="caption">(border.*?)<.*?≥ (\d+) px/g)];
  expect(captions.map(([, text, clip]) => `${text!} | ${clip!}`)).toEqual([
    "border error, at most 0.0 px; 1 missed, 0 false, 0 merged, 0 split | 3",
    "border error, at most 1.0 px; 0 missed, 0 false, 0 merged, 0 split | 3",
    "border error, at most 0.0 px; 0 missed, 0 false, 0 merged, 0 split | 3",
  ]);
});

test("a border error without a border on one side says so", async () => {
  const nothing = { width: 4, height: 3, classes: new Uint8Array(12) };
  const own = { width: 4, height: 3, classes: truth.data };
  const withError = async (actual: Labels, predicted: Labels) => {
    const boundaryError = drawBoundaryError(image, actual, predicted);
    return write({
      title: "",
      config: {},
      scores: summariseRows({ perImage: [{ ...perImage[0]!, name: "x" }] }),
      examples: [{ name: "x", overlay: image, boundaryError }],
    });
  };
  expect(await withError(own, nothing)).toContain("border error: no predicted border");
  expect(await withError(nothing, own)).toContain("border error: part of it without a true border");
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
