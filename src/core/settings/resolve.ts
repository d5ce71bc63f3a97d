import { IntermissionError, show, type Given } from "../errors.ts";
import {
  findInstanceRelease,
  findNamedRelease,
  readVariable,
  releaseVariables,
  type Environment,
  readReleaseFile,
} from "../release.ts";
import type { IntermissionOptions } from "./options.ts";
import { describeDefault, settingsTable, type Setting } from "./table.ts";

type Table = typeof settingsTable;

type Values = { readonly [Name in keyof Table]: Table[Name] extends Setting<infer Value> ? Value : never };

/** The options with every default filled in. */
export interface Settings extends Omit<Values, "mode"> {
  /** This instance's options or environment turn manual mode on. */
  readonly manual: boolean;
  /** The variable that should hold a release, for messages. */
  readonly releaseVariable: string;
  /** The file whose first line is the release. undefined: the release comes from elsewhere. */
  readonly releaseFile: string | undefined;
  /** Why that file has no release. */
  readonly releaseProblem: string | undefined;
  /** `NODE_ENV` is `development`: a changed template is read again. */
  readonly development: boolean;
}

const rows = Object.entries<Setting<unknown>>(settingsTable);

/**
 * Options win over the environment, the environment over defaults.
 *
 * @throws IntermissionError `unknown-option`, `bad-option`, `bad-release`: what was expected, what was got,
 * what to do.
 */
export function resolveSettings(options: IntermissionOptions, environment: Environment): Settings {
  refuseUnknown(options);
  const values = Object.fromEntries(
    rows.map(([name, row]) => {
      const given = find(options[name as keyof IntermissionOptions], name, row, environment);
      return [name, given === undefined ? row.fallback : row.parse(given)];
    }),
  ) as unknown as Values;

  const { mode, release, releaseVariable, releaseFile, ...rest } = values;
  const named = release ?? findNamedRelease(environment, releaseVariable);
  const file =
    releaseFile ??
    (releaseVariable === undefined ? undefined : readVariable(environment, `${releaseVariable}_FILE`));
  const filed = named === undefined && file !== undefined ? readReleaseFile(file) : undefined;
  return {
    ...rest,
    manual: mode,
    // A named file is deliberate: the platform's value is no substitute.
    release:
      named ??
      (filed === undefined
        ? findInstanceRelease(environment, releaseVariable)
        : "release" in filed
          ? filed.release
          : undefined),
    releaseFile: filed === undefined ? undefined : file,
    releaseProblem: filed !== undefined && "problem" in filed ? filed.problem : undefined,
    releaseVariable: releaseVariable ?? releaseVariables[0],
    development: readVariable(environment, "NODE_ENV") === "development",
  };
}

function find(
  option: unknown,
  name: string,
  row: Setting<unknown>,
  environment: Environment,
): Given | undefined {
  const otherwise = describeDefault(row).replaceAll("`", "");
  if (option !== undefined) return { value: option, name: `the option ${name}`, otherwise };
  for (const variable of row.variables) {
    const value = readVariable(environment, variable);
    if (value === undefined || (variable === "DATABASE_URL" && !canBeStore(value))) continue;
    return { value, name: variable, otherwise };
  }
  return undefined;
}

/** The environment variable that names the store. undefined: none. */
export function storeVariable(environment: Environment): string | undefined {
  return find(undefined, "store", settingsTable.store, environment)?.name;
}

/**
 * Whether the app's own database can be the store. Some kinds only the app understands (Prisma's `file:`,
 * `mongodb+srv:`, `sqlserver:`), and other machines don't see a file.
 */
function canBeStore(databaseUrl: string): boolean {
  return /^(?:postgres(?:ql)?|mysql|mariadb|rediss?):/i.test(databaseUrl);
}

function refuseUnknown(options: IntermissionOptions): void {
  if (typeof options !== "object" || (options as unknown) === null) {
    throw new IntermissionError("bad-option", {
      problem: "The options can't be used",
      expected: "an object",
      got: show(options),
    });
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(settingsTable, name)) {
      throw new IntermissionError("unknown-option", {
        problem: `There is no option ${show(name)}`,
        expected: `some of ${Object.keys(settingsTable).join(", ")}`,
        remedy: "Correct its spelling or leave it out.",
      });
    }
  }
}
