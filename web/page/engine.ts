/** The page's side of a Worker: requests are promises, and a Worker that dies fails what it was asked. */
import type { Failure, Reply, Request, RequestName, Requests } from "../shared/messages.ts";
import type { TeachingMoment } from "../shared/picture.ts";

/** A request that failed; the message is a sentence for people. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: string | undefined;
  constructor({ message, code }: Failure) {
    super(message);
    this.code = code;
  }
}

export interface Engine {
  ask<Name extends RequestName>(
    name: Name,
    ask: Requests[Name]["ask"],
  ): Promise<Requests[Name]["answer"]>;
  /** Ends the Worker and gives all its memory back; requests that are under way fail. */
  end(): void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** @param onMoment  told how a teaching gets on */
export function startEngine(
  onMoment: (moment: TeachingMoment) => void = () => undefined,
  start: () => Worker = () =>
    new Worker(new URL("../worker/worker.ts", import.meta.url), { type: "module" }),
): Engine {
  let worker: Worker | undefined;
  let number = 0;
  const waiting = new Map<number, Waiting>();

  const failAll = (message: string): void => {
    for (const { reject } of waiting.values()) reject(new RequestError({ message }));
    waiting.clear();
    worker?.terminate();
    worker = undefined;
  };

  /** The Worker; after one has died, a new one. */
  const running = (): Worker => {
    if (worker) return worker;
    worker = start();
    worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
      if (data.kind === "moment") {
        onMoment(data.moment);
        return;
      }
      const waits = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.kind === "answer") waits?.resolve(data.value);
      else waits?.reject(new RequestError(data.failure));
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      failAll(
        `computing: the Worker must keep running, got: ${event.message || "it ended"}; your work is kept, try again`,
      );
    });
    return worker;
  };

  return {
    ask<Name extends RequestName>(name: Name, ask: Requests[Name]["ask"]) {
      const request: Request<Name> = { id: ++number, name, ask };
      return new Promise<Requests[Name]["answer"]>((resolve, reject) => {
        // The Worker answers each request with what its name promises.
        waiting.set(request.id, {
          resolve: (value) => {
            resolve(value as Requests[Name]["answer"]);
          },
          reject,
        });
        running().postMessage(request);
      });
    },
    end() {
      failAll("computing: must not be ended before its answer, got ended");
    },
  };
}
