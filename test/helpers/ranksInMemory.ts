/** Ranks of one process, for tests: each is a task of its own, and every call waits for all of them. */
import { partOf, type Ranks } from "../../src/train/ranks.ts";

interface Meeting {
  readonly values: unknown[];
  came: number;
  readonly all: Promise<void>;
  readonly open: () => void;
}

export function ranksInMemory(size: number): Ranks[] {
  const meetings: Meeting[] = [];
  const meetingAt = (number: number): Meeting => {
    let open: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (open = resolve));
    return (meetings[number] ??= { values: [], came: 0, all, open });
  };
  return Array.from({ length: size }, (_, rank) => {
    let calls = 0;
    /** What each rank brought to this rank's next call; they must all have called the same. */
    const meet = async <T>(what: string, value: T): Promise<T[]> => {
      const meeting = meetingAt(calls++);
      meeting.values[rank] = [what, value];
      if (++meeting.came === size) meeting.open();
      await meeting.all;
      return meeting.values.map((brought) => {
        const [of, theirs] = brought as [string, T];
        if (of !== what) throw new Error(`rank ${rank}: ${what} met ${of}`);
        return theirs;
      });
    };
    const part = (values: Float32Array): Float32Array =>
      values.slice(...partOf(values.length, rank, size));
    return {
      rank,
      size,
      gather: (own) => meet("gather", own.slice()),
      exchange: async (own) => (await meet("exchange", own.slice())).map(part),
      async complete(values) {
        const all = await meet("complete", values.slice());
        all.forEach((theirs, r) => {
          const [start, end] = partOf(values.length, r, size);
          values.set(theirs.subarray(start, end), start);
        });
      },
    };
  });
}
