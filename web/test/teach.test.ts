/** The page in a browser: it teaches from corrected images, and what it exports is read by the command line. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openView } from "../../src/commands/view.node.ts";
import type { PageServer } from "../../src/commands/pageServer.node.ts";
import { readMaskFile } from "../../src/data/labels/labelFiles.node.ts";
import { evaluate } from "../../src/node.ts";
import { chromiumPath, launch } from "./browser.ts";
import { smallModel, type Trained } from "./model.ts";
import { choose, openWatched } from "./watchedPage.ts";

const lessons = 8;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Dice of the images that did not teach, each with a truth. */
async function diceOfOthers(page: Page, others: readonly string[]): Promise<number> {
  const all = await page.evaluate<{ name: string; dice: number }[]>("window.sgdcDice()");
  return mean(all.filter(({ name }) => others.includes(name)).map(({ dice }) => dice));
}

describe.skipIf(chromiumPath === undefined)("the page teaches", () => {
  let trained: Trained;
  let browser: Browser;
  let server: PageServer;
  let folder: string;
  let names: string[];

  beforeAll(async () => {
    trained = await smallModel();
    // Phantoms of other colours: the model has seen none like them.
    folder = join(trained.folder, "inverted");
    mkdirSync(folder);
    const [images, masks] = [join(trained.unseen, "images"), join(trained.unseen, "masks")];
    names = readdirSync(images).sort();
    for (const name of names) {
      await sharp(join(images, name)).negate().png().toFile(join(folder, name));
      writeFileSync(join(folder, name.replace(".", "_mask.")), readFileSync(join(masks, name)));
    }
    browser = await launch();
    server = await openView({ port: 0, checkpoint: trained.run });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it("raises Dice on other images by 0.3, and sgdc evaluate finds the same Dice", async () => {
    const { page, requests, complaints } = await openWatched(browser, server.url);
    const files = readdirSync(folder).map((name) => join(folder, name));
    await choose(page, "Choose images", files);
    const others = names.slice(lessons);
    await page
      .locator(".images li.done")
      .nth(names.length - 1)
      .waitFor();
    await page
      .locator(".said", { hasText: "truth" })
      .nth(names.length - 1)
      .waitFor();
    await expect.poll(() => diceOfOthers(page, others)).not.toBeNaN();
    const before = await diceOfOthers(page, others);

    for (let k = 0; k < lessons; k++) {
      await page.locator(".images .choose", { hasText: names[k]! }).click();
      await page.getByRole("button", { name: "Take over the truth" }).click();
    }
    await page.getByRole("button", { name: "How long will it take?" }).click();
    const teach = page.getByRole("button", { name: "Teach", exact: true });
    await teach.waitFor({ timeout: 120_000 });
    await page.getByText(/\d+ steps of [\d.]+ s:/).waitFor();
    await page.getByText(`${names[lessons - 1]!} is held back to measure by.`).waitFor();
    await teach.click();
    const keep = page.getByRole("button", { name: "Keep", exact: true });
    await keep.waitFor({ timeout: 200_000 });
    await keep.click();
    await page.locator(".model", { hasText: "best-taught.safetensors" }).waitFor();
    await expect
      .poll(() => diceOfOthers(page, others), { timeout: 30_000 })
      .toBeGreaterThan(before + 0.3);
    await page
      .locator(".images li.done")
      .nth(names.length - 1)
      .waitFor();

    await page.getByLabel("Model (safetensors)").check();
    await page.getByLabel("Probabilities (PNG)").check();
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as zip" }).click(),
    ]);
    const zip = join(trained.folder, "page.zip");
    await saved.saveAs(zip);
    const packed = unzipSync(readFileSync(zip));

    // The taught model, held against the same images by the command line.
    const data = join(trained.folder, "others");
    for (const inner of ["images", "masks"]) mkdirSync(join(data, inner), { recursive: true });
    for (const name of others) {
      writeFileSync(join(data, "images", name), readFileSync(join(folder, name)));
      const mask = readFileSync(join(folder, name.replace(".", "_mask.")));
      writeFileSync(join(data, "masks", name), mask);
    }
    const checkpoint = join(trained.folder, "best-taught.safetensors");
    writeFileSync(checkpoint, packed["model/best-taught.safetensors"]!);
    const { summary } = await evaluate({ checkpoint, data, part: "all" });
    const after = await diceOfOthers(page, others);
    expect(summary.metrics.dice.mean).toBeCloseTo(after, 3);

    // The masks, read by the reader of data sets; those of the lessons are the truth that was taken over.
    const first = names[0]!.replace(/\.[^.]+$/, "");
    const path = join(trained.folder, "exported_mask.png");
    writeFileSync(path, packed[`masks/${first}_mask.png`]!);
    const truth = await readMaskFile(join(folder, `${first}_mask.png`));
    expect(await readMaskFile(path)).toEqual(truth);
    const outlines = JSON.parse(new TextDecoder().decode(packed[`outlines/${first}.geojson`])) as {
      features: { properties: { area: number } }[];
    };
    const area = outlines.features.reduce((sum, { properties }) => sum + properties.area, 0);
    expect(area).toBe(truth.data.filter((value) => value === 1).length);
    const lines = new TextDecoder().decode(packed["measurements.csv"]).trim().split("\n");
    expect(lines).toHaveLength(1 + names.length);

    expect(requests.filter((url) => !/^blob:/.test(url) && !url.startsWith(server.url))).toEqual(
      [],
    );
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
