import * as z from 'zod';
import { checkSites, nameSchema, quote, type Report, reportRepeated, type TargetKind } from './target.ts';

const schema = z.strictObject({
  address: z
    .string()
    .regex(
      /^(unix:\/.+|\/.+|[^\s/:]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5})$/,
      'expected HOST:PORT or the path of a unix socket',
    )
    .describe('the runtime API (stats socket, level admin)'),
  backend: z.string().min(1).describe('the backend that the endpoint of the clients uses'),
  servers: z
    .record(nameSchema, z.array(z.string().min(1)).min(1, 'expected at least one server'))
    .describe('servers of each site'),
});

export type HaproxyTargetConfig = z.output<typeof schema>;

/** What HAProxy itself accepts as a name; anything else could be read as another command of its runtime API. */
const haproxyName = /^[A-Za-z0-9_.:-]+$/;
const haproxyNameExpected = 'a name of letters, digits and _ . : -';

function check({ address, backend, servers }: HaproxyTargetConfig, sites: string[], report: Report): void {
  const port = Number(address.match(/:(\d+)$/)?.[1] ?? 1);
  if (port < 1 || port > 65_535) report('address', quote(address), 'a port between 1 and 65535');
  if (!haproxyName.test(backend)) report('backend', quote(backend), haproxyNameExpected);
  checkSites('servers', servers, sites, report);
  const used = new Map<string, string>();
  for (const [site, list] of Object.entries(servers))
    list.forEach((server, index) => {
      if (!haproxyName.test(server)) report(`servers.${site}[${index}]`, quote(server), haproxyNameExpected);
      reportRepeated(used, server, `servers.${site}[${index}]`, report);
    });
}

/** An HAProxy, by its runtime API. */
export const haproxy: TargetKind<typeof schema> = {
  schema,
  check,
  steers: ({ address, backend }) => `${address.replace(/^unix:/, '').toLowerCase()}/${backend}`,
};
