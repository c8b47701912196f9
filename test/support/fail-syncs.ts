// Loaded into a process before its program (`node --import`). While a file exists, the disk fails: fdatasync answers EIO,
// without having written anything.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** The path of that file. */
const failing = process.env.SYNCS_FAIL_WHILE;

if (failing !== undefined) {
  const { fdatasync, existsSync } = fs;
  const replaced = (descriptor: number, done: fs.NoParamCallback) => {
    if (!existsSync(failing)) return fdatasync(descriptor, done);
    const error = Object.assign(new Error('EIO: i/o error, fdatasync'), {
      code: 'EIO',
      syscall: 'fdatasync',
    });
    setImmediate(done, error);
  };
  fs.fdatasync = Object.assign(replaced, { __promisify__: fdatasync.__promisify__ });
  syncBuiltinESMExports();
}
