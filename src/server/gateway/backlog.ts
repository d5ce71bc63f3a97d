import { randomUUID } from "node:crypto";
import { close, constants, open, read, unlink, write } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * What all backlogs of a gateway share: bytes in memory and in temporary files, so that many visitors can't
 * fill either.
 */
export interface Storage {
  readonly maximumMemory: number;
  readonly maximumFiles: number;
  /** In use now. */
  memory: number;
  files: number;
}

/** For one message. Bytes. */
export interface BacklogLimits {
  readonly memory: number;
  /** 0: never uses a file. */
  readonly file: number;
}

export interface BacklogOptions {
  readonly storage: Storage;
  readonly limits: BacklogLimits;
  /** Takes the next piece. False: wait for {@link Backlog.go}. */
  readonly deliver: (piece: Buffer) => boolean;
  /** Everything added was delivered. */
  readonly emptied: () => void;
  /** After `add` returned false: there is room again. */
  readonly room: () => void;
  /** What was written to the file can't be read back. */
  readonly failed: (error: Error) => void;
}

/** Bytes between a fast sender and a slow receiver: first in memory, then in a temporary file, in order. */
export interface Backlog {
  /** Bytes waiting. */
  size(): number;
  /** Never refuses a piece. False: the sender should pause until `room` is called. */
  add(piece: Buffer): boolean;
  /** The receiver has room. Nothing is delivered before the first call. */
  go(): void;
  /** Drops everything, and calls nobody any more. */
  discard(): void;
}

export function createStorage(maximumMemory: number, maximumFiles: number): Storage {
  return { maximumMemory, maximumFiles, memory: 0, files: 0 };
}

const pieceSize = 65_536;
/** How much may wait to be written before the sender pauses. Bytes. */
const maximumTail = 262_144;
/** How much must wait before it is written: a file for less costs more than it saves. Bytes. */
const minimumTail = 65_536;

export function createBacklog(options: BacklogOptions): Backlog {
  const { storage, limits, deliver, emptied, room, failed } = options;
  // In order: `head` is the oldest, then the file, then `tail`, which is on its way to the file or can't be
  // written there.
  let head: Buffer[] = [];
  let headSize = 0;
  let tail: Buffer[] = [];
  let tailSize = 0;
  let file: number | undefined;
  let readAt = 0;
  let writtenTo = 0;
  let reserved = 0;
  let isWriting = false;
  let isReading = false;
  let isDelivering = false;
  let isPaused = false;
  let isBlocked = true;
  let canWrite = limits.file > 0;
  let discarded = false;

  const memoryUsed = (): number => headSize + tailSize;
  const hasRoom = (): boolean =>
    (memoryUsed() < limits.memory && storage.memory < storage.maximumMemory) ||
    (canWrite && tailSize < maximumTail && reserved < limits.file && storage.files < storage.maximumFiles);

  function add(piece: Buffer): boolean {
    storage.memory += piece.byteLength;
    const isFileEmpty = readAt === writtenTo && tailSize === 0;
    const fits = headSize + piece.byteLength <= limits.memory && storage.memory <= storage.maximumMemory;
    if (isFileEmpty && (fits || !canWrite)) {
      head.push(piece);
      headSize += piece.byteLength;
    } else {
      tail.push(piece);
      tailSize += piece.byteLength;
      writeTail();
    }
    pump();
    isPaused = !hasRoom();
    return !isPaused;
  }

  function writeTail(): void {
    if (tailSize < minimumTail && storage.memory < storage.maximumMemory / 2) return;
    const room = Math.min(limits.file - reserved, storage.maximumFiles - storage.files);
    const first = tail[0];
    if (isWriting || isReading || discarded || !canWrite || first === undefined || first.byteLength > room)
      return;
    isWriting = true;
    reserved += first.byteLength;
    storage.files += first.byteLength;
    if (file === undefined) openFile();
    else writePiece(first, 0);
  }

  function openFile(): void {
    const path = join(tmpdir(), `intermission-${randomUUID()}`);
    // O_EXCL: neither an existing file nor a link.
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
    open(path, flags, 0o600, (error, opened) => {
      if (error !== null) {
        afterWrite(error);
        return;
      }
      file = opened;
      // Without a name, it vanishes with the process, however that ends.
      unlink(path, () => {
        const first = tail[0];
        if (discarded || first === undefined) afterWrite(null);
        else writePiece(first, 0);
      });
    });
  }

  function writePiece(piece: Buffer, from: number): void {
    write(file ?? -1, piece, from, piece.byteLength - from, writtenTo + from, (error, written) => {
      if (error === null && !discarded && from + written < piece.byteLength) {
        writePiece(piece, from + written);
        return;
      }
      if (error === null && !discarded) {
        tail.shift();
        tailSize -= piece.byteLength;
        storage.memory -= piece.byteLength;
        writtenTo += piece.byteLength;
      }
      afterWrite(error);
    });
  }

  function afterWrite(error: Error | null): void {
    isWriting = false;
    if (discarded) {
      release();
      return;
    }
    // No folder, or a full disk: what waits stays in memory, and the sender waits for the receiver.
    if (error !== null) canWrite = false;
    else writeTail();
    pump();
    offerRoom();
  }

  function readPiece(): void {
    isReading = true;
    const piece = Buffer.allocUnsafe(Math.min(pieceSize, writtenTo - readAt));
    read(file ?? -1, piece, 0, piece.byteLength, readAt, (error, length) => {
      isReading = false;
      if (discarded) {
        release();
      } else if (error !== null || length === 0) {
        failed(error ?? new Error("The temporary file is shorter than what was written to it."));
      } else {
        readAt += length;
        if (readAt === writtenTo && !isWriting) startAgain();
        isBlocked = !deliver(piece.subarray(0, length));
        writeTail();
        pump();
        offerRoom();
      }
    });
  }

  /** The whole file was read: start writing at its beginning again. */
  function startAgain(): void {
    readAt = 0;
    writtenTo = 0;
    storage.files -= reserved;
    reserved = 0;
  }

  function pump(): void {
    // A receiver that takes a piece may call `go` from inside.
    if (isDelivering) return;
    isDelivering = true;
    while (!isBlocked && !discarded && !isReading) {
      const isFromTail = head.length === 0 && readAt === writtenTo && !isWriting;
      const piece = isFromTail ? tail.shift() : head.shift();
      if (piece !== undefined) {
        if (isFromTail) tailSize -= piece.byteLength;
        else headSize -= piece.byteLength;
        storage.memory -= piece.byteLength;
        isBlocked = !deliver(piece);
      } else if (readAt < writtenTo) {
        readPiece();
      } else {
        if (!isWriting) emptied();
        break;
      }
    }
    isDelivering = false;
    offerRoom();
  }

  function offerRoom(): void {
    if (!isPaused || discarded || !hasRoom()) return;
    isPaused = false;
    room();
  }

  /** Closes the file once no operation on it is in flight. */
  function release(): void {
    if (isWriting || isReading) return;
    storage.files -= reserved;
    reserved = 0;
    if (file !== undefined) close(file, () => {});
    file = undefined;
  }

  return {
    size: () => headSize + tailSize + writtenTo - readAt,
    add,
    go() {
      isBlocked = false;
      pump();
    },
    discard() {
      if (discarded) return;
      discarded = true;
      storage.memory -= memoryUsed();
      head = [];
      tail = [];
      headSize = 0;
      tailSize = 0;
      release();
    },
  };
}
