import { test } from 'node:test';
import { engines } from '../support/chosen-engines.ts';
import { importAndExportMany, largeTimeout } from '../support/large-accounts.ts';

test(
  'on postgres, 200,000 rows come in and go out whole, in each format, by file and by pipe',
  {
    skip: !engines.includes('postgres'),
    timeout: largeTimeout,
  },
  (t) => importAndExportMany(t, 'postgres'),
);
