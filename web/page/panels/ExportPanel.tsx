/** What leaves the page as a file. */
import { signal } from "@preact/signals";
import { download, exportZip } from "../export/exportZip.ts";
import { images, messageOf, model, tell } from "../work/state.ts";
import { Check, Panel } from "./parts.tsx";

const masks = signal(true);
const probabilities = signal(false);
const outlines = signal(true);
const table = signal(true);
const withModel = signal(false);
const busy = signal(false);

export function ExportPanel() {
  const some = images.value.some(({ mask }) => mask !== undefined);
  return (
    <Panel title="Export">
      <Check label="Masks (PNG)" value={masks} />
      <Check label="Probabilities (PNG)" value={probabilities} />
      <Check label="Outlines (GeoJSON)" value={outlines} />
      <Check label="Measurements (CSV)" value={table} />
      <Check label="Model (safetensors)" value={withModel} />
      <button
        type="button"
        disabled={busy.value || !(some || (withModel.value && model.value.status === "open"))}
        onClick={() => void save()}
      >
        {busy.value ? "Packing ..." : "Save as zip"}
      </button>
    </Panel>
  );
}

async function save(): Promise<void> {
  busy.value = true;
  try {
    const bytes = await exportZip({
      masks: masks.value,
      probabilities: probabilities.value,
      outlines: outlines.value,
      table: table.value,
      model: withModel.value,
    });
    download("sgdc.zip", bytes);
  } catch (error) {
    tell("error", messageOf(error));
  } finally {
    busy.value = false;
  }
}
