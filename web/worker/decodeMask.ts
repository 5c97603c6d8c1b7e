/** Reading a mask: the truth that predictions are held against. */
import { DataError } from "../../src/web.ts";
import type { ClassMap } from "../shared/picture.ts";
import { decodePicture } from "./decodePicture.ts";

/**
 * The class of every pixel. One class: from half of white on, or any value but 0 where none is above 1. Several: the value is the
 * class.
 *
 * @throws {DataError} as `decodePicture`; if a value is no class.
 */
export async function decodeMask(file: File, classes: number): Promise<ClassMap> {
  const { width, height, data: pixels } = await decodePicture(file);
  const data = new Uint8Array(width * height);
  let most = 0;
  for (let i = 0; i < data.length; i++) {
    const value = pixels[3 * i]!;
    data[i] = value;
    if (value > most) most = value;
  }
  if (classes === 1 && most > 1) for (let i = 0; i < data.length; i++) data[i] = data[i]! >> 7;
  if (classes > 1 && most > classes) {
    throw new DataError(
      `${file.name}: values must be classes, 0 to ${classes}, got ${most}; save the mask with a number a class`,
    );
  }
  return { width, height, data };
}
