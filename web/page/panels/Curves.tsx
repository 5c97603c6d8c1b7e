/** The loss of each step, and the Dice of the image held back. */
import type { TeachingMoment } from "../../shared/picture.ts";

const [width, height] = [260, 90];

export function Curves({ moments, steps }: { moments: readonly TeachingMoment[]; steps: number }) {
  const last = moments.at(-1);
  if (!last) return null;
  const most = Math.max(...moments.map(({ loss }) => loss));
  const x = (step: number): number => (width * step) / Math.max(1, steps);
  const line = (points: readonly (readonly [number, number])[]): string =>
    points.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(" ");
  const losses = moments.map(({ step, loss }) => [x(step), height * (1 - loss / most)] as const);
  const dices = moments.flatMap(({ step, heldBackDice }) =>
    heldBackDice === undefined ? [] : [[x(step), height * (1 - heldBackDice)] as const],
  );
  const said = `loss ${last.loss.toFixed(3)}${
    last.heldBackDice === undefined ? "" : `, Dice held back ${last.heldBackDice.toFixed(3)}`
  }`;
  return (
    <figure class="curves">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={said}>
        <polyline class="loss" points={line(losses)} />
        <polyline class="dice" points={line(dices)} />
      </svg>
      <figcaption>
        <span class="key loss">loss {last.loss.toFixed(2)}</span>
        {last.heldBackDice !== undefined && (
          <span class="key dice">Dice held back {last.heldBackDice.toFixed(3)}</span>
        )}
      </figcaption>
    </figure>
  );
}
