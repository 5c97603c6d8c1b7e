import { describe, expect, it } from "vitest";
import type { Request } from "../shared/messages.ts";
import { RequestError, startEngine } from "./engine.ts";

/** A Worker that does what it is told by the test. */
class FakeWorker extends EventTarget implements Worker {
  onmessage = null;
  onmessageerror = null;
  onerror = null;
  readonly asked: Request[] = [];
  ended = false;
  postMessage(request: Request): void {
    this.asked.push(request);
  }
  terminate(): void {
    this.ended = true;
  }
  say(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
}

function start() {
  const workers: FakeWorker[] = [];
  const moments: unknown[] = [];
  const engine = startEngine(
    (moment) => moments.push(moment),
    () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
  );
  return { engine, workers, moments };
}

describe("startEngine", () => {
  it("gives each request its own answer, whatever the order", async () => {
    const { engine, workers } = start();
    const [first, second] = [engine.ask("teach", {}), engine.ask("stopTeaching", {})];
    const [worker] = workers;
    expect(worker!.asked.map(({ id, name }) => [id, name])).toEqual([
      [1, "teach"],
      [2, "stopTeaching"],
    ]);
    worker!.say({ kind: "answer", id: 2, value: null });
    worker!.say({ kind: "answer", id: 1, value: "taught" });
    expect([await first, await second]).toEqual(["taught", null]);
  });

  it("fails a request with the sentence and the code of the library's error", async () => {
    const { engine, workers } = start();
    const asked = engine.ask("teach", {});
    workers[0]!.say({ kind: "failure", id: 1, failure: { message: "a: b", code: "SGDC_DATA" } });
    await expect(asked).rejects.toMatchObject({ message: "a: b", code: "SGDC_DATA" });
    await expect(asked).rejects.toBeInstanceOf(RequestError);
  });

  it("passes on how a teaching gets on", () => {
    const { engine, workers, moments } = start();
    void engine.ask("teach", {});
    workers[0]!.say({ kind: "moment", moment: { step: 1 } });
    expect(moments).toEqual([{ step: 1 }]);
  });

  it("fails all that was asked when the Worker dies, and starts another for the next request", async () => {
    const { engine, workers } = start();
    const asked = engine.ask("teach", {});
    workers[0]!.dispatchEvent(Object.assign(new Event("error"), { message: "out of memory" }));
    await expect(asked).rejects.toThrow(
      "computing: the Worker must keep running, got: out of memory; your work is kept, try again",
    );
    expect(workers[0]!.ended).toBe(true);
    void engine.ask("teach", {}).catch(() => undefined);
    expect(workers).toHaveLength(2);
  });

  it("ends the Worker, and what was asked of it", async () => {
    const { engine, workers } = start();
    const asked = engine.ask("teach", {});
    engine.end();
    await expect(asked).rejects.toThrow(
      "computing: must not be ended before its answer, got ended",
    );
    expect(workers[0]!.ended).toBe(true);
  });
});
