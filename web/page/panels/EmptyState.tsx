/** What is seen before anything is open. */
import { model } from "../work/state.ts";
import { openFiles } from "../work/work.ts";
import { FileButton } from "./parts.tsx";

export function EmptyState() {
  const hasModel = model.value.status === "open";
  return (
    <div class="empty">
      <h2>Drop images here</h2>
      <p>
        PNG, JPEG, WebP, BMP, TIFF; many at once, or a folder. A mask beside an image, named like{" "}
        <code>photo_mask.png</code>, is its truth.
      </p>
      <ol>
        <li class={hasModel ? "done" : ""}>
          Open a model: the <code>best.safetensors</code> of a run.
        </li>
        <li>Open images: the mask appears at once.</li>
        <li>Correct it with brush and eraser.</li>
        <li>Teach the network from what you corrected.</li>
      </ol>
      <p class="buttons">
        <FileButton
          label="Choose a model"
          accept=".safetensors"
          primary={!hasModel}
          onFiles={(files) => void openFiles(files)}
        />
        <FileButton
          label="Choose images"
          accept="image/*,.tif,.tiff"
          primary={hasModel}
          onFiles={(files) => void openFiles(files)}
        />
      </p>
      <p class="quiet">Images and models stay on this machine.</p>
    </div>
  );
}
