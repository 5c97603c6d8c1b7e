/** The keyboard: every tool one key away. The list is what is shown as help and what is obeyed. */
import { chooseNext } from "./work/work.ts";
import { bare, chosen, maskShown, maskStyle, tool, view, type Tool } from "./work/state.ts";
import {
  changeRadius,
  closePolygon,
  pointerAt,
  polygonPoints,
  useToolAt,
} from "./canvas/pointer.ts";
import { moved, toImage, zoomed } from "./drawing/view.ts";
import { redoEdit, undoEdit } from "./work/edit.ts";

export interface Key {
  /** As shown. */
  readonly shown: string;
  readonly about: string;
  readonly matches: (event: KeyboardEvent) => boolean;
  readonly act: (event: KeyboardEvent) => void;
}

const plain = (key: string) => (event: KeyboardEvent) =>
  event.key.toLowerCase() === key && !event.ctrlKey && !event.metaKey && !event.altKey;

const toolKey = (key: string, name: Tool, about: string): Key => ({
  shown: key.toUpperCase(),
  about,
  matches: plain(key),
  act: () => {
    tool.value = name;
  },
});

/** Where keys act: under the pointer, else in the middle. */
function place() {
  const now = view.value;
  const canvas = document.getElementById("image");
  if (pointerAt.value ?? !now) return pointerAt.value;
  const middle = { x: (canvas?.clientWidth ?? 0) / 2, y: (canvas?.clientHeight ?? 0) / 2 };
  return toImage(now, middle);
}

function zoomBy(factor: number): void {
  const canvas = document.getElementById("image");
  if (!view.value || !canvas) return;
  const middle = { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 };
  view.value = zoomed(view.value, middle, factor);
}

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [40, 0],
  ArrowRight: [-40, 0],
  ArrowUp: [0, 40],
  ArrowDown: [0, -40],
};

export const keys: readonly Key[] = [
  toolKey("v", "move", "move the image"),
  toolKey("b", "brush", "brush"),
  toolKey("e", "eraser", "eraser: paint background"),
  toolKey("r", "restore", "restore what the network says"),
  toolKey("p", "polygon", "polygon; Enter closes it, Escape drops it"),
  toolKey("f", "fill", "fill what hangs together; with Alt delete it"),
  {
    shown: "[ ]",
    about: "brush smaller, larger (also Shift and wheel)",
    matches: (event) => event.key === "[" || event.key === "]",
    act: (event) => {
      changeRadius(event.key === "]" ? 1.2 : 1 / 1.2);
    },
  },
  {
    shown: "Ctrl Z",
    about: "undo; with Shift redo (also Ctrl Y)",
    matches: (event) =>
      (event.ctrlKey || event.metaKey) && ["z", "y"].includes(event.key.toLowerCase()),
    act: (event) => {
      if (event.shiftKey || event.key.toLowerCase() === "y") redoEdit();
      else undoEdit();
    },
  },
  {
    shown: "Space",
    about: "use the tool at the pointer, or in the middle",
    matches: (event) => event.key === " " && onCanvas(event),
    act: () => {
      const point = place();
      if (point) useToolAt(point);
    },
  },
  {
    shown: "Enter",
    about: "close the polygon",
    matches: (event) => event.key === "Enter" && onCanvas(event),
    act: () => {
      closePolygon();
    },
  },
  {
    shown: "Escape",
    about: "drop the polygon",
    matches: (event) => event.key === "Escape" && polygonPoints.value.length > 0,
    act: () => {
      polygonPoints.value = [];
    },
  },
  {
    shown: "H",
    about: "hold: the bare image",
    matches: plain("h"),
    act: () => {
      bare.value = true;
    },
  },
  {
    shown: "M",
    about: "mask on and off",
    matches: plain("m"),
    act: () => {
      maskShown.value = !maskShown.value;
    },
  },
  {
    shown: "O",
    about: "outline or fill",
    matches: plain("o"),
    act: () => {
      maskStyle.value = maskStyle.value === "fill" ? "outline" : "fill";
    },
  },
  {
    shown: "J K",
    about: "next image, image before",
    matches: (event) => plain("j")(event) || plain("k")(event),
    act: (event) => {
      chooseNext(event.key.toLowerCase() === "j" ? 1 : -1);
    },
  },
  {
    shown: "+ - 0",
    about: "nearer, further, all of the image",
    matches: (event) =>
      ["+", "=", "-", "0"].includes(event.key) && !event.ctrlKey && !event.metaKey,
    act: (event) => {
      if (event.key === "0") view.value = undefined;
      else zoomBy(event.key === "-" ? 1 / 1.25 : 1.25);
    },
  },
  {
    shown: "arrows",
    about: "move the image",
    matches: (event) => event.key in arrows && onCanvas(event),
    act: (event) => {
      const [dx, dy] = arrows[event.key] ?? [0, 0];
      if (view.value) view.value = moved(view.value, dx, dy);
    },
  },
];

const onCanvas = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLElement && target.id === "image";

/** Whether a key belongs to a field that is being filled in. */
const isTyping = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLInputElement
    ? !["range", "checkbox", "radio", "file"].includes(target.type)
    : target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;

export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    if (isTyping(event) || (!chosen.value && event.key !== "Escape")) return;
    const key = keys.find(({ matches }) => matches(event));
    if (!key) return;
    event.preventDefault();
    key.act(event);
  });
  addEventListener("keyup", (event) => {
    if (event.key.toLowerCase() === "h") bare.value = false;
  });
  addEventListener("blur", () => {
    bare.value = false;
  });
}
