// Certificates for tests, created with the `openssl` of this machine.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export interface Authority {
  /** Its certificate. */
  readonly file: string;
  /**
   * Creates a certificate that this authority signs.
   * @param names in the form of openssl, for example DNS:localhost
   * @returns the paths of its files
   */
  issue(name: string, names?: string): { readonly cert: string; readonly key: string };
}

export function makeAuthority(folder: string, name: string): Authority {
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args[0]} ended with ${status}: ${stderr}`);
  };
  const path = (suffix: string) => join(folder, `${name}${suffix}`);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run(
    'req',
    '-x509',
    ...key,
    '-subj',
    `/CN=${name}`,
    '-days',
    '2',
    '-keyout',
    path('.key'),
    '-out',
    path('.crt'),
  );
  return {
    file: path('.crt'),
    issue(subject, names = `DNS:${subject}`) {
      const of = (suffix: string) => path(`-${subject}${suffix}`);
      run('req', ...key, '-subj', `/CN=${subject}`, '-keyout', of('.key'), '-out', of('.csr'));
      writeFileSync(of('.ext'), `subjectAltName=${names}\n`);
      const signed = ['-CA', path('.crt'), '-CAkey', path('.key'), '-CAcreateserial', '-days', '2'];
      run('x509', '-req', '-in', of('.csr'), ...signed, '-extfile', of('.ext'), '-out', of('.crt'));
      return { cert: of('.crt'), key: of('.key') };
    },
  };
}
