// How much memory the cached documents of one process take.

const mebibyte = 1024 * 1024;

/** The process itself takes about 130 MB, so in a container of 256 MB a cache of 8 MiB is still safe. */
const shareOfMemory = 1 / 32;
/** More has to be asked for by the setting. */
const maxDefaultBytes = 16 * mebibyte;

export interface CacheLimitSettings {
  /** The setting; null if it is not given. */
  readonly documentCacheBytes: number | null;
  /** Processes that share the memory. */
  readonly workers: number;
}

/**
 * The limit for one process. Without the setting, all workers together take a share of the memory.
 * @param memory bytes of memory of the machine or its container
 */
export function cacheLimit({ documentCacheBytes, workers }: CacheLimitSettings, memory: number): number {
  return documentCacheBytes ?? Math.floor(Math.min(maxDefaultBytes, (memory * shareOfMemory) / workers));
}
