/** The Worker: computes what the page asks for, so that the page never stands still. */
import { SgdcError } from "../../src/web.ts";
import type { Reply, Request, RequestName, Requests } from "../shared/messages.ts";
import { decodeMask } from "./decodeMask.ts";
import { decodePicture } from "./decodePicture.ts";
import { openModel, predictWithModel } from "./model.ts";
import { outlineMask } from "./outline.ts";
import { scoreMasks } from "./score.ts";
import { prepareTeaching, stopTeaching, teach } from "./teach.ts";

const post = (reply: Reply, transfer: Transferable[] = []): void => {
  self.postMessage(reply, { transfer });
};

const answers: {
  readonly [Name in RequestName]: (
    ask: Requests[Name]["ask"],
  ) => Requests[Name]["answer"] | Promise<Requests[Name]["answer"]>;
} = {
  decode: ({ file }) => decodePicture(file),
  decodeMask: ({ file, classes }) => decodeMask(file, classes),
  open: ({ name, bytes }) => openModel(name, bytes),
  predict: ({ name, picture, flips }) => predictWithModel(name, picture, flips),
  score: ({ prediction, truth }) => scoreMasks(prediction, truth),
  outline: ({ mask, classNames }) => outlineMask(mask, classNames),
  prepareTeaching: (ask) => prepareTeaching(ask),
  teach: () => {
    return teach((moment) => {
      post({ kind: "moment", moment });
    });
  },
  stopTeaching: () => stopTeaching(),
};

async function answer<Name extends RequestName>({ id, name, ask }: Request<Name>): Promise<void> {
  try {
    const value = await answers[name](ask);
    post({ kind: "answer", id, value }, buffersOf(value));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof SgdcError ? { code: error.code } : {};
    post({ kind: "failure", id, failure: { message, ...code } });
  }
}

/** What moves to the page instead of being copied: answers are not used here again. */
function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): Transferable[] {
  if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  else if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) buffersOf(inner, found);
  }
  return [...found];
}

/** Requests run one after another, but for the one that ends another. */
let queue = Promise.resolve();
self.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  if (data.name === "stopTeaching") void answer(data);
  else queue = queue.then(() => answer(data));
});
