import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { openView, view } from "./view.node.ts";

const run = fileURLToPath(new URL("../run/fixtures/version01Run", import.meta.url));

describe("view", () => {
  const folder = mkdtempSync(join(tmpdir(), "sgdc-view-"));
  const pageFolder = join(folder, "page");
  mkdirSync(join(pageFolder, "assets"), { recursive: true });
  writeFileSync(join(pageFolder, "index.html"), "<p>page</p>");
  writeFileSync(join(pageFolder, "assets", "a.js"), "1");
  // What the built page has of that name for a mere folder of files.
  writeFileSync(join(pageFolder, "given.json"), "{}");
  writeFileSync(join(folder, "photo.png"), "an image");
  const image = join(folder, "photo.png");
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("serves the built page with the run's best checkpoint and the images", async () => {
    const server = await openView({ port: 0, checkpoint: run, inputs: [image] }, { pageFolder });
    try {
      const text = async (path: string): Promise<string> => (await fetch(server.url + path)).text();
      expect(await text("")).toBe("<p>page</p>");
      expect(await text("assets/a.js")).toBe("1");
      expect(JSON.parse(await text("given.json"))).toEqual({
        files: [
          { name: "best.safetensors", address: "given/0" },
          { name: "photo.png", address: "given/1" },
        ],
      });
      expect(await text("given/1")).toBe("an image");
    } finally {
      await server.close();
    }
  });

  it("tells the address, and ends with its signal", async () => {
    const ending = new AbortController();
    const told: string[] = [];
    await view(
      { port: 0 },
      {
        pageFolder,
        signal: ending.signal,
        onReady(url) {
          told.push(url);
          ending.abort();
        },
      },
    );
    expect(told).toHaveLength(1);
    await expect(fetch(told[0]!)).rejects.toThrow();
  });

  it("says that the page is not built, and what is wrong with a checkpoint or an image", async () => {
    const empty = join(folder, "empty");
    await expect(openView({ port: 0 }, { pageFolder: empty })).rejects.toThrow(
      `${empty}: must hold the built page, got none; run npm run build`,
    );
    await expect(openView({ port: 0, checkpoint: image }, { pageFolder })).rejects.toThrow(image);
    const gone = join(folder, "gone.png");
    await expect(openView({ port: 0, inputs: [gone] }, { pageFolder })).rejects.toThrow(gone);
  });
});
