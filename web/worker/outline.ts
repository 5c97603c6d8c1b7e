/** Outlines of what hangs together in a mask. */
import { connectedComponents, toGeoJson } from "../../src/web.ts";
import type { ClassMap } from "../shared/picture.ts";

/** Each part of a class that hangs together is a feature of GeoJSON. */
export function outlineMask(mask: ClassMap, classNames: readonly string[]): string {
  const { width, height, data: classes } = mask;
  const { ids } = connectedComponents({ width, height, data: Int32Array.from(classes) });
  const labels = { width, height, classes, instances: ids };
  return JSON.stringify(toGeoJson(labels, { classNames, objectType: "annotation" }));
}
