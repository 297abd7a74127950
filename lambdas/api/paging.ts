import type * as z from 'zod';
import type { Page, PageQuery } from '../../core/flow/control/control.ts';
import { type Moment, past } from './moment.ts';
import type { Asked, Reply } from './route.ts';
import type { pageQuery } from './schemas.ts';

/** A closed range of wall-clock milliseconds: what was asked for, up to now where nothing else was. */
export function rangeOf(
  query: { from?: Moment | undefined; to?: Moment | undefined },
  nowMs: number,
  defaultFromMs: (toMs: number) => number,
): { fromMs: number; toMs: number } {
  const toMs = query.to === undefined ? nowMs : past(query.to, nowMs);
  return { fromMs: query.from === undefined ? defaultFromMs(toMs) : past(query.from, nowMs), toMs };
}

/** One page of history, newest first, with a link to the next. */
export async function paged<T>(
  asked: Asked & { query: z.output<typeof pageQuery> },
  load: (page: PageQuery) => Promise<Page<T>>,
): Promise<Reply> {
  const { limit, cursor } = asked.query;
  const { fromMs, toMs } = rangeOf(asked.query, asked.nowMs, () => 0);
  const page = await load({ fromMs, toMs, limit, cursor });
  if (page.nextCursor === null) return { status: 200, body: page };
  const next = new URLSearchParams({
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    limit: String(limit),
    cursor: page.nextCursor,
  });
  return { status: 200, body: page, headers: { link: `<${asked.path}?${next}>; rel="next"` } };
}
