/** What is used of a browser's `location`. */
declare const location: { readonly href: string; reload(): void };

/** An app whose page needs longer is not asked further. Milliseconds. */
const askWithin = 5000;

/**
 * Loads the address anew if the maintenance page is there, and does nothing otherwise. For error boundaries: what a page
 * throws while a link is followed comes in a response with status 200. Never rejects.
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
    // Who is offline keeps what the error boundary shows.
  }
}
