/** The page in a browser: an image is dropped, and its mask is that of the command line. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
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

  it("shows the mask that sgdc predict writes, and asks nobody but its own server", async () => {
    const { page, requests, complaints } = await openWatched(browser, server.url);
    await choose(page, "Choose a model", [trained.checkpoint]);
    await page.getByText("best.safetensors").waitFor();
    const [image = ""] = (await readdir(join(trained.unseen, "images"))).sort();
    const path = join(trained.unseen, "images", image);
    await choose(page, "Choose images", [path]);
    await page.getByText(/predicted in/).waitFor();

    const out = join(trained.folder, "masks");
    await predict({ checkpoint: trained.run, inputs: [path], out });
    const name = image.replace(/\.[^.]+$/, "");
    const mask = await readImage(join(out, `${name}_mask.png`));
    const wanted = Array.from({ length: mask.width * mask.height }, (_, i) =>
      mask.data[3 * i] === 0 ? 0 : 1,
    );
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
});
