// A mail as HTML. Styles are inline, because some programs drop all others; those of the style sheet are for dark mode
// and small screens. There are no images but the logo, which is a part of the mail.

import { type Brand, textColorOn } from '../../model/brand.ts';
import type { MailLocale } from '../../model/mail-locale.ts';
import { escapedHtml } from '../../model/text.ts';
import type { MailPart, MailParts } from './mail-parts.ts';

/** A larger logo would be sent with each mail. */
const maxLogoBytes = 64 * 1024;

const font = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

const darkAndSmall = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:#14161a!important}
.card{background:#1f2228!important;border-right-color:#333842!important;border-bottom-color:#333842!important;border-left-color:#333842!important}
.text,.text a{color:#e8eaed!important}
.quiet,.quiet a{color:#a7adb8!important}
.line{border-color:#333842!important}
.logo{background:#ffffff;padding:6px;border-radius:6px}
}
@media (max-width:480px){.page{padding:0!important}.card{padding:24px 20px!important;border-width:4px 0 0!important;border-radius:0!important}}
`;

export function writeHtml(mail: MailParts, locale: MailLocale, brand: Brand): string {
  return `<!doctype html>
<html lang="${locale}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${escapedHtml(mail.subject)}</title>
<style>${darkAndSmall}</style>
</head>
<body class="page" style="margin:0;padding:32px 12px;background:#f2f4f7;${font};-webkit-text-size-adjust:100%">
<div class="card" style="box-sizing:border-box;max-width:600px;margin:0 auto;padding:32px 40px;background:#ffffff;border:1px solid #dfe3e8;border-top:4px solid ${brand.color};border-radius:8px">
<div style="margin:0 0 24px">${heading(brand)}</div>
${paragraph(mail.greeting)}
${mail.parts.map((part) => written(part, brand)).join('\n')}
<div class="line quiet" style="margin:32px 0 0;padding:16px 0 0;border-top:1px solid #dfe3e8;color:#5b6472;font-size:13px;line-height:20px;overflow-wrap:anywhere">${escapedHtml(mail.footer)}</div>
</div>
</body>
</html>
`;
}

function heading({ name, logo }: Brand): string {
  if (logo?.mediaType === 'image/png' && logo.bytes.byteLength <= maxLogoBytes) {
    const data = Buffer.from(logo.bytes).toString('base64');
    return `<img class="logo" src="data:image/png;base64,${data}" alt="${escapedHtml(name)}" style="display:block;max-width:240px;max-height:48px;border:0">`;
  }
  return `<div class="text" style="color:#1a1d21;font-size:20px;line-height:28px;font-weight:700;overflow-wrap:anywhere">${escapedHtml(name)}</div>`;
}

function written(part: MailPart, brand: Brand): string {
  switch (part.kind) {
    case 'paragraph':
      return paragraph(part.text);
    case 'note':
      return `<p class="quiet" style="margin:0 0 16px;color:#5b6472;font-size:14px;line-height:22px;overflow-wrap:anywhere">${escapedHtml(part.text)}</p>`;
    case 'facts':
      return `<table role="presentation" style="border-collapse:collapse;margin:0 0 16px">${part.facts.map(fact).join('')}</table>`;
    case 'button':
      return button(part, brand);
  }
}

function paragraph(text: string): string {
  return `<p class="text" style="margin:0 0 16px;color:#1a1d21;font-size:16px;line-height:24px;overflow-wrap:anywhere">${escapedHtml(text)}</p>`;
}

function fact({ name, value }: { name: string; value: string }): string {
  const cell = 'padding:2px 0;font-size:16px;line-height:24px;vertical-align:top';
  return `<tr><td class="quiet" style="${cell};padding-right:16px;color:#5b6472;white-space:nowrap">${escapedHtml(name)}</td><td class="text" style="${cell};color:#1a1d21;overflow-wrap:anywhere">${escapedHtml(value)}</td></tr>`;
}

/** In a table, because Outlook on Windows gives links no padding. */
function button({ label, url, otherwise }: Extract<MailPart, { kind: 'button' }>, { color }: Brand): string {
  const link = escapedHtml(url);
  return `<table role="presentation" cellspacing="0" cellpadding="0" style="margin:24px 0"><tr><td bgcolor="${color}" style="background:${color};border-radius:6px;box-shadow:0 0 0 1px #88888866;mso-padding-alt:12px 24px"><a href="${link}" style="display:inline-block;padding:12px 24px;color:${textColorOn(color)};font-size:16px;line-height:24px;font-weight:600;text-decoration:none">${escapedHtml(label)}</a></td></tr></table>
<p class="quiet" style="margin:0 0 16px;color:#5b6472;font-size:14px;line-height:22px">${escapedHtml(otherwise)}<br><a href="${link}" style="color:#5b6472;word-break:break-all">${link}</a></p>`;
}
