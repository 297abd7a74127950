import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Command, CommanderError } from 'commander';
import { assumptionsFrom } from '../bench/cost.ts';
import { defaultAssumptions } from '../bench/costModel.ts';
import { createProgram } from '../cli/program.ts';
import { guardNames } from '../core/model/decision.ts';

/** Pages that people copy commands from. Whoever renames a verb, an option, a reason or a route learns of it here. */
const pages = ['docs/runbook.md', 'README.md', 'docs/api.md', 'docs/deploy.md'].map((path) => ({
  path,
  text: read(path),
}));
const [runbook = { path: '', text: '' }] = pages;

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}

const fence = /^```.*\n([\s\S]*?)^```$/gm;

/** The lines of all fenced blocks; one that a backslash continues is one line. */
function blockLines(text: string): string[] {
  return [...text.matchAll(fence)].flatMap(([, block = '']) => block.replace(/\\\n\s*/g, '').split('\n'));
}

/** What stands between backquotes in the text, without the fenced blocks. */
function inlineCode(text: string): string[] {
  return [...text.replace(fence, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replace(/\s+/g, ' '));
}

/** The words of a documented call of the command line, as a shell would split them; undefined: it is something else. */
function wordsOf(line: string): string[] | undefined {
  const called = line.replace(/^npm start(?: --)?(?= |$)/, 'warren demo').match(/^(?:npx )?warren (.+)$/)?.[1];
  const words = called?.matchAll(/\s#.*|"([^"]*)"|'([^']*)'|(\S+)/g);
  return words && [...words].flatMap(([, double, single, bare]) => double ?? single ?? bare ?? []);
}

/** The real command line, with nothing behind it. */
function withoutActions(command: Command): Command {
  command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} });
  if (command.commands.length === 0) command.action(() => {});
  command.commands.forEach(withoutActions);
  return command;
}

/** Why the command line does not take these words; undefined: it does. */
function complaintAbout(words: string[]): CommanderError | undefined {
  try {
    withoutActions(createProgram()).parse(words, { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error;
    throw error;
  }
}

/** In a sentence a command may be named without all that it needs. */
const unfinished = ['commander.missingArgument', 'commander.missingMandatoryOptionValue'];

describe.each(pages)('in $path', ({ path, text }) => {
  test('the command line takes every command of a block', () => {
    const complaints = blockLines(text).flatMap((line) => {
      const complaint = complaintAbout(wordsOf(line) ?? ['status']);
      return complaint ? `${line}: ${complaint.message}` : [];
    });
    expect(complaints).toEqual([]);
  });

  test('the command line has every verb and option that is named in a sentence', () => {
    const complaints = inlineCode(text).flatMap((code) => {
      const complaint = complaintAbout(wordsOf(code) ?? ['status']);
      return complaint && !unfinished.includes(complaint.code) ? `${code}: ${complaint.message}` : [];
    });
    expect(complaints).toEqual([]);
  });

  test('npm has every script that is run, and the cost model every flag', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const calls = [...blockLines(text), ...inlineCode(text)].flatMap((code) => {
      const [, name, flags = ''] = code.match(/^npm run ([\w:-]+)(?: -- (.+))?$/) ?? [];
      return name === undefined ? [] : [{ name, flags: flags.split(' ').filter(Boolean) }];
    });
    expect(calls.filter(({ name }) => !(name in scripts))).toEqual([]);
    for (const { name, flags } of calls) if (name === 'cost') assumptionsFrom(flags);
  });

  test('every option that is named alone belongs to some verb, or to the cost model', () => {
    const all = (command: Command): string[] => [
      ...command.options.flatMap(({ long }) => long ?? []),
      ...command.commands.flatMap(all),
    ];
    const named = inlineCode(text).flatMap((code) => code.match(/^--[a-zA-Z-]+/)?.[0] ?? []);
    const ofCosts = Object.keys(defaultAssumptions).map((name) => `--${name}`);
    const known = new Set([...all(createProgram()), ...ofCosts, '--help']);
    expect(named.filter((option) => !known.has(option))).toEqual([]);
  });

  test('every route that is called is one of the HTTP API', () => {
    const routes = Object.keys(JSON.parse(read('docs/openapi.json')).paths);
    const patterns = routes.map((route) => new RegExp(`^${route.replace(/\{\w+\}/g, '[^/]+')}$`));
    const called = blockLines(text).flatMap((line) => line.match(/\/v1\/[\w/-]+/g) ?? []);
    expect(called.filter((path) => !patterns.some((pattern) => pattern.test(path)))).toEqual([]);
  });

  test('links lead to headings and files that exist', () => {
    const slug = (heading: string) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-');
    const anchorsOf = (page: string) => [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => slug(heading));
    const exists = (link: string) => {
      const [file = '', anchor] = link.split('#');
      const at =
        file === '' ? new URL(`../${path}`, import.meta.url) : new URL(`../${dirname(path)}/${file}`, import.meta.url);
      return existsSync(at) && (anchor === undefined || anchorsOf(readFileSync(at, 'utf8')).includes(anchor));
    };
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !/^https?:/.test(link) && !exists(link))).toEqual([]);
  });
});

describe('the runbook', () => {
  /** The code in the first column of the table below this heading of its own. */
  const firstColumn = (heading: string) => {
    const cells = new RegExp(`^\\| ${heading} \\|.*\\n\\|[-|]+\\n((?:\\|.*\\n)+)`, 'm').exec(runbook.text)?.[1] ?? '';
    return cells.split('\n').flatMap((row) => inlineCode(row.split('|')[1] ?? ''));
  };

  test('explains only reasons that Warren gives', () => {
    const states = read('docs/states.md');
    const reasons = firstColumn('it says');
    expect(reasons.length).toBeGreaterThan(10);
    expect(reasons.filter((reason) => !states.includes(`\`${reason}\``))).toEqual([]);
  });

  test('explains only overrides that there are', () => {
    const overrides = firstColumn('override');
    expect(overrides.length).toBeGreaterThan(4);
    expect(overrides.filter((name) => !guardNames.some((guard) => guard === name))).toEqual([]);
  });
});

describe('the way to deploy', () => {
  const { text } = pages.find(({ path }) => path === 'docs/deploy.md') ?? { text: '' };

  test('asks the CDK, which reads the configuration each time, for nothing before there is one', () => {
    const lines = blockLines(text);
    const first = lines.findIndex((line) => line.startsWith('npx cdk'));
    const checked = lines.findIndex((line) => line.startsWith('npx warren validate'));
    expect(checked).toBeGreaterThan(-1);
    expect(first).toBeGreaterThan(checked);
    const blind = lines.filter((line) => line.startsWith('npx cdk') && !/ -c config=\S+ -c stage=\S+$/.test(line));
    expect(blind).toEqual([]);
  });
});
