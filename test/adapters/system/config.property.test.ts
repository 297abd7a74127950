import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { ConfigError, parseConfig } from '../../../adapters/system/loadConfig.ts';
import { duration, formatDuration } from '../../../core/model/duration.ts';
import { holdsFor } from '../../support/property.ts';
import { anyConfig, leavesOf, mappingsOf, type Path, withValueAt } from './anyConfig.ts';

/** What stands where a secret belongs; nobody may ever read it in a complaint. */
const secret = 'hunter2-hunter2';

/** The problems a text has; anything thrown but a ConfigError fails the test. */
function problemsOf(text: string) {
  try {
    parseConfig(text, 'warren.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).not.toContain(secret);
    return error.problems;
  }
}

const shownPath = (path: Path) =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');

describe('a valid configuration', () => {
  test('means the same as YAML and as JSON, in whatever order its keys stand', () => {
    holdsFor([anyConfig], (config) => {
      const parsed = parseConfig(stringify(config), 'warren.yaml');
      expect(parseConfig(JSON.stringify(config), 'warren.json')).toEqual(parsed);
      const turned = Object.fromEntries(Object.entries(config).toReversed());
      expect(parseConfig(stringify(turned), 'warren.yaml')).toEqual(parsed);
    });
  });

  test('has one problem when one key is unknown: its path, and what is known there', () => {
    holdsFor([anyConfig, fc.nat()], (config, index) => {
      const mappings = mappingsOf(config);
      const path = mappings[index % mappings.length] ?? [];
      const problems = problemsOf(stringify(withValueAt(config, [...path, 'unheardOf'], secret)));
      expect(problems.map((problem) => problem.path)).toEqual([shownPath([...path, 'unheardOf'])]);
      expect(problems[0]).toMatchObject({ value: 'an unknown key', expected: expect.stringMatching(/^one of /) });
    });
  });

  test('has one problem when one value is of the wrong kind: its path, what is there and what belongs there', () => {
    const anyWrong = fc.constantFrom<unknown>(true, -1.5, null, [[]], { [secret]: secret });
    holdsFor([anyConfig, fc.nat(), anyWrong], (config, index, wrong) => {
      const leaves = leavesOf(config);
      const path = leaves[index % leaves.length] ?? [];
      const problems = problemsOf(stringify(withValueAt(config, path, wrong)));
      expect(problems.map((problem) => problem.path)).toEqual([shownPath(path)]);
      for (const { value, expected } of problems) expect([value, expected]).not.toContain('');
    });
  });
});

describe('whatever a file says', () => {
  test('it is a configuration or it is told what is wrong, and nothing else happens', () => {
    const anyText = fc.oneof(
      fc.string({ maxLength: 200, unit: 'binary' }),
      fc.anything({ withBigInt: false }).map((value) => stringify(value) ?? ''),
      fc.tuple(anyConfig, fc.nat(), fc.string({ maxLength: 5 })).map(([config, at, typed]) => {
        const text = stringify(config);
        return text.slice(0, at % text.length) + typed + text.slice(at % text.length);
      }),
    );
    holdsFor([anyText], (text) => {
      for (const { path, value, expected } of problemsOf(text)) expect([path, value, expected]).not.toContain('');
    });
  });

  test('a secret in the place of any value stays one', () => {
    holdsFor([anyConfig, fc.nat()], (config, index) => {
      const leaves = leavesOf(config).filter((path) => /redentials|url|secret|token/.test(String(path.at(-1))));
      const path = leaves[index % leaves.length] ?? [];
      expect(problemsOf(stringify(withValueAt(config, path, secret)))).toHaveLength(1);
    });
  });
});

test('a duration is written in the shortest way that reads as the same', () => {
  holdsFor([fc.nat({ max: 10 * 86_400_000 })], (ms) => {
    expect(duration.parse(formatDuration(ms))).toBe(ms);
  });
});
