import { rules } from '../../../core/decide/rules.ts';
import { list } from '../../../core/explain/words.ts';
import { collapse, combinationsIn, type Row } from './collapse.ts';
import { type Combination, dimensions } from './dimensions.ts';
import { type Case, modes } from './everyCase.ts';

type Dimension = keyof Combination;

const names = Object.keys(dimensions) as Dimension[];
const titles: Record<Dimension, string> = {
  store: 'store',
  traffic: 'traffic',
  state: 'state',
  prober: 'prober',
  decided: 'decided side',
  other: 'other side',
  votes: 'votes',
  fence: 'unfenced',
};

/** Gathers cases, and writes them down in as few rows as say the same. */
export function createTable() {
  /** By what is decided and done. */
  const groups = new Map<string, Row[]>();
  return {
    add(each: Case): void {
      const key = `${each.judgement.reason}\n${actsOf(each)}`;
      const row = names.map((name) => 1 << valuesOf(name).indexOf(each.combination[name]));
      const group = groups.get(key);
      if (group) group.push(row);
      else groups.set(key, [row]);
    },
    text(): string {
      const collapsed = [...groups].map(([key, rows]) => ({ key, rows: collapse(rows) }));
      const all = collapsed.flatMap(({ rows }) => rows);
      const reasonOf = ({ key }: { key: string }) => key.split('\n')[0];
      const parts = rules.flatMap(({ reason, outcome, severity }) =>
        collapsed
          .filter((group) => reasonOf(group) === reason)
          .map(({ key, rows }) =>
            [`${outcome}  ${reason}  (${severity})`, key.split('\n')[1], ...linesOf(rows)].join('\n'),
          ),
      );
      return [...headerOf(all), ...parts].join('\n\n').concat('\n');
    },
  };
}

const valuesOf = (name: Dimension): readonly string[] => dimensions[name];

/** `does start under automatic; nothing (observe-mode) under observe`: one word where all modes do the same. */
function actsOf({ plans }: Case): string {
  const acts = modes.map((mode) => {
    const plan = plans[mode];
    return plan.act === 'nothing' && plan.withheld ? `nothing (${plan.withheld})` : plan.act;
  });
  const [first] = acts;
  if (acts.every((act) => act === first)) return `  does ${first}`;
  const byAct = Map.groupBy(modes, (_, index) => acts[index]);
  return `  does ${[...byAct].map(([act, those]) => `${act} under ${list(those)}`).join('; ')}`;
}

function linesOf(rows: Row[]): string[] {
  return rows
    .map((row) => ({ count: combinationsIn(row), words: wordsOf(row) }))
    .sort((left, right) => right.count - left.count)
    .map(({ count, words }) => `  ${String(count).padStart(6)}  ${words}`);
}

/** Only the dimensions that matter: those of which not every value is there. */
function wordsOf(row: Row): string {
  const words = names.flatMap((name, index) => {
    const there = valuesOf(name).filter((_, bit) => ((row[index] ?? 0) >> bit) & 1);
    const missing = valuesOf(name).filter((value) => !there.includes(value));
    // The first rule is about a store that is gone, and no other one is.
    if (missing.length === 0 || (name === 'store' && there[0] === 'well')) return [];
    const shorter = missing.length < there.length ? `any but ${quoted(missing)}` : quoted(there);
    return [`${titles[name]}: ${shorter}`];
  });
  return words.length === 0 ? 'always' : words.join('; ');
}

const quoted = (values: string[]) => values.map((value) => (value.includes(',') ? `"${value}"` : value)).join(' | ');

function headerOf(rows: Row[]): string[] {
  const count = rows.reduce((sum, row) => sum + combinationsIn(row), 0);
  const values = names.map((name) => `  ${titles[name]}: ${quoted([...valuesOf(name)])}`);
  return [
    [
      '# Every combination of what a decision is made from, with what is decided and what is done. Written by',
      '# `REWRITE=1 npm run test:unit`: commit only a difference that you understand.',
      '#',
      `# ${count} combinations, in ${rows.length} rows that leave none out and have none twice. Each row says how many it stands for, and`,
      '# which values it is about; what it does not name may be anything, but for the store, which is well below the first rule.',
      '# Rules stand in the order in which they are asked.',
    ].join('\n'),
    values.join('\n'),
  ];
}
