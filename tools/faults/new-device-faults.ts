// Faults in mails about sign-ins from new devices.

import type { Fault } from '../faults.ts';

const notice = 'src/resources/sign-in/notice-new-device.ts';
const tests = ['test/spec/sessions/new-device.test.ts'];

export const newDeviceFaults: readonly Fault[] = [
  {
    name: 'a sign-in from a new network with a known device is not mailed',
    file: notice,
    find: " || network === 'new'",
    replace: '',
    tests,
  },
  {
    name: 'a sign-in with a new device from a known network is not mailed',
    file: notice,
    find: "device === 'new' || ",
    replace: '',
    tests,
  },
  {
    name: 'the owner of an account that was unused for years is not told of a sign-in',
    file: notice,
    find: " || (device === 'known' && network === 'first')",
    replace: '',
    tests,
  },
  {
    name: 'an update of a browser makes a new device',
    file: notice,
    find: 'withoutVersion(browser)]',
    replace: 'browser]',
    tests,
  },
  {
    name: 'the mail about a new device has the time of the service',
    file: notice,
    find: 'time_zone: user.time_zone',
    replace: 'time_zone: null',
    tests,
  },
  {
    name: 'networks of sign-ins are forgotten when the longest session ends',
    file: 'src/resources/sign-in/known-addresses.ts',
    find: '365 * dayMs',
    replace: '90 * dayMs',
    tests,
  },
  {
    name: 'the first sign-in of an account is mailed',
    file: 'src/store/accounts/familiarity.ts',
    find: "? 'new' : 'first'",
    replace: "? 'new' : 'new'",
    tests,
  },
  {
    name: 'devices of an account are kept without a limit',
    file: 'src/store/accounts/familiarity.ts',
    find: 'if (surplus.length > 0)',
    replace: 'if (surplus.length < 0)',
    tests,
  },
];
