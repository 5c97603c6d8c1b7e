/** The page in a browser: an image is dropped, and its mask is that of the command line. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openView } from "../../src/commands/view.node.ts";
import type { PageServer } from "../../src/commands/pageServer.node.ts";
import { predict } from "../../src/node.ts";
import { readImage } from "../../src/data/images/readImage.node.ts";
import { chromiumPath, launch } from "./browser.ts";
import { smallModel, type Trained } from "./model.ts";
import { choose, openWatched } from "./watchedPage.ts";

describe.skipIf(chromiumPath === undefined)("the page predicts", () => {
  let trained: Trained;
  let browser: Browser;
  let server: PageServer;

  beforeAll(async () => {
    trained = await smallModel();
    browser = await launch();
    server = await openView({ port: 0 });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** Class of every pixel that `sgdc predict` writes for an image. */
  const maskByCommand = async (path: string): Promise<number[]> => {
    const out = join(trained.folder, `masks-${path.split(".").pop()!}`);
    const { images } = await predict({ checkpoint: trained.run, inputs: [path], out });
    const { data } = await readImage(images[0]!.files.find((file) => file.endsWith("_mask.png"))!);
    return Array.from({ length: data.length / 3 }, (_, i) => (data[3 * i] === 0 ? 0 : 1));
  };

  it("shows the mask that sgdc predict writes, and asks nobody but its own server", async () => {
    const { page, requests, complaints } = await openWatched(browser, server.url);
    await choose(page, "Choose a model", [trained.checkpoint]);
    await page.getByText("best.safetensors").waitFor();
    const [image = ""] = (await readdir(join(trained.unseen, "images"))).sort();
    const path = join(trained.unseen, "images", image);
    await choose(page, "Choose images", [path]);
    await page.getByText(/predicted in/).waitFor();

    const wanted = await maskByCommand(path);
    const found = await page.evaluate<number[]>("window.sgdcMask()");
    expect(wanted.filter((value) => value === 1).length).toBeGreaterThan(100);
    // Rounding differs in the sixth digit: a pixel right at the threshold may fall to the other side.
    const differing = wanted.filter((value, i) => value !== found[i]).length;
    expect(found.length).toBe(wanted.length);
    expect(differing).toBeLessThanOrEqual(2);

    expect(requests.filter((url) => !url.startsWith(server.url))).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("reads TIFF and JPEG to the same mask", async () => {
    const { page, complaints } = await openWatched(browser, server.url);
    await choose(page, "Choose a model", [trained.checkpoint]);
    const [image = ""] = (await readdir(join(trained.unseen, "images"))).sort();
    const source = join(trained.unseen, "images", image);
    for (const [index, ending] of ["tiff", "jpg"].entries()) {
      const path = join(trained.folder, `picture.${ending}`);
      // JPEG within TIFF would be decoded by two decoders that round differently.
      const picture = sharp(source);
      await (ending === "tiff" ? picture.tiff({ compression: "lzw" }) : picture).toFile(path);
      await choose(page, index === 0 ? "Choose images" : "Open images", [path]);
      await page.locator(".images li.done").nth(index).waitFor();
      const [found, wanted] = [
        await page.evaluate<number[]>("window.sgdcMask()"),
        await maskByCommand(path),
      ];
      expect(found.length).toBe(wanted.length);
      expect(wanted.filter((value, i) => value !== found[i]).length, ending).toBeLessThanOrEqual(2);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
