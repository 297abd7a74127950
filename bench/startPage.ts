/** A function, and its starts. */
export interface Row {
  /** `empty` and `sdk` are what the others are compared with. */
  name: string;
  folder: string;
  codeBytes: number;
  loadedBytes: number;
  /** One per round. */
  readyMs: number[];
}

/** docs/benchmarks/start.md */
export function startPage(rows: Row[], circumstances: string[]): string {
  return [
    '# Size and start of each function',
    '',
    '<!-- Written by `npm run bench:start -- --output docs/benchmarks/start.md`. -->',
    '',
    "Bundles as they would be deployed, started by AWS's own runtime client for Node.js, each time in a process of its own, in turn.",
    '*Ready* is from the start of the process until the function asks for its first event: median (min to max). *empty* does nothing;',
    '*sdk* has a DynamoDB client, and is what the others are measured by: how much longer than *empty* they take, in times of what',
    '*sdk* does. Code is in kB, all files together, and those of them that are loaded at a start. Lambda gives a whole core from',
    '1,769 MB on (developer guide, "Configure Lambda function memory"): with less, everything takes longer, in about these proportions.',
    '',
    ...circumstances.map((line) => `- ${line}`),
    '',
    ...startTable(rows),
    '',
  ].join('\n');
}

/** Also what is printed. */
export function startTable(rows: Row[]): string[] {
  const medianOf = (name: string) => median(rows.find((row) => row.name === name)?.readyMs ?? []);
  const [empty, sdk] = [medianOf('empty'), medianOf('sdk')];
  const cells = rows.map(({ name, codeBytes, loadedBytes, readyMs }) => {
    const ready = `${median(readyMs).toFixed(0)} (${Math.min(...readyMs).toFixed(0)} to ${Math.max(...readyMs).toFixed(0)})`;
    const over = median(readyMs) - empty;
    const times = name === 'empty' ? '–' : (over / (sdk - empty)).toFixed(1);
    return [name, kilobytes(codeBytes), kilobytes(loadedBytes), ready, name === 'empty' ? '–' : over.toFixed(0), times];
  });
  const heads = ['function', 'code', 'loaded', 'ready, ms', 'over empty, ms', '× sdk'];
  const widths = heads.map((_, column) => Math.max(...[heads, ...cells].map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(heads), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)];
}

const kilobytes = (bytes: number) => Math.round(bytes / 1_000).toLocaleString('en');

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
