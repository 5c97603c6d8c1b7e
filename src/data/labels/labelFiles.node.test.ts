import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import { DataError } from "../../base/errors.ts";
import { readMaskFile } from "./labelFiles.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-mask-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Channels = 1 | 2 | 3 | 4;
const raw = (values: readonly number[], width: number, channels: Channels = 1) =>
  sharp(Uint8Array.from(values), {
    raw: { width, height: values.length / width / channels, channels },
  });
const raw16 = (values: readonly number[], width: number) =>
  sharp(Uint16Array.from(values), { raw: { width, height: values.length / width, channels: 1 } });

async function save(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const greyPng = (values: readonly number[], width: number) =>
  raw(values, width).toColourspace("b-w").png().toBuffer();

test("0/255 and 0/1 masks become 0/1", async () => {
  for (const white of [255, 1]) {
    const path = await save("m.png", await greyPng([0, white, white, 0, 0, white], 3));
    const mask = await readMaskFile(path);
    expect([mask.width, mask.height, ...mask.data]).toEqual([3, 2, 0, 1, 1, 0, 0, 1]);
  }
});

test("masks without foreground and without background are legal", async () => {
  expect([...(await readMaskFile(await save("a.png", await greyPng([0, 0], 2)))).data]).toEqual([
    0, 0,
  ]);
  for (const white of [1, 255]) {
    const path = await save("b.png", await greyPng([white, white], 2));
    expect([...(await readMaskFile(path)).data]).toEqual([1, 1]);
  }
});

test("16-bit masks of 0 and 1, 255 or 65535 are read exactly", async () => {
  for (const white of [1, 255, 65535]) {
    const picture = raw16([0, white, 0], 3).toColourspace("grey16");
    const path = await save("m.png", await picture.png().toBuffer());
    expect((await sharp(path).metadata()).depth).toBe("ushort");
    expect([...(await readMaskFile(path)).data], String(white)).toEqual([0, 1, 0]);
  }
  const odd = await raw16([0, 256, 65535], 3).toColourspace("grey16").png().toBuffer();
  const path = await save("odd.png", odd);
  await expectRejection(
    readMaskFile(path),
    DataError,
    `${path}: mask must contain only 0 and 65535, got 256 at row 0, column 1`,
  );
});

test("1-bit, black and white palette and opaque alpha masks are read", async () => {
  const values = [0, 255, 255, 0];
  const bit = await raw(values, 2).toColourspace("b-w").png({ colours: 2 }).toBuffer();
  const rgb = values.flatMap((v) => [v, v, v]);
  const palette = await raw(rgb, 2, 3).png({ palette: true }).toBuffer();
  expect((await sharp(palette).metadata()).isPalette).toBe(true);
  const alpha = await raw(
    values.flatMap((v) => [v, v, v, 255]),
    2,
    4,
  )
    .png()
    .toBuffer();
  for (const [name, bytes] of Object.entries({ bit, palette, alpha })) {
    expect([...(await readMaskFile(await save("m.png", bytes))).data], name).toEqual([0, 1, 1, 0]);
  }
});

test("a value between is named with its row and column", async () => {
  const values = new Array<number>(100 * 20).fill(0);
  values[5] = 255;
  values[14 * 100 + 90] = 128;
  const path = await save("0007.png", await greyPng(values, 100));
  await expectRejection(
    readMaskFile(path),
    DataError,
    `${path}: mask must contain only 0 and 255, got 128 at row 14, column 90`,
  );
});

test("a label map of 0, 1 and 2, and a mix of 1 and 255, are refused", async () => {
  const labels = await save("l.png", await greyPng([0, 1, 2], 3));
  await expectRejection(
    readMaskFile(labels),
    DataError,
    `${labels}: mask must contain only 0 and 255, got 1 at row 0, column 1`,
  );
  const mixed = await save("x.png", await greyPng([0, 255, 1], 3));
  await expectRejection(
    readMaskFile(mixed),
    DataError,
    `${mixed}: mask must contain only 0 and 255, got 1 at row 0, column 2`,
  );
});

test("colours and transparency are refused, since what they mean would be a guess", async () => {
  const colour = await save("c.png", await raw([0, 0, 0, 128, 0, 0], 2, 3).png().toBuffer());
  await expectRejection(
    readMaskFile(colour),
    DataError,
    `${colour}: mask must be grey (0 and 255), got colour (128, 0, 0) at row 0, column 1`,
  );
  const palette = await raw([0, 0, 0, 128, 0, 0], 2, 3).png({ palette: true }).toBuffer();
  const path = await save("p.png", palette);
  await expectRejection(
    readMaskFile(path),
    DataError,
    `${path}: mask must be grey (0 and 255), got colour (128, 0, 0) at row 0, column 1`,
  );
  const data = [0, 0, 0, 255, 255, 255, 255, 0];
  const clear = await save("a.png", await raw(data, 2, 4).png().toBuffer());
  await expectRejection(
    readMaskFile(clear),
    DataError,
    `${clear}: mask must be opaque, got alpha 0 at row 0, column 1`,
  );
});

/** A disc in 40 x 40, 0 and `white`. */
function disc(white: number): number[] {
  return Array.from({ length: 1600 }, (_, i) =>
    (Math.floor(i / 40) - 20) ** 2 + ((i % 40) - 18) ** 2 < 150 ? white : 0,
  );
}

test("a mask saved as JPEG comes back exactly", async () => {
  const bytes = await raw(disc(255), 40).jpeg({ quality: 85 }).toBuffer();
  const path = await save("m.jpg", bytes);
  const stored = await sharp(path).raw().toBuffer();
  expect(new Set(stored).size).toBeGreaterThan(2);
  expect([...(await readMaskFile(path)).data]).toEqual(disc(1));
});

test("a JPEG of other values is refused, also one of 0 and 1 that lost them", async () => {
  const grey = await save("g.jpg", await raw(disc(120), 40).jpeg({ quality: 95 }).toBuffer());
  await expectRejection(
    readMaskFile(grey),
    DataError,
    `${grey}: mask must contain values near 0 and 255, got 1`,
  );
  const ramp = Array.from({ length: 256 }, (_, i) => i);
  const path = await save("r.jpg", await raw(ramp, 256).jpeg({ quality: 100 }).toBuffer());
  await expectRejection(
    readMaskFile(path),
    DataError,
    `${path}: mask must contain only values near 0 and 255 (0..63, 192..255), got 6`,
  );
});

test("a truncated mask is refused", async () => {
  const whole = await greyPng(disc(255), 40);
  const path = await save("t.png", whole.subarray(0, whole.length - 60));
  await expectRejection(
    readMaskFile(path),
    DataError,
    `${path}: must be a whole image, got a truncated`,
  );
});

test("BMP masks of 1 and 24 bits are read, whatever the order of the palette", async () => {
  const { cases } = JSON.parse(
    readFileSync(new URL("../../../test/fixtures/bmp.json", import.meta.url), "utf8"),
  ) as { cases: readonly { name: string; file: string; pixels: readonly number[] }[] };
  const read = async (name: string) => {
    const item = cases.find((found) => found.name === name)!;
    const path = await save("m.bmp", Buffer.from(item.file, "base64"));
    const { width, height, data } = await readMaskFile(path);
    expect([width, height], name).toEqual([13, 7]);
    expect([...data], name).toEqual(
      item.pixels.flatMap((value, i) => (i % 3 === 0 ? [value / 255] : [])),
    );
    return data;
  };
  const mask = await read("1 bit, black then white");
  const turned = await read("1 bit, white then black");
  expect([...turned]).toEqual([...mask].map((value) => 1 - value));
  await read("1 bit by Pillow");
  await read("1 bit, top down");
  await read("1 bit, core header");
  expect(await read("24 bits, black and white")).toEqual(mask);

  const coloured = cases.find(({ name }) => name === "1 bit, two colours")!;
  const path = await save("c.bmp", Buffer.from(coloured.file, "base64"));
  await expectRejection(
    readMaskFile(path),
    DataError,
    `${path}: mask must be grey (0 and 255), got colour (`,
  );
});
