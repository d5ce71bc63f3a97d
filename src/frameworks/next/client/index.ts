/** The parts of a browser's `location` used here. */
declare const location: { readonly href: string; reload(): void };

/** Time limit for the app's answer. Milliseconds. */
const askWithin = 5000;

/**
 * Reloads the address if the maintenance page is there, else does nothing. For error boundaries: an error
 * during client navigation comes in a response with status 200. Never rejects.
 *
 * @example
 * ```tsx
 * // app/error.tsx and app/global-error.tsx
 * useEffect(() => void loadMaintenancePage(), []);
 * ```
 */
export async function loadMaintenancePage(): Promise<void> {
  try {
    const { headers } = await fetch(location.href, {
      method: "HEAD",
      headers: { accept: "text/html" },
      signal: AbortSignal.timeout(askWithin),
    });
    if (headers.has("x-maintenance")) location.reload();
  } catch {
    // An offline visitor keeps what the error boundary shows.
  }
}
