import type { HookAnswer } from '../../core/flow/ports.ts';
import { shortened } from './text.ts';

const detailLengthMax = 200;
const bodyBytesMax = 16_384;
/** Shorter parts of a URL give nothing away, and hiding them would garble what is said. */
const hiddenLengthMin = 6;

/** What an answer means. Never quotes the URL or the key, even where the answer does. */
export async function answerOf(response: Response, url: string, key: string | null): Promise<HookAnswer> {
  const { status } = response;
  const text = await textOf(response);
  const refuses = status === 403 || status === 409;
  if (!response.ok && !refuses) return { answer: 'silent', detail: `answered ${status}` };
  if (response.ok && text === null) return { answer: 'silent', detail: `answered ${status} with an unreadable text` };
  const value = parsed(text ?? '');
  // Any server in between answers 200 to somebody it wants to log in.
  if (response.ok && value === null)
    return { answer: 'silent', detail: `answered ${status} with a text that is no JSON object` };
  const { answer, detail: why, reason } = value ?? {};
  const said = typeof answer === 'string' ? answer : null;
  const words = [why, reason, text].find((part) => typeof part === 'string' && part.trim() !== '');
  const detail = shortened(hidden(String(words ?? `answered ${status}`), url, key), detailLengthMax);
  if (refuses || said === 'refuse') return { answer: 'refuse', detail };
  if (answer !== undefined && said !== 'proceed')
    return { answer: 'silent', detail: `answered ${status}, neither "proceed" nor "refuse"` };
  return { answer: 'proceed', detail };
}

/** Null when it is cut off, or longer than an answer can be: its end might say the opposite. */
async function textOf({ body }: Response): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of body ?? []) {
      bytes += part.byteLength;
      if (bytes > bodyBytesMax) return null;
      parts.push(part);
    }
    return Buffer.concat(parts).toString('utf8');
  } catch {
    return null;
  }
}

/** Null: there is something, and it is no JSON object. */
function parsed(text: string): Record<string, unknown> | null {
  if (text.trim() === '') return {};
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** Hides the key, the URL, and every part of it that may be a secret. */
function hidden(text: string, url: string, key: string | null): string {
  const { href, host, pathname, search, searchParams } = new URL(url);
  const longParts = [...pathname.split('/'), ...searchParams.values()].filter(
    ({ length }) => length >= hiddenLengthMin,
  );
  const secrets = [url, href, host, `${pathname}${search}`, pathname, search, ...longParts, key ?? ''];
  return secrets
    .filter(({ length }) => length > 1)
    .sort((one, other) => other.length - one.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '(hidden)'), text);
}
