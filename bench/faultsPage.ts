/** The gaps of one fault: setting -> one gap per round, in milliseconds; infinite where none ended. */
export interface Row {
  fault: string;
  gapsMs: Record<string, number[]>;
}

/** docs/benchmarks/faults.md: median (min to max) of each setting, for each fault. */
export function faultsPage(rows: Row[], circumstances: string[]): string {
  const settings = Object.keys(rows[0]?.gapsMs ?? {});
  const rounds = Math.max(0, ...rows.flatMap(({ gapsMs }) => Object.values(gapsMs).map((gaps) => gaps.length)));
  return [
    '# Outage per fault, seen by a client',
    '',
    '<!-- Written by `npm run bench:faults`. -->',
    '',
    'The longest time between two confirmed publishes, in seconds, of a client that reconnects every 100 ms and declares its',
    `queue on connect: median (min to max) of ${rounds} rounds. ∞: not recovered within 40 s. All settings run at the same`,
    'time against the same clusters, each behind its own address of one HAProxy; base interval 5 s, fall 3.',
    'Warren: defaults, with `alarmsAfter: 0s` for the alarm. (A hung node of three is not in the table: clients that stay',
    'connected notice nothing of it, and HAProxy does not either; see the scenario `hang-one`.)',
    '',
    ...circumstances.map((line) => `- ${line}`),
    '',
    `| fault | ${settings.join(' | ')} |`,
    `|${' --- |'.repeat(settings.length + 1)}`,
    ...rows.map(
      ({ fault, gapsMs }) => `| ${fault} | ${settings.map((name) => cell(gapsMs[name] ?? [])).join(' | ')} |`,
    ),
    '',
    'What each second costs in certainty is in [ADR 0002](../decisions/0002-what-three-failures-mean.md).',
    '',
  ].join('\n');
}

function cell(gapsMs: number[]): string {
  if (gapsMs.length === 0) return '–';
  const sorted = [...gapsMs].sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return `${seconds(median)} (${seconds(sorted[0] ?? Number.NaN)} to ${seconds(sorted.at(-1) ?? Number.NaN)})`;
}

const seconds = (ms: number) => (ms === Number.POSITIVE_INFINITY ? '∞' : (ms / 1_000).toFixed(2));
