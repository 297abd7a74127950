import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { specifiersOf } from './support/imports.ts';

/** The house of ARCHITECTURE.md, as a test: which folder may import which, and what the core must not touch. */
const root = new URL('..', import.meta.url).pathname;

function filesOf(folder: string): string[] {
  const path = join(root, folder);
  if (!statSync(path, { throwIfNoEntry: false })) return [];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
  return specifiersOf(readFileSync(join(root, file), 'utf8')).map((specifier) =>
    specifier.startsWith('.') ? relative(root, join(root, file, '..', specifier)) : specifier,
  );
}

const isLocal = (specifier: string) => /^(core|adapters|lambdas|cli|infra|lab|bench|test|docs|bin)\//.test(specifier);

/** What stands in a folder may import only from these, of all that is ours. */
const arrows: Record<string, string[]> = {
  'core/model': ['core/model'],
  'core/observe': ['core/model', 'core/observe'],
  'core/decide': ['core/model', 'core/decide'],
  'core/plan': ['core/model', 'core/plan'],
  'core/explain': ['core/model', 'core/explain'],
  'core/flow': ['core/'],
  lab: ['lab/'],
  lambdas: ['lambdas/', 'adapters/', 'core/'],
  cli: ['cli/', 'lab/', 'lambdas/', 'adapters/', 'core/'],
  infra: ['infra/', 'lambdas/', 'adapters/', 'core/'],
  bench: ['bench/', 'infra/', 'cli/', 'lab/', 'lambdas/', 'adapters/', 'core/'],
};

describe('the arrows between folders', () => {
  for (const [folder, allowed] of Object.entries(arrows)) {
    test(`${folder} imports only from ${allowed.join(', ')}`, () => {
      const strays = filesOf(folder).flatMap((file) =>
        importsOf(file)
          .filter((specifier) => isLocal(specifier) && !allowed.some((prefix) => specifier.startsWith(prefix)))
          .map((specifier) => `${file} imports ${specifier}`),
      );
      expect(strays).toEqual([]);
    });
  }

  // What adapters of services of AWS need in the same way.
  const commonGround = ['adapters/aws/failure.ts', 'adapters/aws/requests.ts'];

  test('an adapter imports the core, itself and the common ground of AWS, never another adapter', () => {
    const strays = filesOf('adapters').flatMap((file) => {
      const own = file.split('/').slice(0, 2).join('/');
      return importsOf(file)
        .filter(
          (specifier) =>
            isLocal(specifier) && !['core/', `${own}/`, ...commonGround].some((each) => specifier.startsWith(each)),
        )
        .map((specifier) => `${file} imports ${specifier}`);
    });
    expect(strays).toEqual([]);
  });

  // What is deployed is named by contracts, which import nothing. Beyond them: to read warren.yaml, which says what is deployed,
  // takes its loader and its types; and the store's layout, rates, and the names of marker, switch and tag must be those that the
  // adapters use.
  const forInfra = /^(infra\/|lambdas\/[a-z]+\/contract\.ts$|adapters\/system\/loadConfig\.ts$|core\/model\/)/;
  const namesForInfra = [
    'adapters/dynamodb/layout.ts',
    'adapters/route53/marker.ts',
    'adapters/route53/rates.ts',
    'adapters/route53/health/switch.ts',
    'adapters/elbv2/epochTag.ts',
  ];

  test('infra imports contracts, names and what reads the configuration, and nothing that runs', () => {
    const strays = filesOf('infra').flatMap((file) =>
      importsOf(file)
        .filter((specifier) => isLocal(specifier) && !forInfra.test(specifier) && !namesForInfra.includes(specifier))
        .map((specifier) => `${file} imports ${specifier}`),
    );
    expect(strays).toEqual([]);
  });

  test('the core imports nothing from outside but zod', () => {
    const outside = filesOf('core').flatMap((file) => importsOf(file).filter((specifier) => !isLocal(specifier)));
    expect(new Set(outside)).toEqual(new Set(['zod']));
  });
});

describe('the core', () => {
  test('outside flow has nothing that waits, reads a clock, rolls dice or prints', () => {
    const banned = /\basync\b|\bawait\b|Date\.now|new Date\(\)|Math\.random|\bprocess\.|console\./;
    const strays = filesOf('core')
      .filter((file) => !file.startsWith('core/flow/'))
      .filter((file) => banned.test(readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')));
    expect(strays).toEqual([]);
  });
});

describe('the house', () => {
  const files = ['core', 'adapters', 'lambdas', 'cli', 'lab', 'infra', 'bench'].flatMap(filesOf);

  test('has no file that must be read twice to be found in', () => {
    const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 300);
    expect(long).toEqual([]);
  });
});
