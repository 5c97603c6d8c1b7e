/** A queue of pixels by priority: a binary heap. */

export interface PixelQueue {
  push(pixel: number): void;
  /** The pixel of the lowest priority, of equals the one pushed first; -1 when there is none. */
  pop(): number;
}

/** An empty queue of pixels with the priorities `values`. */
export function pixelQueue(values: Float32Array): PixelQueue {
  let capacity = 1024;
  let pixels = new Int32Array(capacity);
  let keys = new Float32Array(capacity);
  let turns = new Float64Array(capacity);
  let size = 0;
  let turn = 0;

  function grow(): void {
    capacity *= 2;
    const [p, k, t] = [pixels, keys, turns];
    (pixels = new Int32Array(capacity)).set(p);
    (keys = new Float32Array(capacity)).set(k);
    (turns = new Float64Array(capacity)).set(t);
  }

  return {
    push(pixel) {
      if (size === capacity) grow();
      const key = values[pixel]!;
      let at = size++;
      // The newest has the latest turn, so that it rises only past larger keys.
      while (at > 0) {
        const above = (at - 1) >> 1;
        if (keys[above]! <= key) break;
        pixels[at] = pixels[above]!;
        keys[at] = keys[above]!;
        turns[at] = turns[above]!;
        at = above;
      }
      pixels[at] = pixel;
      keys[at] = key;
      turns[at] = turn++;
    },
    pop() {
      if (size === 0) return -1;
      const top = pixels[0]!;
      size--;
      const [pixel, key, own] = [pixels[size]!, keys[size]!, turns[size]!];
      let at = 0;
      for (let child = 1; child < size; child = 2 * at + 1) {
        const right = child + 1;
        if (right < size && before(right, child)) child = right;
        if (key < keys[child]! || (key === keys[child] && own < turns[child]!)) break;
        pixels[at] = pixels[child]!;
        keys[at] = keys[child]!;
        turns[at] = turns[child]!;
        at = child;
      }
      pixels[at] = pixel;
      keys[at] = key;
      turns[at] = own;
      return top;
    },
  };

  function before(a: number, b: number): boolean {
    return keys[a]! < keys[b]! || (keys[a] === keys[b] && turns[a]! < turns[b]!);
  }
}
