// Writes images and 16-bit label maps of nuclei (images/, labels/ of one name each) in CoNIC's form: images.npy, labels.npy,
// patch_info.csv. One patch of 256 x 256 an image, from its middle; all nuclei of one kind. The last images by name can be left out.
//
// Usage: node scripts/conicForm.mjs <folder> <out> [images left out at the end]
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";

const [from, out, left = "0"] = process.argv.slice(2);
const SIDE = 256;
const KIND = 2;
const files = readdirSync(join(from, "images")).sort();
const names = files
  .slice(0, files.length - Number(left))
  .map((file) => file.replace(/\.[^.]*$/, ""));

const images = new Uint8Array(names.length * SIDE * SIDE * 3);
const labels = new Uint16Array(names.length * SIDE * SIDE * 2);
for (const [n, name] of names.entries()) {
  const middle = async (file) => {
    const picture = sharp(file);
    const { width, height } = await picture.metadata();
    if (width < SIDE || height < SIDE)
      throw new Error(`${file}: must be at least 256 x 256, got ${width} x ${height}`);
    const [x, y] = [(width - SIDE) >> 1, (height - SIDE) >> 1];
    return picture.extract({ left: x, top: y, width: SIDE, height: SIDE });
  };
  const rgb = await (
    await middle(join(from, "images", `${name}.png`))
  )
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer();
  images.set(rgb, n * rgb.length);
  const ids = await (
    await middle(join(from, "labels", `${name}.png`))
  )
    .toColourspace("grey16")
    .raw({ depth: "ushort" })
    .toBuffer();
  const values = new Uint16Array(ids.buffer, ids.byteOffset, ids.length / 2);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const id = values[(i * values.length) / (SIDE * SIDE)];
    labels.set([id, id === 0 ? 0 : KIND], 2 * (n * SIDE * SIDE + i));
  }
}

function npy(descr, shape, data) {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const header = Buffer.from(
    text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + "\n",
    "latin1",
  );
  const head = Buffer.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    header.length & 255,
    header.length >> 8,
  ]);
  return Buffer.concat([head, header, Buffer.from(data.buffer)]);
}

mkdirSync(out, { recursive: true });
const shape = [names.length, SIDE, SIDE];
writeFileSync(join(out, "images.npy"), npy("|u1", [...shape, 3], images));
writeFileSync(join(out, "labels.npy"), npy("<u2", [...shape, 2], labels));
writeFileSync(
  join(out, "patch_info.csv"),
  `patch_info\n${names.map((name) => `${name}-0000\n`).join("")}`,
);
console.log(`${names.length} patches`);
