// Loaded into a process before its program (`node --import`). Records when the process syncs files and folders, and
// when it renames a file. A test cannot crash the machine, but these calls show what would survive a crash.

import fs from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

export type FileCall =
  | { readonly call: 'sync'; readonly path: string; readonly size: number }
  | { readonly call: 'name'; readonly path: string; readonly as: string };

/** The file to which the calls are written, one line of JSON each. */
const target = process.env.RECORDED_FILE_CALLS;

if (target !== undefined) {
  const paths = new Map<number, string>();
  const { openSync, fsyncSync, renameSync, linkSync, appendFileSync, statSync } = fs;
  const { open } = promises;
  const record = (call: FileCall) => appendFileSync(target, `${JSON.stringify(call)}\n`);
  const synced = (path: string) => record({ call: 'sync', path, size: statSync(path).size });

  fs.openSync = (path, ...more) => {
    const descriptor = openSync(path, ...more);
    paths.set(descriptor, String(path));
    return descriptor;
  };
  fs.fsyncSync = (descriptor) => {
    fsyncSync(descriptor);
    synced(paths.get(descriptor)!);
  };
  fs.renameSync = (path, as) => {
    renameSync(path, as);
    record({ call: 'name', path: String(path), as: String(as) });
  };
  fs.linkSync = (path, as) => {
    linkSync(path, as);
    record({ call: 'name', path: String(path), as: String(as) });
  };
  promises.open = async (path, ...more): Promise<FileHandle> => {
    const handle = await open(path, ...more);
    const { sync } = handle;
    handle.sync = async () => {
      await sync.call(handle);
      synced(String(path));
    };
    return handle;
  };
  syncBuiltinESMExports();
}
