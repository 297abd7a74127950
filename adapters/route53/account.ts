import type { Clock, Random } from '../../core/flow/ports.ts';
import { clientSettings, createRequests, type Requests, type Send } from '../aws/requests.ts';
import { failureOf, Route53Failure } from './failure.ts';
import { createPace, type Pace } from './pace.ts';
import { createZoneReads, type ZoneReads } from './zoneReads.ts';

export interface Route53AccountOptions {
  clock: Clock;
  random: Random;
  /** The deadline of a request on a connection that is open; `RequestsOptions` says more. */
  requestTimeoutMs: number;
  /** How often one zone is read, at most. @default once a second */
  readEveryMs?: number | undefined;
  /** What the account has. @default `requestsPerSecondMax` */
  requestsPerSecond?: number | undefined;
}

/** What the targets of a process have in common, because Route 53 counts the requests of a whole account. */
export interface Route53Account {
  /** Keeps its connections until the function it returns is called: the last one closes them. What is asked for later opens new ones. */
  hold(): () => Promise<void>;
  /** For flips, which wait for nobody. */
  flips: Pick<Requests<Opened>, 'once' | 'ask' | 'change'>;
  /** For one page of a reading. */
  look: Send<Opened>;
  reads: ZoneReads;
}

type Opened = Awaited<ReturnType<typeof openClient>>;

const firstPauseMs = 150;

/** One client, and the pace of its requests, API version 2013-04-01. Nothing is opened before the first request. */
export function createRoute53Account(options: Route53AccountOptions): Route53Account {
  const { clock, random, requestTimeoutMs, readEveryMs, requestsPerSecond } = options;
  const pace = createPace(clock, requestsPerSecond);
  const { once, look, ask, change, close } = createRequests({
    open: openClient,
    close: ({ client }) => client.destroy(),
    random,
    requestTimeoutMs,
    firstPauseMs,
    failureOf,
  });
  const paced = (send: Send<Opened>) => spending(pace, noting(pace, send));
  let holders = 0;
  return {
    hold() {
      let holds = true;
      holders += 1;
      return async () => {
        if (holds) holders -= 1;
        holds = false;
        if (holders === 0) await close();
      };
    },
    flips: { once: paced(once), ask: paced(ask), change: paced(change) },
    look: noting(pace, look),
    reads: createZoneReads({ clock, pace, everyMs: readEveryMs }),
  };
}

/** Each attempt is a request. */
function spending(pace: Pace, send: Send<Opened>): Send<Opened> {
  return (action, about, budget, request) =>
    send(action, about, budget, (opened, signal) => {
      pace.spend();
      return request(opened, signal);
    });
}

function noting(pace: Pace, send: Send<Opened>): Send<Opened> {
  return async (action, about, budget, request) => {
    try {
      return await send(action, about, budget, request);
    } catch (error) {
      if (error instanceof Route53Failure && error.retry === 'slow-down') pace.empty();
      throw error;
    }
  };
}

async function openClient() {
  const sdk = await import('./sdk.ts');
  // Its control plane is in this Region ("Route 53 endpoints and quotas").
  return { sdk, client: new sdk.Route53Client({ region: 'us-east-1', ...clientSettings }) };
}
