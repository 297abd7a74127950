import { request } from 'node:http';

/**
 * Route 53's health checkers, as a small model: what they look at is real HTTP, when they look is the test's. API: Route 53 API
 * reference, HealthCheckConfig. Guide: developer guide, "How Amazon Route 53 determines whether a health check is healthy".
 */
export type HealthCheck =
  | {
      id: string;
      type: 'HTTPS_STR_MATCH';
      host: string;
      path: string;
      searchString: string;
      failureThreshold: number;
      isInverted: boolean;
    }
  | { id: string; type: 'CALCULATED'; children: string[]; healthThreshold: number; isInverted: boolean };

type EndpointCheck = Extract<HealthCheck, { type: 'HTTPS_STR_MATCH' }>;

export interface HealthCheckers {
  /** Every checker looks once at every endpoint. */
  look(times?: number): Promise<void>;
  isHealthy(id: string): boolean;
}

export interface HealthCheckersOptions {
  /** Where an endpoint really is; TLS is not modelled, and checkers do not validate certificates anyway (Guide, note). */
  url: string;
  /** @default 16: two in each of eight Regions */
  checkers?: number;
  /** Whether a checker reaches an endpoint at all. @default always */
  reaches?: (checker: number, host: string) => boolean;
  /** How long an answer may take; really 2 s for the status and 2 s for the body (Guide). */
  deadlineMs?: number;
}

/** Guide: healthy if more than 18 % of the checkers say so. */
const healthyShare = 0.18;
/** Guide: the string must be in the first 5,120 bytes. */
const searchedBytes = 5_120;

/** What one checker thinks of one endpoint. */
interface Opinion {
  /** null: too few looks. */
  isHealthy: boolean | null;
  last: boolean | null;
  /** How many looks in a row had the same result. */
  row: number;
}

export function createHealthCheckers(checks: HealthCheck[], options: HealthCheckersOptions): HealthCheckers {
  const { checkers = 16, reaches = () => true } = options;
  const opinions = new Map<string, Opinion[]>();
  const opinionsOf = (id: string) => opinions.get(id) ?? [];
  const endpoints = checks.filter((check) => check.type === 'HTTPS_STR_MATCH');
  for (const { id } of endpoints)
    opinions.set(
      id,
      Array.from({ length: checkers }, () => ({ isHealthy: null, last: null, row: 0 })),
    );

  async function lookOnce(): Promise<void> {
    const looks = endpoints.flatMap((check) =>
      opinionsOf(check.id).map(async (opinion, checker) => {
        const passes = reaches(checker, check.host) && (await matches(check, options));
        opinion.row = opinion.last === passes ? opinion.row + 1 : 1;
        opinion.last = passes;
        // API, "FailureThreshold": so many in a row change the status, in both directions.
        if (opinion.row >= check.failureThreshold) opinion.isHealthy = passes;
      }),
    );
    await Promise.all(looks);
  }

  function isHealthy(id: string): boolean {
    const check = checks.find((each) => each.id === id);
    if (!check) throw new Error(`there is no health check ${id}`);
    return check.isInverted !== statusOf(check);
  }

  function statusOf(check: HealthCheck): boolean {
    // API, "HealthThreshold": so many children are healthy, each as its own inversion says.
    if (check.type === 'CALCULATED') return check.children.filter(isHealthy).length >= check.healthThreshold;
    const known = opinionsOf(check.id).filter((opinion) => opinion.isHealthy !== null);
    // Guide: a new health check is healthy until there is enough data; inverted, it is unhealthy.
    if (known.length === 0) return true;
    return known.filter((opinion) => opinion.isHealthy).length > healthyShare * checkers;
  }

  return {
    async look(times = 1) {
      for (let look = 0; look < times; look += 1) await lookOnce();
    },
    isHealthy,
  };
}

/** Guide: a status from 200 to 399, and the string. */
function matches(
  { host, path, searchString }: EndpointCheck,
  { url, deadlineMs = 250 }: HealthCheckersOptions,
): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { host, 'user-agent': 'Amazon-Route53-Health-Check-Service' };
    const sent = request(`${url}${path}`, { headers, agent: false, timeout: deadlineMs }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve(false));
      response.on('end', () => {
        const { statusCode = 0 } = response;
        const searched = Buffer.concat(chunks).subarray(0, searchedBytes).toString();
        resolve(statusCode >= 200 && statusCode < 400 && searched.includes(searchString));
      });
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(false));
    sent.on('close', () => resolve(false));
    sent.end();
  });
}
