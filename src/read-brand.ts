// Reads the operator's name, color and logo from the settings. The logo is checked once, at the start.

import { readFileSync, statSync } from 'node:fs';
import { type Config, ConfigError, givenName } from './config.ts';
import type { Brand, Logo } from './model/brand.ts';

const maxLogoBytes = 256 * 1024;

/** @throws ConfigError if the logo cannot be used */
export function readBrand(config: Config): Brand {
  const { brandName, brandColor, brandLogo, brandUrl } = config;
  return { name: brandName, color: brandColor, logo: readLogo(config, brandLogo), url: brandUrl || null };
}

function readLogo(config: Config, file: string): Logo | null {
  if (file === '') return null;
  const refused = (problem: string, cause?: unknown) =>
    new ConfigError(`${givenName(config, 'brandLogo')} ${problem}, it is ${JSON.stringify(file)}`, { cause });
  let bytes: Buffer;
  try {
    if (statSync(file).size > maxLogoBytes) throw refused('must be a file of at most 256 KiB');
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw refused(`cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
  const mediaType = mediaTypeOf(bytes);
  if (mediaType === null) throw refused('must be a PNG or an SVG');
  return { mediaType, bytes };
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** By the content, because a name can lie. */
function mediaTypeOf(bytes: Buffer): Logo['mediaType'] | null {
  if (bytes.subarray(0, pngSignature.length).equals(pngSignature)) return 'image/png';
  const beforeRoot = /^\uFEFF?\s*(?:(?:<\?xml[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>]*>)\s*)*<svg[\s>]/i;
  return beforeRoot.test(bytes.toString('utf8')) ? 'image/svg+xml' : null;
}
