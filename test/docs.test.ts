import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { generatedPages } from '../docs/generate.ts';

describe('generated documentation', () => {
  for (const [name, text] of Object.entries(generatedPages())) {
    test(`docs/${name} says what the code says (\`npm run docs\` writes it)`, () => {
      expect(readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8')).toBe(text);
    });
  }
});
