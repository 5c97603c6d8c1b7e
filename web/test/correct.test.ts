/** The page in a browser: what is painted, taken back, kept; keys; sentences; rules of accessibility. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openView } from "../../src/commands/view.node.ts";
import type { PageServer } from "../../src/commands/pageServer.node.ts";
import { chromiumPath, launch } from "./browser.ts";
import { smallModel, type Trained } from "./model.ts";
import { choose, openWatched } from "./watchedPage.ts";

const foregroundOf = async (page: Page): Promise<number> =>
  (await page.evaluate<number[]>("window.sgdcMask()")).filter((kind) => kind > 0).length;

const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`))",
  );
};

describe.skipIf(chromiumPath === undefined)("the page corrects", () => {
  let trained: Trained;
  let browser: Browser;
  let server: PageServer;
  let image: string;

  beforeAll(async () => {
    trained = await smallModel();
    image = join(trained.unseen, "images", readdirSync(join(trained.unseen, "images"))[0]!);
    browser = await launch();
    server = await openView({ port: 0, checkpoint: trained.run, inputs: [image] });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it("paints by mouse, takes back and brings again, and a threshold leaves the paint alone", async () => {
    const { page, complaints } = await openWatched(browser, server.url);
    await page.getByText(/predicted in/).waitFor();
    const before = await foregroundOf(page);
    const box = (await page.locator("#image").boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.getByRole("button", { name: "Eraser" }).click();
    await page.mouse.move(x - 100, y);
    await page.mouse.down();
    await page.mouse.move(x + 100, y, { steps: 4 });
    await page.mouse.up();
    const erased = await foregroundOf(page);
    expect(erased).toBeLessThan(before);
    await page.keyboard.press("Control+z");
    expect(await foregroundOf(page)).toBe(before);
    await page.keyboard.press("Control+Shift+z");
    expect(await foregroundOf(page)).toBe(erased);

    // At the lowest threshold nearly all is foreground, but for what was erased.
    const threshold = page.getByRole("slider", { name: "Threshold" });
    await threshold.fill("0.01");
    const lowest = await foregroundOf(page);
    expect(lowest).toBeGreaterThan(erased);
    const middle = await page.evaluate<number[]>("window.sgdcMask()");
    expect(middle[48 * 96 + 48]).toBe(0);
    await threshold.fill("0.5");
    expect(await foregroundOf(page)).toBe(erased);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("keeps the work over a reload, in one tab at a time", async () => {
    const { page } = await openWatched(browser, server.url);
    await page.getByText(/predicted in/).waitFor();
    await page.keyboard.press("f");
    await page.locator("#image").click({ position: { x: 250, y: 200 } });
    const painted = await page.evaluate<number[]>("window.sgdcMask()");
    await page.getByText("corrected", { exact: false }).first().waitFor();
    await page.locator('[data-keeping="kept"]').waitFor();
    await page.reload();
    await page.getByText(/predicted in/).waitFor();
    expect(await page.evaluate<number[]>("window.sgdcMask()")).toEqual(painted);
    expect(await page.locator(".images li").count()).toBe(1);
    const other = await page.context().newPage();
    await other.goto(server.url);
    await other
      .getByText("keeping: the work must be open in one tab, got another; this tab keeps nothing")
      .waitFor();
    await page.context().close();
  });

  it("is used by keyboard alone", async () => {
    const { page } = await openWatched(browser, server.url);
    await page.getByText(/predicted in/).waitFor();
    const before = await foregroundOf(page);
    await page.keyboard.press("e");
    for (let k = 0; k < 8; k++) await page.keyboard.press("]");
    await page.locator("#image").focus();
    await page.keyboard.press(" ");
    expect(await foregroundOf(page)).toBeLessThan(before);
    await page.keyboard.press("Control+z");
    expect(await foregroundOf(page)).toBe(before);
    await page.keyboard.press("o");
    expect(await page.getByLabel("Mask as").inputValue()).toBe("outline");
    await page.context().close();
  });

  it("says what is wrong with a file, and goes on", async () => {
    const { page, complaints } = await openWatched(browser, server.url);
    await page.getByText(/predicted in/).waitFor();
    const folder = trained.folder;
    const text = join(folder, "<script>alert(1)</script>.png");
    // A file's name may hold no slash.
    const named = text.replace("</script>", "");
    writeFileSync(named, "no image");
    await choose(page, "Open images", [named]);
    await page
      .getByText(
        "<script>alert(1).png: must be a PNG, JPEG, WebP, BMP, GIF, AVIF or TIFF image, got a file that is none or is damaged",
      )
      .waitFor();
    const huge = Buffer.alloc(33);
    huge.write("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1");
    huge.writeUInt32BE(20000, 16);
    huge.writeUInt32BE(20000, 20);
    writeFileSync(join(folder, "huge.png"), huge);
    await choose(page, "Open images", [join(folder, "huge.png")]);
    await page
      .getByText(
        "huge.png: must have at most 100000000 pixels, got 20000 x 20000 = 400000000; shrink it",
      )
      .waitFor();
    writeFileSync(join(folder, "cut.safetensors"), Buffer.from([9, 0, 0, 0, 0, 0, 0, 0, 123]));
    await choose(page, "Open model", [join(folder, "cut.safetensors")]);
    await page.getByText(/^cut\.safetensors: .* got /).waitFor();
    // The model before is still there.
    await page.locator(".model", { hasText: "best.safetensors" }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("breaks no rule of accessibility: empty, at work, dark, on a phone", async () => {
    const empty = await openView({ port: 0 });
    const first = await openWatched(browser, empty.url);
    await first.page.getByText("Drop images here").waitFor();
    expect(await violations(first.page)).toEqual([]);
    await first.page.getByRole("button", { name: "Keys" }).click();
    expect(await violations(first.page)).toEqual([]);
    await first.page.context().close();
    await empty.close();
    for (const options of [
      { colorScheme: "dark" as const },
      { viewport: { width: 390, height: 844 }, hasTouch: true },
    ]) {
      const { page } = await openWatched(browser, server.url, options);
      await page.getByText(/predicted in/).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.context().close();
    }
  });
});
