/** The open images, each with its state. */
import { useEffect, useRef } from "preact/hooks";
import { chosenId, images, type OpenImage } from "../work/state.ts";
import { closeImage } from "../work/work.ts";

export function ImageList() {
  if (images.value.length === 0) return <p class="quiet none">no images</p>;
  return (
    <ul class="images">
      {images.value.map((image) => (
        <Item key={image.id} image={image} />
      ))}
    </ul>
  );
}

function Item({ image }: { image: OpenImage }) {
  const { id, name, status, message, truth } = image;
  const current = id === chosenId.value;
  const said = [
    wordsOf[status],
    ...(image.painted ? ["corrected"] : []),
    ...(truth ? ["truth"] : []),
  ].join(", ");
  return (
    <li class={status}>
      <button
        type="button"
        class="choose"
        aria-current={current ? "true" : undefined}
        title={message ?? name}
        onClick={() => {
          chosenId.value = id;
        }}
      >
        <Thumbnail image={image} />
        <span class="name">{name}</span>
        <span class="said">{said}</span>
      </button>
      <button
        type="button"
        class="close"
        aria-label={`close ${name}`}
        onClick={() => {
          closeImage(id);
        }}
      >
        ×
      </button>
    </li>
  );
}

const wordsOf = {
  reading: "reading",
  waiting: "no mask yet",
  predicting: "predicting",
  done: "mask",
  failed: "failed",
} as const;

const side = 40;

function Thumbnail({ image: { picture } }: { image: OpenImage }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = ref.current?.getContext("2d");
    if (!context || !picture) return;
    const pixels = new ImageData(side, side);
    const scale = Math.min(picture.width, picture.height) / side;
    const left = (picture.width - scale * side) / 2;
    const top = (picture.height - scale * side) / 2;
    for (let i = 0; i < side * side; i++) {
      const x = Math.floor(left + ((i % side) + 0.5) * scale);
      const y = Math.floor(top + (Math.floor(i / side) + 0.5) * scale);
      const from = 3 * (y * picture.width + x);
      pixels.data.set([...picture.data.subarray(from, from + 3), 255], 4 * i);
    }
    context.putImageData(pixels, 0, 0);
  }, [picture]);
  return <canvas ref={ref} class="thumbnail" width={side} height={side} aria-hidden="true" />;
}
