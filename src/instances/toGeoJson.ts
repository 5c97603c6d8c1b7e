/** Instances as GeoJSON, as QuPath, QGIS and GDAL read it. */
import type { FloatMap, Labels } from "../tensor/raster.ts";
import { idMapOf, measureInstances } from "./measureInstances.ts";
import { traceOutlines, type OutlinePolygon, type Ring } from "./traceOutlines.ts";

/** A corner: x to the right, y downwards, pixels from the upper left corner of the image. */
export type Position = readonly [x: number, y: number];

export type InstanceGeometry =
  | { readonly type: "Polygon"; readonly coordinates: readonly (readonly Position[])[] }
  | {
      readonly type: "MultiPolygon";
      readonly coordinates: readonly (readonly (readonly Position[])[])[];
    };

export interface InstanceFeature {
  readonly type: "Feature";
  readonly id: number;
  readonly geometry: InstanceGeometry;
  readonly properties: {
    /** What QuPath makes of it. */
    readonly objectType: "detection" | "annotation";
    readonly classification: { readonly name: string };
    readonly id: number;
    /** 1 to K. */
    readonly class: number;
    /** Pixels. */
    readonly area: number;
    /** Mean probability of its pixels, if a map was given. */
    readonly probability?: number;
    /** The numbers once more, where QuPath looks for them. */
    readonly measurements: Readonly<Record<string, number>>;
  };
}

export interface InstanceCollection {
  readonly type: "FeatureCollection";
  readonly features: readonly InstanceFeature[];
}

export interface GeoJsonOptions {
  /** Names of the classes 1 to K; default `class 1`, `class 2`, ... */
  readonly classNames?: readonly string[];
  /** Of the foreground. */
  readonly probability?: FloatMap;
  /** Default `detection`; annotations can be edited in QuPath, many thousands of them slow it down. */
  readonly objectType?: "detection" | "annotation";
}

/**
 * One feature an instance: a polygon with holes along the edges of its pixels, exact to the pixel; several polygons if it does not
 * hang together by sides.
 *
 * Coordinates are pixels from the upper left corner of the image, y downwards, as QuPath has them; there is no geographic
 * reference. By the numbers, outer rings run counter-clockwise and holes clockwise, as RFC 7946 wants it; on a screen, where y
 * points down, they look the other way round.
 *
 * @returns instances in ascending order of their ids
 * @throws {ArgumentError} if the labels do not tell instances apart.
 * @throws {ShapeError} if maps differ in size.
 * @see RFC 7946
 */
export function toGeoJson(
  labels: Labels,
  { classNames = [], probability, objectType = "detection" }: GeoJsonOptions = {},
): InstanceCollection {
  const outlines = traceOutlines(idMapOf(labels));
  const features = measureInstances(labels, probability).map((instance): InstanceFeature => {
    const { id, class: kind, area } = instance;
    const sure = probability && { probability: rounded(instance.probability) };
    return {
      type: "Feature",
      id,
      geometry: geometryOf(outlines.get(id)!),
      properties: {
        objectType,
        classification: { name: classNames[kind - 1] ?? `class ${kind}` },
        id,
        class: kind,
        area,
        ...sure,
        measurements: { "Area px^2": area, ...(sure && { Probability: sure.probability }) },
      },
    };
  });
  return { type: "FeatureCollection", features };
}

function geometryOf(polygons: readonly OutlinePolygon[]): InstanceGeometry {
  const all = polygons.map(({ outer, holes }) => [outer, ...holes].map(positionsOf));
  return all.length === 1
    ? { type: "Polygon", coordinates: all[0]! }
    : { type: "MultiPolygon", coordinates: all };
}

const positionsOf = (ring: Ring): Position[] =>
  Array.from({ length: ring.length / 2 }, (_, k) => [ring[2 * k]!, ring[2 * k + 1]!]);

/** Four decimals: more are noise, and swell the file. */
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
