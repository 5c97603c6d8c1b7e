/** What the mask of the chosen image measures, and how it agrees with the truth. */
import { chosen, facts } from "../work/state.ts";
import { Panel } from "./parts.tsx";

export function MeasurePanel() {
  const image = chosen.value;
  const { mask, scores, truth } = image ?? {};
  if (!mask || !image) {
    return (
      <Panel title="Measure">
        <p class="quiet">No mask yet.</p>
      </Panel>
    );
  }
  const names = facts.value?.classNames ?? ["foreground"];
  const { counts } = image;
  return (
    <Panel title="Measure">
      <table>
        <thead>
          <tr>
            <th scope="col">Area</th>
            <th scope="col">pixels</th>
            <th scope="col">share</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name, k) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{counts[k + 1]}</td>
              <td>{((100 * counts[k + 1]!) / mask.data.length).toFixed(1)} %</td>
            </tr>
          ))}
        </tbody>
      </table>
      {truth ? (
        <dl class="scores" aria-live="polite">
          <Score name="Dice" value={scores?.dice} digits={3} />
          <Score name="IoU" value={scores?.iou} digits={3} />
          <Score name="HD95" value={scores?.hd95} digits={1} unit="px" />
          <Score name="ASSD" value={scores?.assd} digits={1} unit="px" />
        </dl>
      ) : (
        <p class="quiet">
          For Dice and distances drop the truth, named like <code>photo_mask.png</code>.
        </p>
      )}
    </Panel>
  );
}

function Score({
  name,
  value,
  digits,
  unit = "",
}: {
  name: string;
  value: number | undefined;
  digits: number;
  unit?: string;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value === undefined ? "..." : `${value.toFixed(digits)} ${unit}`}</dd>
    </div>
  );
}
