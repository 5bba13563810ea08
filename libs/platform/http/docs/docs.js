const filter = document.querySelector('#filter');

filter?.addEventListener('input', () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const section of document.querySelectorAll('main section[data-search]')) {
    const found = words.every((word) => section.dataset.search.includes(word));
    section.hidden = !found;
    const link = linkTo(section.id);
    if (link) link.parentElement.hidden = !found;
  }
  for (const group of document.querySelectorAll('main article, nav section')) {
    const shown = group.matches('article') ? ':scope > section:not([hidden])' : 'li:not([hidden])';
    group.hidden = group.querySelector(shown) === null;
  }
});

function linkTo(id) {
  return [...document.querySelectorAll('nav li a')].find((link) => link.getAttribute('href') === `#${id}`);
}

// crypto.randomUUID is only there over HTTPS and on localhost.
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function show(output, lines, body) {
  const pre = document.createElement('pre');
  pre.textContent = `${lines.join('\n')}\n\n${body}`;
  output.replaceChildren(pre);
}

function readable(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function send(form) {
  const { method, mediaType, changes } = form.dataset;
  const key = document.querySelector('#key').value.trim();
  const headers = new Headers();
  if (key) headers.set('Authorization', `Bearer ${key}`);
  if (mediaType) headers.set('Content-Type', mediaType);
  if (changes) headers.set('Idempotency-Key', newKey());
  const body = mediaType ? form.elements.body.value : undefined;
  const path = form.elements.path.value;
  if (!path.startsWith('/') || path.startsWith('//')) throw new Error('The path begins with one slash.');
  const response = await fetch(path, { method, headers, body });
  const shown = ['etag', 'heddle-position', 'ratelimit', 'retry-after', 'x-request-id']
    .filter((name) => response.headers.has(name))
    .map((name) => `${name}: ${response.headers.get(name)}`);
  return { lines: [`${response.status} ${response.statusText}`, ...shown], text: readable(await response.text()) };
}

document.addEventListener('submit', async (event) => {
  const form = event.target;
  event.preventDefault();
  const button = form.querySelector('button');
  const output = form.querySelector('output');
  button.disabled = true;
  try {
    const { lines, text } = await send(form);
    show(output, lines, text);
  } catch (error) {
    show(output, ['Not sent'], error.message);
  } finally {
    button.disabled = false;
  }
});
