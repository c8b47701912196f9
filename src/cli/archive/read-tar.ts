// Reads the files of a tar file that is compressed by gzip. Nothing is written to the disk, so names may be anything.

import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';
import { createTarDecoder } from 'modern-tar';
import { FileError, reasonOfFile } from '../../platform/private-files.ts';
import { ArchiveProblem } from '../../store/copy/archive-manifest.ts';
import type { ArchiveFile } from '../../store/copy/write-archive.ts';

/** Far above the parts of Muster's own archives: a file is in memory as a whole. */
const maxFileBytes = 64 * 1024 * 1024;

/** @throws ArchiveProblem, FileError */
export async function* readTar(path: string): AsyncGenerator<ArchiveFile> {
  const source = createReadStream(path);
  const gunzip = createGunzip();
  source.once('error', (error) => gunzip.destroy(error));
  // The web stream of it does not pass on the message.
  let failure: Error | undefined;
  gunzip.once('error', (error) => {
    failure = error;
  });
  const decoder = createTarDecoder({ strict: true });
  const entries = (Readable.toWeb(source.pipe(gunzip)) as ReadableStream<Uint8Array>).pipeThrough(
    decoder as Parameters<ReadableStream<Uint8Array>['pipeThrough']>[0],
  ) as ReadableStream<TarEntry>;
  try {
    for await (const { header, body } of entries) {
      // As another tar writes them: folders, and a path that begins with the current folder.
      const name = header.name.replace(/^\.\//, '');
      if (header.type === 'directory') {
        await body.cancel();
        continue;
      }
      if (header.type !== 'file')
        throw new ArchiveProblem('it contains something that is neither a file nor a folder');
      if (header.size > maxFileBytes)
        throw new ArchiveProblem(`it contains a file of more than ${maxFileBytes / 1024 / 1024} MiB`);
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      yield { name, content: Buffer.concat(chunks) };
    }
  } catch (error) {
    throw explained(path, failure ?? error);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

interface TarEntry {
  readonly header: { readonly name: string; readonly size: number; readonly type?: string };
  readonly body: ReadableStream<Uint8Array>;
}

function explained(path: string, error: unknown): unknown {
  if (error instanceof ArchiveProblem) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR' || /truncated/.test(message))
    return new ArchiveProblem('it is not whole: its end is missing', { cause: error });
  if (code === 'Z_DATA_ERROR' && /incorrect header check/.test(message))
    return new ArchiveProblem('it is not a .tar.gz file', { cause: error });
  if (code.startsWith('Z_')) return new ArchiveProblem(`it is damaged: ${message}`, { cause: error });
  if (/^E[A-Z]+$/.test(code))
    return new FileError(`${path} cannot be read: ${reasonOfFile(error)}`, { cause: error });
  return new ArchiveProblem(`it is not a tar file, or is damaged: ${message}`, { cause: error });
}
