/** One element of a request. Route 53's requests have neither attributes that matter nor mixed content. */
export interface Element {
  name: string;
  text: string;
  children: Element[];
}

/** Reads a whole document. @throws Error when it is not well formed */
export function parseXml(document: string): Element {
  const root: Element = { name: '', text: '', children: [] };
  const open = [root];
  for (const [, declaration, close, name, empty, text] of document.matchAll(token)) {
    const at = open.at(-1) as Element;
    if (text !== undefined) at.text += unescapeXml(text);
    else if (close !== undefined) {
      if (open.pop()?.name !== close || open.length === 0) throw new Error(`</${close}> closes nothing`);
    } else if (declaration === undefined && name !== undefined) {
      const element = { name, text: '', children: [] };
      at.children.push(element);
      if (empty === '') open.push(element);
    }
  }
  const [document1, ...more] = root.children;
  if (open.length > 1 || !document1 || more.length > 0) throw new Error('not one closed element');
  return document1;
}

const token = /(<\?[^>]*\?>)|<\/([\w:]+)\s*>|<([\w:]+)(?:\s+[\w:]+="[^"]*")*\s*(\/?)>|([^<]+)/g;

/** The text of a child; null where there is none. */
export function textOf(element: Element, name: string): string | null {
  return childOf(element, name)?.text ?? null;
}

export function childOf(element: Element, name: string): Element | null {
  return element.children.find((child) => child.name === name) ?? null;
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function unescapeXml(text: string): string {
  const known: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replaceAll(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    return decimal ? String.fromCodePoint(Number(decimal)) : (known[name] ?? whole);
  });
}
