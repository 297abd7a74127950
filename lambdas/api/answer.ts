import { createHash } from 'node:crypto';

/** The answer as JSON. What was read carries an `ETag`, and is not sent again to whoever has it already. */
export function answerJson(request: Request, status: number, body: unknown, headers: Record<string, string>): Response {
  return answerText(request, status, `${JSON.stringify(body)}\n`, headers);
}

export function answerText(request: Request, status: number, text: string, headers: Record<string, string>): Response {
  const all = { ...headers, 'content-type': 'application/json' };
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || status !== 200) return new Response(text, { status, headers: all });
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  if (has(request.headers.get('if-none-match') ?? '', etag))
    return new Response(null, { status: 304, headers: { ...headers, etag } });
  return new Response(text, { status, headers: { ...all, etag } });
}

/** RFC 9110, section 13.1.2: compared weakly, and `*` is any. */
function has(ifNoneMatch: string, etag: string): boolean {
  const known = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes(etag) || known.includes('*');
}
