import { inspect } from "node:util";
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, test } from "vitest";
import { isIntermissionError } from "../../src/core/errors.ts";
import { createIntermission } from "../../src/engine/create.ts";
import { openStore, redactUrl } from "../../src/stores/open.ts";
import { expectLinear, expectSafeMessage, fewRuns, fuzz, fuzzAsync, refusalOf, text } from "./cases.ts";

const mark = "HUSH";

/** A possible password, pasted raw or percent-encoded; every part of it contains the mark. */
const secret: Arbitrary<string> = fc
  .tuple(
    fc.oneof(text, fc.constantFrom("@", "#", "?", "/", "%", "%zz", "p@ss:w/o?r#d", "&a=b", "[", "]")),
    fc.boolean(),
  )
  .map(([password, encoded]) => {
    const whole = `${mark}${password}${mark}`;
    return encoded && !/\p{Cs}/u.test(whole) ? encodeURIComponent(whole) : whole;
  });

const scheme = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      "postgres:",
      "postgresql:",
      "mysql:",
      "mariadb:",
      "redis:",
      "rediss:",
      "POSTGRES:",
      "redis+sentinel:",
      "redis+cluster:",
      "nats:",
      "etcd:",
    ),
    weight: 4,
  },
  {
    arbitrary: fc.constantFrom("mongodb+srv:", "https:", "jdbc:postgresql:", "constructor:", "unix:"),
    weight: 1,
  },
);

/** Every place in a URL where people put a password, in valid and invalid URLs. */
const shapes: readonly ((scheme: string, secret: string) => string)[] = [
  (start, password) => `${start}//user:${password}@127.0.0.1:1/db`,
  (start, password) => `${start}//:${password}@127.0.0.1:1`,
  (start, password) => `${start}//user:${password}@127.0.0.1:1/db?sslmode=disable`,
  (start, password) => `${start}//user:${password}@127.0.0.1:port/db`,
  (start, password) => `${start}//127.0.0.1:1/db?user=u&password=${password}`,
  // An @ in it would start a host.
  (start, password) => `${start}//user:${password.replaceAll("@", "")}`,
  (start, password) => `${start}user:${password}@127.0.0.1:1/db`,
  (start, password) => `${start}/user:${password}@127.0.0.1:1/db`,
  (start, password) => `  ${start}//user:${password}@127.0.0.1:1/db\n`,
  (start, password) => `${start}//user:${password}@127.0.0.1:1/db#fragment`,
  (_, password) => password,
  (_, password) => `user:${password}@127.0.0.1/db`,
];

const url: Arbitrary<string> = fc
  .tuple(scheme, secret, fc.constantFrom(...shapes))
  .map(([start, password, toUrl]) => toUrl(start, password));

/** The mark itself; a piece of percent-encoding around it reveals nothing. */
function expectNoSecret(shown: string): void {
  if (shown.includes(mark)) throw new Error(`the secret in: ${shown}`);
}

describe("a store URL", () => {
  test("is opened, or refused without its password", () => {
    let opened = 0;
    fuzz(url, (given) => {
      expectNoSecret(redactUrl(given));
      const refusal = refusalOf(() => openStore(given));
      if (refusal === undefined) opened++;
      else expectNoSecret(refusal);
    });
    expect(opened).toBeGreaterThan(0);
  });

  test("of any text is opened, or refused with a safe message", () => {
    fuzz(text, (given) => void refusalOf(() => openStore(given)));
    fuzz(text, (given) => void refusalOf(() => openStore(`sqlite:${given}`)));
  });

  test("whose server refuses the connection tells no password in its error, nor in that of its driver", async () => {
    let failed = 0;
    await fuzzAsync(
      url,
      async (given) => {
        if (refusalOf(() => openStore(given)) !== undefined) return;
        const warnings: string[] = [];
        const intermission = createIntermission(
          {
            store: given,
            release: "v1",
            refreshEvery: 0,
            logger: { warn: (message) => warnings.push(message), error: (message) => warnings.push(message) },
          },
          { environment: {}, watching: false },
        );
        try {
          for (const operation of [intermission.releases, () => intermission.createRelease("v1")]) {
            const error: unknown = await operation().then(
              () => undefined,
              (reason: unknown) => reason,
            );
            if (!isIntermissionError(error)) throw new Error(`no error of ours: ${inspect(error)}`);
            failed++;
            expectSafeMessage(error.message);
            expectNoSecret(error.message);
          }
          await intermission.ready();
          for (const warning of warnings) expectNoSecret(warning);
        } finally {
          await intermission.close();
        }
      },
      Math.min(fewRuns, 1000),
    );
    expect(failed).toBeGreaterThan(0);
  }, 120_000);

  test.each(["a", "@", ":", "/", "?", "%", "#", "é", "[", "\0", " "])(
    "of 1 MiB of %j costs no more than its length",
    (unit) => {
      for (const start of ["", "postgres://", "postgres://u:p@h/", "mysql:", "sqlite:", "redis://h?"])
        expectLinear((length) => refusalOf(() => openStore(start + unit.repeat(length))), 1024 * 1024);
    },
  );
});
