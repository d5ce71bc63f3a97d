import type { Store } from "../core/ports.ts";

/** Where one store keeps its records: a file, a database, a key prefix. Empty at first. */
export interface StorePlace {
  /** A new handle on this place. The suite closes what it opened. */
  open(): Store;
  /** Lets another process open the place: passed as JSON to {@link StoreContractSubject.otherProcess}. */
  readonly argument?: unknown;
  /** Whether nothing exists at all: no file, no table, no key. Left out if that can't be determined. */
  isUntouched?(): Promise<boolean>;
  /** Called after each case, whatever its result. */
  remove?(): Promise<void>;
}

/** A store under test, and what it declares about itself. */
export interface StoreContractSubject {
  /** A fresh, empty place. Each case asks for its own. */
  createPlace(): Promise<StorePlace> | StorePlace;
  /**
   * How another process opens a place: `(await import(module))[exportName](place.argument)` must be a store.
   * `module` is the URL of JavaScript that plain Node can load. Left out for a store that is private to its
   * handle; cases with several handles or processes are then skipped.
   */
  readonly otherProcess?: { readonly module: string | URL; readonly exportName: string };
  /** Whether `watch` exists and announces changes. A store that declares no push must have no `watch`. */
  readonly push: boolean;
  /**
   * Whether the store keeps reports. If not, it must have no `reports`.
   * @default false
   */
  readonly reports?: boolean;
}

export interface StoreContractCase {
  /** A sentence. */
  readonly name: string;
  /** Rejects if the store breaks the contract. May take up to two minutes on a slow store. */
  run(): Promise<void>;
}
