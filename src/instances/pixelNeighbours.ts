/** Which pixels touch a pixel. */

/** 4: by a side; 8: by a side or a corner. */
export type Connectivity = 4 | 8;

/** Steps to the neighbours, those by a side first. */
export interface Neighbours {
  readonly dx: Int32Array;
  readonly dy: Int32Array;
}

const dx = Int32Array.of(0, -1, 1, 0, -1, 1, -1, 1);
const dy = Int32Array.of(-1, 0, 0, 1, -1, -1, 1, 1);

export const neighbours = (connectivity: Connectivity): Neighbours => ({
  dx: dx.subarray(0, connectivity),
  dy: dy.subarray(0, connectivity),
});
