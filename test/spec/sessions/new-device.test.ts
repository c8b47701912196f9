// Mails about sign-ins from devices and networks that are new for an account.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { renderMail } from '../../../src/delivery/render-mail.ts';
import { deleteOldAttempts } from '../../../src/resources/sign-in/delete-old-attempts.ts';
import { deviceKey } from '../../../src/resources/sign-in/notice-new-device.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { right, type SignInOptions, startSignIns, wrong } from './start-sign-in.ts';

const ann = 'ann@example.com';
const home = '203.0.113.7';
const dayMs = 24 * 60 * 60 * 1000;

const firefox = (version: number) =>
  `Mozilla/5.0 (X11; Linux x86_64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Mobile/15E148 Safari/604.1';

async function start(t: TestContext, engine: EngineName, settings: Readonly<Record<string, string>> = {}) {
  const { app, signIn } = await startSignIns(t, engine, settings);
  const values = { locale: 'de_AT', time_zone: 'Asia/Tokyo' };
  const { id } = await app.createUser({ email: ann, password: right, values });
  const from = (address: string, userAgent = firefox(140), { attributes = {} }: SignInOptions = {}) =>
    signIn(ann, right, { from: address, headers: { 'User-Agent': userAgent }, attributes });
  /** How many mails were made since the last call. */
  let before = 0;
  const newMails = async () => {
    const mails = await mailsTo(app, ann);
    const added = mails.slice(before);
    before = mails.length;
    assert.ok(added.every(({ kind }) => kind === 'new_device'));
    return added;
  };
  const count = async () => (await newMails()).length;
  return { app, id, from, newMails, count };
}

onEachEngine((engine) => {
  test('a sign-in from a new device or a new network is mailed to the account, in its language and time zone', async (t) => {
    const { app, from, newMails, count } = await start(t, engine);
    assert.equal((await from(home)).status, 201);
    assert.equal((await from(home)).status, 201);
    assert.equal(await count(), 0, 'neither the first sign-in, nor one like it');

    assert.equal((await from(home, iphone)).status, 201);
    const [mail, ...others] = await newMails();
    assert.deepEqual(others, []);
    const brand = { name: 'Acme', color: '#000000', logo: null, url: null };
    const settings = { publicUrl: 'https://users.example.com', brand, timeZone: 'UTC' };
    const { subject, text, to } = renderMail(mail!, mail!.token, settings);
    assert.equal(to.address, ann);
    assert.equal(subject, 'Neue Anmeldung in Ihrem Konto bei Acme');
    // In Japan, nine hours after UTC.
    assert.match(
      text,
      /\nZeit: 17\. März 2026 um 13:04 GMT\+9\nGerät: iPhone\nSystem: iOS 18\.2\nBrowser: Safari 18\nIP-Adresse: 203\.0\.113\.7\n/,
    );

    await from('203.0.113.8');
    assert.equal(await count(), 1, 'from a new network');
    await from('203.0.113.8', iphone);
    await from(home, firefox(151));
    assert.equal(await count(), 0, 'both are known now, and a browser may be updated');
    await from(home, firefox(151), { attributes: { browser: 'Our app 7' } });
    assert.equal(await count(), 1, 'what the client says of itself counts');
    assert.equal(app.log.filter(({ level }) => Number(level) >= 50).length, 0);
  });

  test('of many sign-ins from a new device at the same time, one is mailed', async (t) => {
    const { from, count } = await start(t, engine);
    await from(home);
    const answers = await Promise.all(Array.from({ length: 10 }, () => from('203.0.113.8', iphone)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
    assert.equal(await count(), 1);
  });

  test('of many first sign-ins at the same time, none is mailed if they are alike', async (t) => {
    const { from, count } = await start(t, engine);
    await Promise.all(Array.from({ length: 10 }, () => from(home)));
    assert.equal(await count(), 0);
  });

  test('a wrong password from a new device is not mailed, and does not make the device known', async (t) => {
    const { app, from, count } = await start(t, engine);
    await from(home);
    const body = { data: { type: 'sessions', attributes: { email: ann, password: wrong } } };
    const headers = { 'User-Agent': iphone, 'X-Forwarded-For': home };
    assert.equal((await app.request('POST', '/api/v2/sessions', { headers, body })).status, 401);
    assert.equal(await count(), 0);
    await from(home, iphone);
    assert.equal(await count(), 1);
  });

  test('whoever signs in after the longest session is not told of the same network, and after a year is', async (t) => {
    const { app, from, count } = await start(t, engine);
    const run = { write: app.store.write, signal: new AbortController().signal };
    const deleteOld = () => deleteOldAttempts(run, () => app.clock.now);
    await from(home);
    app.clock.now += 91 * dayMs;
    await deleteOld();
    await from(home);
    assert.equal(await count(), 0);
    app.clock.now += 366 * dayMs;
    await from(home);
    assert.equal(await count(), 1);
    app.clock.now += 366 * dayMs;
    await deleteOld();
    await from(home);
    assert.equal(await count(), 1, 'also if nothing else is remembered of networks');
  });

  test('accounts that signed in with an older version are told of new networks, not of the device', async (t) => {
    const { app, id, from, count } = await start(t, engine);
    const noted = { now: app.clock.now, since: 0, maxKept: 20 };
    await app.store.write(({ knownAddresses }) => knownAddresses.note(id, home, noted));
    await from(home);
    assert.equal(await count(), 0);
    await from('203.0.113.8');
    assert.equal(await count(), 1);
  });

  test('with MUSTER_NEW_DEVICE_MAILS=false nothing is mailed', async (t) => {
    const { from, count } = await start(t, engine, { newDeviceMails: 'false' });
    await from(home);
    await from('203.0.113.8', iphone);
    assert.equal(await count(), 0);
  });

  test('of an account, the 20 devices are known with which it signed in last', async (t) => {
    const { app, id } = await start(t, engine);
    const note = (device: string) => {
      app.clock.now++;
      return app.store.write(({ knownDevices }) =>
        knownDevices.note(id, device, { now: app.clock.now, maxKept: 20 }),
      );
    };
    assert.equal(await note('first'), 'first');
    for (let n = 1; n < 20; n++) assert.equal(await note(`device ${n}`), 'new');
    assert.equal(await note('first'), 'known');
    assert.equal(await note('one more'), 'new');
    assert.equal(await note('first'), 'known');
    assert.equal(await note('device 1'), 'new', 'the one that was unused for longest');
    assert.equal(await note('device 3'), 'known');
  });
});

test('a device is the same with later versions of its system and browser, and not with others', () => {
  const one = { device: 'desktop', platform: 'macOS 10.15.7', browser: 'Chrome 124' };
  const same = [
    { ...one, browser: 'Chrome 125' },
    { ...one, browser: 'Chrome/125.0.1' },
    { ...one, platform: 'macOS 15' },
    { ...one, platform: 'macOS' },
  ];
  const others = [
    { ...one, browser: 'Firefox 124' },
    { ...one, browser: null },
    { ...one, platform: 'Windows 11' },
    { ...one, device: 'iPhone' },
    { device: null, platform: null, browser: null },
  ];
  assert.deepEqual(new Set(same.map(deviceKey)), new Set([deviceKey(one)]));
  assert.equal(new Set([one, ...others].map(deviceKey)).size, others.length + 1);
});
