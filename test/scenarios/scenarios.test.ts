import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { play } from '../support/transcript.ts';

/**
 * Each file tells a story: commands above the line, what Warren said below it. `REWRITE=1 npm run test:unit` rewrites
 * what stands below the lines: commit only a difference that you understand.
 */
const folder = new URL('.', import.meta.url).pathname;
const rule = '---- Written by `REWRITE=1 npm run test:unit`: commit only a difference that you understand.\n';

describe('scenario', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
    test(file.replace('.txt', '').replaceAll('-', ' '), async () => {
      const [script = '', expected = ''] = readFileSync(folder + file, 'utf8').split(/^----.*\n/m);
      const told = `${(await play(script)).join('\n')}\n`;
      if (process.env.REWRITE) writeFileSync(folder + file, `${script.trimEnd()}\n${rule}${told}`);
      else expect(told).toBe(expected);
    }, 30_000);
  }
});
