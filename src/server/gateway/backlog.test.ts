import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBacklog, createStorage } from "./backlog.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a backlog", () => {
  test("delivers every byte in order, whatever the sizes, the limits and the moments in which the receiver stops", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 30 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
        fc.constantFrom(0, 50_000, 400_000, 1e9),
        fc.constantFrom(1, 70_000, 1e9),
        async (sizes, takes, file, memory) => {
          const storage = createStorage(memory, file);
          const received: number[] = [];
          let sequence = 0;
          let step = 0;
          const now = { isFull: false, isEmpty: false };
          const backlog = createBacklog({
            storage,
            limits: { memory: 65_536, file },
            deliver(piece) {
              for (let at = 0; at < piece.byteLength; at += 4096) received.push(piece[at] ?? -1);
              if (takes[step++ % takes.length] === true) return true;
              setImmediate(backlog.go);
              return false;
            },
            emptied: () => (now.isEmpty = true),
            room: () => (now.isFull = false),
            failed(error) {
              throw error;
            },
          });
          const sent: number[] = [];
          const add = (size: number): void => {
            const piece = Buffer.alloc(Math.ceil(size / 4096) * 4096, sequence++ % 251);
            for (let at = 0; at < piece.byteLength; at += 4096) sent.push(piece[at] ?? -1);
            now.isEmpty = false;
            if (!backlog.add(piece)) now.isFull = true;
          };
          backlog.go();
          for (const size of sizes) {
            while (now.isFull) await turn();
            add(size);
          }
          while (!now.isEmpty || backlog.size() > 0) await turn();
          expect(received).toEqual(sent);
          backlog.discard();
          while (storage.files > 0) await turn();
          expect(storage.memory).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("keeps nothing of what it was given once it is discarded, even in the middle of its file", async () => {
    for (let turns = 0; turns < 12; turns++) {
      const storage = createStorage(1e9, 1e9);
      const backlog = createBacklog({
        storage,
        limits: { memory: 10, file: 1e9 },
        deliver: () => true,
        emptied: () => undefined,
        room: () => undefined,
        failed: () => undefined,
      });
      for (let count = 0; count < 8; count++) backlog.add(Buffer.alloc(50_000));
      if (turns % 2 === 0) backlog.go();
      for (let count = 0; count < turns; count++) await turn();
      backlog.discard();
      while (storage.files > 0) await turn();
      expect([storage.memory, storage.files]).toEqual([0, 0]);
    }
  });
});
