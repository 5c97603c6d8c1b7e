/** What is shown of an image, and how. */
import { planeOf } from "../canvas/layers.ts";
import {
  chosen,
  facts,
  flips,
  levels,
  mapOpacity,
  mapShown,
  maskOpacity,
  maskShown,
  maskStyle,
  threshold,
  truthShown,
  type MapName,
} from "../work/state.ts";
import { predictAll, setThreshold } from "../work/work.ts";
import { Check, Panel, percent, Slider } from "./parts.tsx";

const maps: readonly (readonly [MapName, string])[] = [
  ["none", "none"],
  ["probability", "probability"],
  ["boundary", "boundary"],
  ["guidance", "guidance (where the network looks)"],
];

export function LayersPanel() {
  const image = chosen.value;
  const several = (facts.value?.classes ?? 1) > 1;
  const here = (name: MapName): boolean =>
    name === "none" || (image !== undefined && planeOf(image, name) !== undefined);
  return (
    <Panel title="Layers">
      <Slider
        label="Threshold"
        value={threshold.value}
        least={0.01}
        most={0.99}
        shown={(value) => value.toFixed(2)}
        disabled={several}
        onInput={setThreshold}
      />
      <Check label="Mask" value={maskShown} />
      <label class="select">
        <span>Mask as</span>
        <select
          value={maskStyle.value}
          onChange={({ currentTarget }) => {
            maskStyle.value = currentTarget.value === "outline" ? "outline" : "fill";
          }}
        >
          <option value="fill">filled</option>
          <option value="outline">outline</option>
        </select>
      </label>
      <Slider
        label="Mask opacity"
        value={maskOpacity.value}
        shown={percent}
        disabled={maskStyle.value === "outline"}
        onInput={(value) => {
          maskOpacity.value = value;
        }}
      />
      <label class="select">
        <span>Map</span>
        <select
          value={mapShown.value}
          onChange={({ currentTarget }) => {
            const name = maps.find(([known]) => known === currentTarget.value)?.[0];
            mapShown.value = name ?? "none";
          }}
        >
          {maps.map(([name, label]) => (
            <option key={name} value={name} disabled={!here(name)}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {mapShown.value !== "none" && (
        <Slider
          label="Map opacity"
          value={mapOpacity.value}
          shown={percent}
          onInput={(value) => {
            mapOpacity.value = value;
          }}
        />
      )}
      <Check label="Truth" value={truthShown} disabled={!image?.truth} />
      <Slider
        label="Black at"
        value={levels.value.low}
        most={254}
        step={1}
        onInput={(low) => {
          levels.value = { low, high: Math.max(levels.value.high, low + 1) };
        }}
      />
      <Slider
        label="White at"
        value={levels.value.high}
        least={1}
        most={255}
        step={1}
        onInput={(high) => {
          levels.value = { high, low: Math.min(levels.value.low, high - 1) };
        }}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={flips.value}
          onChange={({ currentTarget }) => {
            flips.value = currentTarget.checked;
            void predictAll();
          }}
        />
        <span>Average over flips (slower)</span>
      </label>
    </Panel>
  );
}
