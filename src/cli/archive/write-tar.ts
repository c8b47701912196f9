// Writes a tar file, compressed by gzip, as a stream.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createTarPacker } from 'modern-tar';
import type { ArchiveFile } from '../../store/copy/write-archive.ts';

/** Twice as fast as the default level, and a tenth larger. */
const compressionLevel = 3;

/**
 * @param work adds one file after the other
 * @throws whatever `work` and `write` throw
 */
export async function writeTar<T>(
  write: (chunk: Uint8Array) => Promise<void>,
  mtime: Date,
  work: (add: (file: ArchiveFile) => Promise<void>) => Promise<T>,
): Promise<T> {
  const { readable, controller } = createTarPacker();
  const written = pipeline(
    Readable.fromWeb(readable as Parameters<typeof Readable.fromWeb>[0]),
    createGzip({ level: compressionLevel }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) await write(chunk);
    },
  );
  const worked = (async () => {
    try {
      const result = await work(async ({ name, content }) => {
        const entry = controller.add({ name, size: content.length, mode: 0o600, mtime }).getWriter();
        await entry.write(content);
        await entry.close();
      });
      controller.finalize();
      return result;
    } catch (error) {
      controller.error(error);
      throw error;
    }
  })();
  // If writing fails, adding the next file fails too, but only with the reason that the stream was aborted.
  const [writing, working] = await Promise.allSettled([written, worked]);
  if (working.status === 'rejected' && writing.status === 'fulfilled') throw working.reason;
  if (writing.status === 'rejected') throw writing.reason;
  return (working as PromiseFulfilledResult<T>).value;
}
