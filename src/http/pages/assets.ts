// The files of the pages: scripts and style from browser/, and what follows from the brand. Read once, at the start.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Brand, textColorOn } from '../../model/brand.ts';

export interface Asset {
  readonly name: string;
  readonly mediaType: string;
  readonly body: string | Uint8Array;
}

const folder = join(import.meta.dirname, 'browser');

export function pageAssets(brand: Brand): Asset[] {
  const scripts = globSync('*.js', { cwd: folder }).sort();
  return [
    ...scripts.map((name) => ({ name, mediaType: 'text/javascript; charset=utf-8', body: fileOf(name) })),
    { name: 'style.css', mediaType: 'text/css; charset=utf-8', body: colors(brand) + fileOf('style.css') },
    { name: 'icon.svg', mediaType: 'image/svg+xml', body: icon(brand) },
    ...(brand.logo === null
      ? []
      : [{ name: 'logo', mediaType: brand.logo.mediaType, body: brand.logo.bytes }]),
  ];
}

function fileOf(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

function colors({ color }: Brand): string {
  return `:root { --brand: ${color}; --on-brand: ${textColorOn(color)}; }\n`;
}

/** Without an icon, browsers ask for /favicon.ico. */
function icon({ color }: Brand): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="${color}"/></svg>\n`;
}
