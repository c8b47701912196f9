// `muster export`: writes everything that belongs to the accounts to an archive.

import type { Config } from '../../config.ts';
import { openExistingEngine } from '../../open-store.ts';
import { version } from '../../platform/version.ts';
import { events } from '../../resources/events/events.ts';
import { resources } from '../../resources/resources.ts';
import { writeArchive } from '../../store/copy/write-archive.ts';
import { onlyItself } from '../only-itself.ts';
import { CommandError, type OutputOptions, printRows } from '../print.ts';
import { type Progress, progressBar } from '../progress.ts';
import { writeOutput } from '../write-output.ts';
import { readmeOf } from './archive-readme.ts';
import { writeTar } from './write-tar.ts';

export interface ExportArchiveOptions extends OutputOptions {
  readonly withoutEvents?: boolean;
  readonly overwrite?: boolean;
}

/** @param file a path, or - for standard output */
export async function exportArchiveCommand(
  config: Config,
  file: string,
  { withoutEvents, overwrite = false, json }: ExportArchiveOptions,
): Promise<void> {
  assertArchiveName(file);
  const leftOut = withoutEvents ? { [events.type]: 'Left out by --without-events.' } : {};
  const createdAt = Date.now();
  const contents = {
    ...{ resources, leftOut, createdAt },
    musterVersion: version,
    readme: readmeOf(version, createdAt),
  };
  const engine = await openExistingEngine(onlyItself(config));
  try {
    let progress: Progress | undefined;
    let done = 0;
    const watcher = {
      begin(rows: number) {
        progress = progressBar(rows);
      },
      done(rows: number) {
        done += rows;
        progress?.update(done, done);
      },
    };
    try {
      await writeOutput(file, overwrite, async (write) => {
        const tables = await writeTar(write, new Date(createdAt), (add) =>
          writeArchive(engine, contents, add, watcher),
        );
        progress?.stop();
        if (file !== '-')
          printRows(
            tables.map(({ name, rows }) => ({ table: name, rows })),
            { ...(json && { json }) },
          );
      });
    } finally {
      progress?.stop();
    }
  } finally {
    await engine.close();
  }
}

function assertArchiveName(file: string): void {
  if (file === '-') {
    if (process.stdout.isTTY)
      throw new CommandError('standard output is a terminal: name a file, or pipe the archive to a program');
  } else if (!/\.(?:tar\.gz|tgz)$/i.test(file))
    throw new CommandError(
      `an archive is a .tar.gz file: choose another name than ${file}. \`muster users export\` writes CSV and JSON`,
    );
}
