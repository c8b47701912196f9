// A page as HTML. It refers to its script and style by relative addresses, because a reverse proxy may serve it below a path.

import type { Brand } from '../../model/brand.ts';
import type { PageName } from '../../model/link.ts';
import { type MailLocale, mailLocales } from '../../model/mail-locale.ts';
import { Html, html } from './html.ts';
import type { PageWords } from './page-parts.ts';
import { sayIn, scriptTexts } from './page-texts.ts';
import { commonViews, pages } from './pages.ts';

export interface PageSettings {
  readonly brand: Brand;
  readonly minPasswordLength: number;
}

/** By the names that people give them. */
const languageNames: Readonly<Record<MailLocale, string>> = { en: 'English', de: 'Deutsch', hr: 'Hrvatski' };

/** @param root the address of the folder of the pages, relative to the page: `./` or `../` */
export function renderPage(
  name: PageName,
  locale: MailLocale,
  root: './' | '../',
  { brand, minPasswordLength }: PageSettings,
): string {
  const say = sayIn(locale, brand.name);
  const words: PageWords = { say, brandName: brand.name, brandUrl: brand.url, minPasswordLength };
  const { title, views } = pages[name](words, root);
  const page = html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} – ${brand.name}</title>
<link rel="icon" href="${root}icon.svg">
<link rel="stylesheet" href="${root}style.css">
<script type="application/json" id="texts">${json(scriptTexts(say, brand.name))}</script>
<script type="module" src="${root}${name}.js"></script>
</head>
<body>
<main>
<div class="brand">${brand.logo === null ? brand.name : html`<img src="${root}logo" alt="${brand.name}">`}</div>
<noscript>
<h1>${say('page.no_script.title')}</h1>
<p>${say('page.no_script.text')}</p>
</noscript>
<section data-view="loading"><p>${say('page.loading')}</p></section>
${[...views, ...commonViews(words)]}
</main>
<nav aria-label="${say('page.languages')}">
${mailLocales.map((other) => languageLink(other, other === locale))}
</nav>
</body>
</html>
`;
  return page.text;
}

function languageLink(locale: MailLocale, isCurrent: boolean): Html {
  const current = isCurrent ? html` aria-current="true"` : html``;
  return html`<a href="?lang=${locale}" lang="${locale}" hreflang="${locale}"${current}>${languageNames[locale]}</a>`;
}

/** JSON as the text of a script element, which must not contain `</script` or `<!--`. */
function json(value: object): Html {
  return new Html(JSON.stringify(value).replaceAll('<', '\\u003c'));
}
