/** Checks one answer before the measurement: a wrong one must not count as a fast one. */
async function expectAnswer(url, headers, { status, length, masked }) {
  const response = await fetch(url, { headers: headers ?? {} });
  const body = await response.arrayBuffer();
  const isPage = response.headers.get("retry-after") !== null;
  if (
    response.status !== status ||
    isPage !== (masked ?? false) ||
    (length !== undefined && body.byteLength !== length)
  ) {
    throw new Error(
      `${url} answered ${response.status} with ${body.byteLength} bytes${isPage ? " and Retry-After" : ""}`,
    );
  }
}

export const success = (url, headers) => expectAnswer(url, headers, { status: 200 });
export const regularError = (url, headers) => expectAnswer(url, headers, { status: 500 });
export const page = (length) => (url, headers) =>
  expectAnswer(url, headers, { status: 503, length, masked: true });
