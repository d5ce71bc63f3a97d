/** The text of bytes from a client, a `Buffer` or not. undefined: not bytes. */
export function textOfBytes(value: unknown): string | undefined {
  // Not by class: a client may come from another realm, as under Jest.
  if (!ArrayBuffer.isView(value)) return undefined;
  const { buffer, byteOffset, byteLength } = value;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(buffer, byteOffset, byteLength));
}

/** UTF-8, two digits per byte. */
export function toHex(text: string): string {
  let digits = "";
  for (const byte of new TextEncoder().encode(text)) digits += byte.toString(16).padStart(2, "0");
  return digits;
}
