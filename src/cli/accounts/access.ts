// `muster access`: why somebody cannot sign in, and what to do.

import type { Config } from '../../config.ts';
import { zone } from '../../model/zone.ts';
import { accessReasons, canSignIn } from '../../resources/users/access-reasons.ts';
import type { Store } from '../../store/store.ts';
import { JsonText, type OutputOptions, printRecord, time } from '../print.ts';
import { userOf } from './named-records.ts';

/** @param user an id or an email */
export async function accessCommand(
  store: Store,
  config: Config,
  user: string,
  output: OutputOptions,
): Promise<void> {
  const account = await userOf(store.read, user);
  const reasons = await accessReasons(store.read, account, Date.now());
  const found = { id: account.id, email: account.email, can_sign_in: canSignIn(reasons) };
  if (output.json) {
    const listed = reasons.map(({ wayOut, ...reason }) => ({ ...reason, way_out: wayOut }));
    printRecord({ ...found, reasons: new JsonText(JSON.stringify(listed)) }, output);
    return;
  }
  printRecord(found, output);
  const timeZone = zone(config.timeZone);
  for (const { code, blocks, detail, since, until, wayOut } of reasons) {
    process.stdout.write('\n');
    printRecord(
      {
        reason: code,
        blocks,
        detail,
        since: time(since, timeZone),
        until: time(until, timeZone),
        way_out: wayOut.command,
      },
      output,
    );
  }
}
