/** The body is longer than anybody needs. */
export class TooLongError extends Error {
  constructor(maximumBytes: number) {
    super(`more than ${String(maximumBytes)} bytes`);
  }
}

/**
 * Bytes as UTF-8 text.
 *
 * @throws TooLongError as soon as there are more than `maximumBytes`. The rest is not read.
 */
export async function readText(chunks: AsyncIterable<Uint8Array>, maximumBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let length = 0;
  let text = "";
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > maximumBytes) throw new TooLongError(maximumBytes);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Not every runtime's streams are iterable. Stopping early cancels the stream. */
export async function* chunksOf(stream: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (stream === null) return;
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } catch (error) {
    ended = true;
    throw error;
  } finally {
    if (!ended) reader.cancel().catch(() => undefined);
  }
}
