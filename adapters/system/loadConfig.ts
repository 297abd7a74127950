import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, type YAMLError } from 'yaml';
import { type Config, configSchema, type Pair } from '../../core/model/config.ts';
import { type ConfigProblem, configProblems } from '../../core/model/configRules.ts';
import { schemaProblems } from './schemaProblems.ts';

/** Everything that is wrong with a configuration file, at once. No secret is in it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, value, expected }) => `  ${path}: got ${value}, expected ${expected}`);
    super(`${file}: ${problems.length === 1 ? '1 problem' : `${problems.length} problems`}\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads and checks a configuration file. `store` and `file:` references in it stay as written: relative to its folder.
 * @throws ConfigError
 */
export function loadConfig(path: string): Config {
  return parseConfig(readText(path), path);
}

/**
 * Checks the text of a configuration file, YAML 1.2 or JSON.
 * @param file its name, for messages @throws ConfigError
 */
export function parseConfig(text: string, file: string): Config {
  const input = parseYaml(text, file);
  const result = configSchema.safeParse(input);
  const problems = result.success
    ? configProblems(result.data.pairs)
    : [...schemaProblems(result.error.issues, input), ...configProblems(soundPairs(input))];
  if (!result.success || problems.length > 0) throw new ConfigError(file, problems);
  return result.data;
}

/** The pairs that parse on their own, at their places, so that one misspelt key does not hide other mistakes. */
function soundPairs(input: unknown): (Pair | undefined)[] {
  const pairs = (input as { pairs?: unknown } | null | undefined)?.pairs;
  const pairSchema = configSchema.shape.pairs.element;
  return Array.isArray(pairs) ? pairs.map((pair) => pairSchema.safeParse(pair).data) : [];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const value = code === 'ENOENT' ? 'no such file' : `a file that cannot be read (${code})`;
    throw new ConfigError(path, [
      { path: '(file)', value, expected: 'a configuration file ("warren init" writes one)' },
    ]);
  }
}

function parseYaml(text: string, file: string): unknown {
  const lineCounter = new LineCounter();
  // Pretty errors quote the line, and a line may hold a secret.
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const problems = [...document.errors, ...document.warnings].map((error) => syntaxProblem(error, text, lineCounter));
  if (problems.length > 0) throw new ConfigError(file, problems);
  try {
    return document.toJS();
  } catch (error) {
    const value = `a YAML error (${withoutQuotation(error as Error)})`;
    throw new ConfigError(file, [{ path: '(file)', value, expected: 'YAML or JSON' }]);
  }
}

function syntaxProblem(error: YAMLError, text: string, lineCounter: LineCounter): ConfigProblem {
  const { line, col } = lineCounter.linePos(error.pos[0]);
  const path = `line ${line}:${col}`;
  if (error.code === 'DUPLICATE_KEY') {
    const key = text.slice(error.pos[0]).match(/^["']?([\w-]+)/)?.[1] ?? '';
    return { path, value: `the key ${key} a second time`, expected: 'each key once' };
  }
  return { path, value: `a YAML error (${withoutQuotation(error)})`, expected: 'YAML or JSON' };
}

/** What follows a colon in the parser's messages is quoted from the file. */
function withoutQuotation({ message }: Error): string {
  return message.replace(/:\s.*$/s, '');
}
