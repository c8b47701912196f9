// Starts worker threads, from the source or from the published package.

import { flushCompileCache } from 'node:module';
import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Compiled code comes from the cache of the process (see main.js). To compile the source in each thread would take 50 ms and
 * 12 MiB more, most of them to strip its types.
 */
const start = `
  const { workerData } = require('node:worker_threads');
  require('node:module').enableCompileCache();
  import(process.argv[2]).then((module) => module[process.argv[3]](workerData));
`;

/**
 * @param folder `import.meta` of a module in the same folder
 * @param file the module without its extension: the source is TypeScript, the published package JavaScript
 * @param work what the module exports. The thread calls it with `workerData`. As it is imported here too, it is in the cache
 */
export function startWorker<Data>(
  { url }: ImportMeta,
  file: string,
  work: (data: Data) => void,
  workerData: Data,
  options: WorkerOptions = {},
): Worker {
  flushCompileCache();
  const module = new URL(`./${file}${extname(url)}`, url).href;
  return new Worker(start, { ...options, eval: true, argv: [module, work.name], workerData });
}
