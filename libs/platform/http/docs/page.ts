import { type Html, html } from './html.js';

export interface Page {
  title: string;
  nav: Html;
  main: Html;
}

/** A page of the documentation: no inline style or script, nothing from another host. */
export function page({ title, nav, main }: Page): Buffer {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/docs.css">
<script src="/docs/docs.js" defer></script>
</head>
<body>
<nav aria-label="Contents">${nav}</nav>
<main>${main}</main>
</body>
</html>
`;
  return Buffer.from(document.text);
}
