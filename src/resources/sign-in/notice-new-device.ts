// Tells the owner of an account by mail that somebody has signed in from a device or a network that is new for it.

import { createHash } from 'node:crypto';
import type { Familiarity } from '../../store/attempts.ts';
import type { Transaction } from '../../store/store.ts';
import { queueMail } from '../mails/queue-mail.ts';
import { toAccount } from '../mails/to-account.ts';
import type { Services } from '../operation.ts';
import type { User } from '../users/users.ts';
import type { Client } from './read-user-agent.ts';

const maxKnown = 20;

interface SignInOfUser {
  /** Locked, so that of several sign-ins from a new device at once, one is the first. */
  readonly user: User;
  readonly client: Client & { readonly last_ip: string };
  /** Whether the network is new. */
  readonly network: Familiarity;
  readonly now: number;
}

export async function noticeNewDevice(
  services: Pick<Services, 'mail' | 'clock' | 'newDeviceMails'>,
  transaction: Transaction,
  { user, client, network, now }: SignInOfUser,
): Promise<void> {
  const device = await transaction.knownDevices.note(user.id, deviceKey(client), { now, maxKept: maxKnown });
  if (!services.newDeviceMails || !isNew(device, network)) return;
  const { device: model, platform, browser, last_ip: ip } = client;
  await queueMail(services, transaction, {
    kind: 'new_device',
    ...toAccount(user),
    data: { device: model, platform, browser, ip, at: now, time_zone: user.time_zone },
  });
}

/**
 * The first sign-in of an account is from nothing new. Networks are forgotten after a year, and devices were not kept by
 * older versions, so each may be the first alone.
 */
function isNew(device: Familiarity, network: Familiarity): boolean {
  return device === 'new' || network === 'new' || (device === 'known' && network === 'first');
}

/** The same for all versions of a system and of a browser. A digest, because it is only compared. */
export function deviceKey({ device, platform, browser }: Client): string {
  const parts = [device, withoutVersion(platform), withoutVersion(browser)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** `macOS` for `macOS 10.15.7`. */
function withoutVersion(text: string | null): string | null {
  return text?.replace(/[\s/]+v?\d[\w.+-]*$/i, '') ?? null;
}
