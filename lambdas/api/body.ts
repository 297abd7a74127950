import { ProblemError } from '../shared/problem.ts';

/** No request needs more than a few hundred bytes. */
export const bodyBytesMax = 16 * 1_024;

/**
 * The JSON of a request's body; an empty body is an empty object. Counts while it reads, so that no more than the maximum is
 * ever kept, whatever the length that was announced. @throws ProblemError
 */
export async function readJson(request: Request): Promise<unknown> {
  if (Number(request.headers.get('content-length') ?? 0) > bodyBytesMax) throw tooLarge();
  const bytes = await readBytes(request);
  if (bytes.length === 0) return {};
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    const allowed = ['application/json'];
    throw new ProblemError('unsupported-media-type', 'Send JSON, with Content-Type: application/json.', { allowed });
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ProblemError('not-json', 'The body cannot be parsed as JSON in UTF-8.');
  }
}

async function readBytes({ body }: Request): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body ?? []) {
      length += chunk.length;
      if (length > bodyBytesMax) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('not-json', 'The body ended before it was complete.');
  }
  return Buffer.concat(chunks);
}

function tooLarge(): ProblemError {
  return new ProblemError('content-too-large', `A body has at most ${bodyBytesMax} bytes.`);
}
