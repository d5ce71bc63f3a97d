import { createHash } from "node:crypto";

export function fingerprintOf(ids) {
  return createHash("sha1").update(JSON.stringify(ids)).digest("base64url").slice(0, 12);
}

export function recordStore(store, process, now, note) {
  let calls = 0;
  let task = { transition: undefined, version: 0 };

  return {
    begin(transition) {
      // A new object: a late answer for the previous task must not count for this one.
      task = { transition, version: 0 };
    },
    finish(outcome, previous) {
      note({ kind: "result", name: `${process}#${++calls}`, ...task, outcome, previous });
    },
    store: {
      async read(app, knownVersion) {
        const name = `${process}#${++calls}`;
        const current = task;
        note({ kind: "read", name, begun: now() });
        const answer = {};
        try {
          const record = await store.read(app, knownVersion);
          current.version = answer.version = record.version;
          if (record.value !== undefined) answer.value = describe(record.value);
          return record;
        } finally {
          note({ kind: "answer", name, ended: now(), answer });
        }
      },

      async write(app, value, expected, currentRelease) {
        const name = `${process}#${++calls}`;
        const current = task;
        const { transition } = current;
        note({ kind: "write", name, begun: now(), expected, transition, ...describe(value) });
        const answer = {};
        try {
          answer.written = await store.write(app, value, expected, currentRelease);
          if (answer.written) current.version = expected + 1;
          return answer.written;
        } finally {
          note({ kind: "answer", name, ended: now(), answer });
        }
      },

      close: () => store.close(),
    },
  };
}

function describe(value) {
  const { releases, mark } = JSON.parse(value);
  return { mark, fingerprint: fingerprintOf(releases.map(({ id }) => id)) };
}
