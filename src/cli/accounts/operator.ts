// The command line as an actor: it calls the same operations as requests do, with all rights.

import type { Config } from '../../config.ts';
import { hashRules } from '../../hash-settings.ts';
import { operator } from '../../model/actor.ts';
import { zone } from '../../model/zone.ts';
import { openMail } from '../../open-mail.ts';
import { accessesByType } from '../../resources/access.ts';
import type { Writer, WriteServices } from '../../resources/operations/write-rules.ts';
import { accesses } from '../../resources/resources.ts';
import { passwordHasher } from '../../security/passwords.ts';
import { sessionLimits } from '../../security/session-limits.ts';
import type { Store } from '../../store/store.ts';
import { commandPolicy } from '../password-policy.ts';

export interface Operator {
  readonly services: WriteServices;
  readonly writer: Writer;
}

export function operatorOf(store: Store, config: Config): Operator {
  return {
    services: {
      store,
      clock: Date.now,
      zone: zone(config.timeZone),
      passwords: passwordHasher(1, { secrets: hashRules(config).secrets }),
      passwordPolicy: commandPolicy(config),
      sessionLimits: sessionLimits(config),
      accesses: accessesByType(accesses),
      mail: openMail(config, 'queued'),
      resetMinutes: config.resetMinutes,
      invitationDays: config.invitationDays,
    },
    writer: {
      actor: operator,
      origin: () => null,
      baseUrl: () => config.publicUrl,
      write: store.write,
      changeRecord: store.changeRecord,
    },
  };
}
