import type { Store } from "../core/ports.ts";

/** Where one store keeps its records: a file, a database, a key prefix. Empty when it is made. */
export interface StorePlace {
  /** A new handle on this place. The suite closes what it opened. */
  open(): Store;
  /** With it another process opens the place: handed to {@link StoreContractSubject.otherProcess}, as JSON. */
  readonly argument?: unknown;
  /** Whether there is nothing at all: no file, no table, no key. Left out where that can't be told. */
  isUntouched?(): Promise<boolean>;
  /** Called when a case is over, whatever came of it. */
  remove?(): Promise<void>;
}

/** A store that is held to the contract, and what it declares of itself. */
export interface StoreContractSubject {
  /** A fresh and empty place. Each case asks for its own. */
  createPlace(): Promise<StorePlace> | StorePlace;
  /**
   * How another process opens a place: `(await import(module))[exportName](place.argument)` must be a store. `module`
   * is the URL of JavaScript that plain Node can load. Left out for a store that is private to its handle; the cases
   * with several handles and processes are left out then.
   */
  readonly otherProcess?: { readonly module: string | URL; readonly exportName: string };
  /** Whether `watch` is there and tells of changes. A store that declares no push must have no `watch`. */
  readonly push: boolean;
  /**
   * Whether the store keeps reports. One that declares none must have no `reports`.
   * @default false
   */
  readonly reports?: boolean;
}

export interface StoreContractCase {
  /** A sentence. */
  readonly name: string;
  /** Rejects when the store does not keep the contract. May take up to two minutes on a slow store. */
  run(): Promise<void>;
}
