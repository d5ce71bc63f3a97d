import type { Store } from "../core/ports.ts";
import type { StoreContractSubject, StorePlace } from "./store-contract-subject.ts";

/** A fresh place for one case; every handle on it is closed at the end. */
export async function withPlace(
  subject: StoreContractSubject,
  work: (place: StorePlace, open: () => Store) => Promise<void>,
): Promise<void> {
  const place = await subject.createPlace();
  const stores: Store[] = [];
  try {
    await work(place, () => {
      const store = place.open();
      stores.push(store);
      return store;
    });
  } finally {
    for (const store of stores) await store.close();
    await place.remove?.();
  }
}
