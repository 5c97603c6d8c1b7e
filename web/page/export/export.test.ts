import { describe, expect, it } from "vitest";
import { newImage } from "../work/state.ts";
import { greyPng } from "./greyPng.ts";
import { measurementsCsv } from "./measurements.ts";
import { safe, zipStems } from "./zipNames.ts";

describe("names in the zip", () => {
  it("follow the images, and equal ones get a number", () => {
    expect(zipStems(["a.png", "b.tar.png", "A.jpg", "a.tif"])).toEqual([
      "a",
      "b.tar",
      "A-2",
      "a-3",
    ]);
  });

  it("lead nowhere else and name no device", () => {
    expect(safe("../../etc/passwd")).toBe("_.._etc_passwd");
    expect(safe('<script>alert("x")</script>')).toBe("_script_alert(_x_)__script_");
    expect(safe("...")).toBe("image");
    expect(zipStems(["..\\x.png"])).toEqual(["_x"]);
  });
});

describe("greyPng", () => {
  it("begins as every PNG does, with size, 8 bits and grey", () => {
    const bytes = greyPng(3, 2, Uint8Array.of(0, 255, 1, 2, 3, 4));
    expect([...bytes.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
    expect([...bytes.subarray(16, 29)]).toEqual([0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0]);
  });
});

describe("measurementsCsv", () => {
  it("has a line an image and class, with scores where there is a truth", () => {
    const file = new File([], 'a,"b".png');
    const mask = { width: 2, height: 2, data: Uint8Array.of(0, 1, 1, 1) };
    const counts = Float64Array.of(1, 3);
    const scores = { dice: 0.5, iou: 0.25, hd95: 3, assd: 1.5 };
    const images = [
      { ...newImage(file), mask, counts, scores, painted: true },
      { ...newImage(new File([], "=cmd().png")), mask, counts },
      newImage(new File([], "unread.png")),
    ];
    expect(measurementsCsv(images, ["lesion"]).split("\n")).toEqual([
      "image,width,height,class,pixels,share,corrected,dice,iou,hd95_px,assd_px",
      '"a,""b"".png",2,2,lesion,3,0.75,yes,0.5,0.25,3,1.5',
      "'=cmd().png,2,2,lesion,3,0.75,no,,,,",
      "",
    ]);
  });
});
