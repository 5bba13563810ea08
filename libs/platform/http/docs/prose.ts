import { escapeHtml, Html } from './html.js';

function inline(text: string): string {
  return escapeHtml(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\[([^\]]+)\]\((\/[^)\s]*)\)/g, '<a href="$2">$1</a>');
}

/** What declarations are written in: paragraphs, `code`, and [links](/within) this installation. */
export function prose(text: string): Html {
  const paragraphs = text.trim().split(/\n{2,}/);
  return new Html(paragraphs.map((paragraph) => `<p>${inline(paragraph.replaceAll('\n', ' '))}</p>`).join(''));
}

/** One line of it. */
export function proseLine(text: string): Html {
  return new Html(inline(text));
}
