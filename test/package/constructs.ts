import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { install, link, manifestOf, root, runAlone } from './install.ts';

const example = join(root, 'examples', 'cdk');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

/** Tests of the constructs in the example, as the app of somebody who installed what it and the package declare. */
export function describeConstructs(tarball: () => string): void {
  describe('an app elsewhere, without a network', () => {
    const folder = mkdtempSync(join(tmpdir(), 'warren-elsewhere-'));
    const app = join(folder, 'app');
    const run = (words: string[], environment?: Record<string, string>) =>
      runAlone([process.execPath, ...words], app, environment);

    beforeAll(() => {
      cpSync(example, app, { recursive: true });
      const { dependencies, devDependencies } = manifestOf(example);
      const { 'warren-dr': packed, ...others } = {
        ...manifestOf(root).dependencies,
        ...dependencies,
        ...devDependencies,
      };
      // Where `npm pack` leaves it: it is in no registry.
      expect(packed).toBe(`file:../../warren-dr-${manifestOf(root).version}.tgz`);
      install(tarball(), app, Object.keys(others));
    }, 120_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test('agrees with the types, which refuse nothing but what is wrong', () => {
      writeFileSync(join(app, 'wrong.ts'), "import { loadConfig } from 'warren-dr';\nloadConfig(1);\n");
      const { stdout } = run([compiler]);
      expect(stdout).toMatch(/^wrong\.ts\(2,12\): error TS2345: .*'number'.*'string'\.\n$/);
    }, 120_000);

    test('is synthesized, with functions that have a handler', () => {
      const outdir = join(folder, 'synthesized');
      const { status, stderr } = run(['app.ts'], { CDK_OUTDIR: outdir });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const { Resources } = JSON.parse(readFileSync(join(outdir, 'messaging-dr.template.json'), 'utf8'));
      const types = Object.values<{ Type: string }>(Resources).map(({ Type }) => Type);
      expect(types.filter((type) => type === 'AWS::Lambda::Function').length).toBeGreaterThanOrEqual(3);
      // Away from the app's package.json: Lambda has none, and so takes them for CommonJS.
      const functions = join(folder, 'functions');
      cpSync(join(app, 'dist', 'functions'), functions, { recursive: true });
      for (const name of ['watch', 'api', 'alarm'])
        expect(run(['--print', `typeof require('${functions}/${name}/index.js').handler`]).stdout).toBe('function\n');
    }, 120_000);

    test('may be in CommonJS', () => {
      writeFileSync(join(app, 'app.cjs'), "console.log(typeof require('warren-dr').WarrenVantage);\n");
      expect(run(['app.cjs'])).toEqual({ status: 0, stdout: 'function\n', stderr: '' });
    }, 120_000);

    test('is told what to install when it bundles the functions without esbuild', () => {
      rmSync(join(app, 'node_modules', 'esbuild'));
      const { status, stderr } = run(['app.ts']);
      link(app, ['esbuild']);
      expect(status).toBe(1);
      expect(stderr).toContain('bundleFunctions needs esbuild, which is not installed: npm install --save-dev esbuild');
    }, 120_000);
  });
}
