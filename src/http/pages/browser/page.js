// What the pages share: the token of the link, the views of a page, and forms with their errors.

/** @typedef {import('./api.js').Answer} Answer */

/**
 * @typedef {object} Texts
 * @property {string} brand
 * @property {Record<string, string>} codes by the code of an error
 * @property {Record<string, string>} details by the detail of an error, with `{number}` for each number
 * @property {string} blank
 * @property {string} notValid
 * @property {string} offline
 * @property {string} tooMany with `{when}`
 * @property {string} unavailable
 * @property {string} unexpected
 * @property {string} show
 * @property {string} showPassword
 * @property {string} hide
 * @property {string} hidePassword
 */

/** @type {Texts} */
const texts = JSON.parse(/** @type {HTMLElement} */ (document.getElementById('texts')).textContent ?? '');

/**
 * The token of the link, from the fragment of the address. It leaves the address bar, and stays with this entry of the tab's
 * history, so that the page can be reloaded.
 */
export const token = takeToken();

/** @returns {string | null} */
function takeToken() {
  const inAddress = location.hash.slice(1);
  if (inAddress === '') return history.state?.token ?? null;
  history.replaceState({ token: inAddress }, '', location.pathname + location.search);
  return inAddress;
}

// Another link of the same page was opened in this tab.
addEventListener('hashchange', () => location.reload());

for (const link of languageLinks())
  link.addEventListener('click', (event) => {
    if (token === null) return;
    event.preventDefault();
    location.assign(`${link.href}#${token}`);
  });

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-shows]')))
  button.addEventListener('click', () => {
    const input = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.shows ?? ''));
    const isShown = input.type === 'text';
    input.type = isShown ? 'password' : 'text';
    button.textContent = isShown ? texts.show : texts.hide;
    button.ariaLabel = isShown ? texts.showPassword : texts.hidePassword;
  });

document.getElementById('reload')?.addEventListener('click', () => location.reload());

/**
 * Shows one view of the page. Its heading gets the focus, so that a screen reader reads it; except when the page opens.
 * @param {string} name
 * @param {Record<string, string>} [values] for the elements of the view that show a value
 */
export function show(name, values = {}) {
  const isFirst = !viewOf('loading').hidden;
  for (const view of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-view]')))
    view.hidden = view.dataset.view !== name;
  const view = viewOf(name);
  for (const [key, value] of Object.entries(values)) {
    for (const element of view.querySelectorAll(`[data-value="${key}"]`)) element.textContent = value;
    const input = view.querySelector(`input[name="${key}"]`);
    if (input instanceof HTMLInputElement) input.value = value;
  }
  const heading = /** @type {HTMLElement} */ (view.querySelector('h1'));
  document.title = `${heading.textContent} – ${texts.brand}`;
  if (!isFirst) heading.focus();
}

/**
 * Shows the last view. The link has been used, so its token is forgotten.
 * @param {string} name
 * @param {Record<string, string>} [values]
 */
export function finish(name, values) {
  history.replaceState(null, '');
  for (const link of languageLinks()) link.hidden = true;
  show(name, values);
}

/**
 * Shows why a page cannot open.
 * @param {Answer} answer
 */
export function fail(answer) {
  if (answer.status === 404) show('ended');
  else show('failed', { problem: problemIn(answer) });
}

/**
 * @param {string} name of the view that contains the form
 * @param {(values: Record<string, string>, form: HTMLFormElement) => Promise<void>} send called with the values of the fields, if
 *   none is blank
 */
export function onSubmit(name, send) {
  const form = /** @type {HTMLFormElement} */ (viewOf(name).querySelector('form'));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (form.ariaBusy === 'true') return;
    const inputs = inputsOf(form);
    for (const input of inputs) setError(form, input.name, '');
    setError(form, '', '');
    const blank = inputs.filter((input) => input.required && input.value.trim() === '');
    for (const input of blank) setError(form, input.name, texts.blank);
    if (blank.length > 0) {
      blank[0]?.focus();
      return;
    }
    form.ariaBusy = 'true';
    try {
      await send(Object.fromEntries(inputs.map((input) => [input.name, input.value])), form);
    } finally {
      form.ariaBusy = 'false';
    }
  });
}

/**
 * Shows the errors of an answer beside the fields that they name.
 * @param {HTMLFormElement} form
 * @param {Answer} answer
 * @param {string} [field] where other errors stand; by default above the button
 */
export function showErrors(form, answer, field = '') {
  if (answer.status === 404) {
    show('ended');
    return;
  }
  const names = inputsOf(form).map((input) => input.name);
  for (const { detail, source } of answer.status === 422 ? answer.errors : []) {
    const attribute = source?.pointer?.split('/').at(-1) ?? '';
    setError(form, names.includes(attribute) ? attribute : '', ruleOf(detail));
  }
  if (answer.status !== 422) setError(form, field, problemIn(answer));
  const refused = inputsOf(form).find((input) => input.ariaInvalid === 'true');
  refused?.focus();
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name of a field; empty for the form as a whole
 * @param {string} text empty for no error
 */
function setError(form, name, text) {
  const error = /** @type {HTMLElement} */ (form.querySelector(`[data-error="${name}"]`));
  error.textContent = text;
  const input = inputsOf(form).find((one) => one.name === name);
  if (input !== undefined) input.ariaInvalid = text === '' ? 'false' : 'true';
}

/**
 * @param {string} name
 * @returns {HTMLElement}
 */
function viewOf(name) {
  return /** @type {HTMLElement} */ (document.querySelector(`[data-view="${name}"]`));
}

/** @returns {NodeListOf<HTMLAnchorElement>} */
function languageLinks() {
  return document.querySelectorAll('nav a');
}

/**
 * Those with a text.
 * @param {HTMLFormElement} form
 * @returns {HTMLInputElement[]}
 */
function inputsOf(form) {
  return [...form.querySelectorAll('input')].filter((input) => input.type !== 'checkbox');
}

/**
 * What happened, in words.
 * @param {Answer} answer
 */
function problemIn({ status, errors, retryAfterSeconds }) {
  const known = texts.codes[errors[0]?.code ?? ''] ?? texts.details[errors[0]?.detail ?? ''];
  if (known !== undefined) return known;
  if (status === 0) return texts.offline;
  if (status === 429) return texts.tooMany.replace('{when}', inTime(retryAfterSeconds ?? 60));
  if (status >= 502 && status <= 504) return texts.unavailable;
  return texts.unexpected;
}

/** @param {string} detail */
function ruleOf(detail) {
  const numbers = detail.match(/\d+/g) ?? [];
  const rule = texts.details[detail.replaceAll(/\d+/g, '{number}')] ?? texts.notValid;
  return rule.replace('{number}', numbers[0] ?? '');
}

/**
 * Such as `in 5 minutes`, in the language of the page.
 * @param {number} seconds
 */
function inTime(seconds) {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang);
  return seconds < 90 ? format.format(seconds, 'second') : format.format(Math.ceil(seconds / 60), 'minute');
}
