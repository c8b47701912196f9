// Content negotiation: JSON:API 1.1, "Server Responsibilities", and what real clients of this API send.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAccept, checkContentType, contentType, mediaType } from '../../src/jsonapi/media-type.ts';

const browser =
  'text/xml,application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,image/png,*/*;q=0.5';

test('bodies are JSON:API, in UTF-8', () => {
  assert.equal(mediaType, 'application/vnd.api+json');
  assert.equal(contentType, 'application/vnd.api+json; charset=utf-8');
});

for (const header of [
  mediaType,
  contentType,
  'Application/VND.API+JSON',
  `${mediaType};charset=UTF-8`,
  `${mediaType} ; charset="utf-8"`,
  `${mediaType}; charset=utf8`,
  `${mediaType}; CHARSET=utf-8`,
  `${mediaType};`,
  `${mediaType}; ext=bulk`,
  `${mediaType}; ext="bulk"`,
  `${mediaType}; ext=bulk; charset=utf-8`,
  `${mediaType}; profile="https://example.com/a"`,
  `${mediaType}; profile="https://example.com/a; b=c, d" ; ext=bulk`,
  `${mediaType}; profile="a\\"; foo=1"`,
]) {
  test(`takes a body of ${header}`, () => {
    assert.doesNotThrow(() => checkContentType(header));
  });
}

for (const header of [
  undefined,
  '',
  ' ',
  'application/json',
  'text/plain',
  '*/*',
  'application/*',
  'application/vnd.api',
  'application/vnd.api+jsonp',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  `${mediaType}; foo=bar`,
  `${mediaType}; version=1`,
  `${mediaType}; q=1`,
  `${mediaType}; charset=latin1`,
  `${mediaType}; charset=`,
  `${mediaType}; charset`,
  `${mediaType}; ext="https://jsonapi.org/ext/atomic"`,
  `${mediaType}; ext="bulk https://jsonapi.org/ext/atomic"`,
  `${mediaType}; ext=""`,
  `${mediaType}; ext=BULK2`,
  `${mediaType}; profile="a"; foo="b"`,
  `${mediaType}, application/json`,
  `application/json, ${mediaType}`,
  `text/plain; ${mediaType}`,
]) {
  test(`refuses a body of ${JSON.stringify(header)}`, () => {
    assert.throws(() => checkContentType(header), { code: 'unsupported_media_type' });
  });
}

for (const header of [
  undefined,
  '',
  '*/*',
  mediaType,
  contentType,
  browser,
  'application/*',
  '*/*;q=0.1',
  'text/html, */*',
  'APPLICATION/VND.API+JSON',
  `${mediaType};q=0.5`,
  `${mediaType}; Q=1`,
  `${mediaType}; ext=bulk`,
  `${mediaType}; profile="https://example.com/a"`,
  `text/html, ${mediaType}`,
  `${mediaType}; foo=1, ${mediaType}`,
  `${mediaType}; foo=1, */*`,
  `${mediaType}; foo="a, b", ${mediaType}; charset=utf-8`,
  `${mediaType}; q=0, */*`,
]) {
  test(`answers those who accept ${JSON.stringify(header)}`, () => {
    assert.doesNotThrow(() => checkAccept(header));
  });
}

for (const header of [
  'text/html',
  'application/json',
  'text/*',
  'application/xml, text/html;q=0.9',
  `${mediaType}; foo=1`,
  `${mediaType}; ext="https://jsonapi.org/ext/atomic"`,
  `${mediaType}; foo=1, ${mediaType}; bar=2`,
  `${mediaType}; profile="a, ${mediaType}"; foo=1`,
  `${mediaType};q=0`,
  `${mediaType}; q=0.000`,
  '*/*;q=0',
  `text/html, ${mediaType}; q=0`,
  'vnd.api+json',
  `"${mediaType}"`,
]) {
  test(`does not answer those who accept ${header} alone`, () => {
    assert.throws(() => checkAccept(header), { code: 'not_acceptable' });
  });
}

test('takes time in proportion to a header that was made to cost', () => {
  for (const header of [
    ';'.repeat(60_000),
    ','.repeat(60_000),
    '"\\'.repeat(30_000),
    `${mediaType};${'"'.repeat(60_001)}`,
  ]) {
    assert.throws(() => checkContentType(header), { code: 'unsupported_media_type' });
    assert.throws(() => checkAccept(header), { code: 'not_acceptable' });
  }
});
