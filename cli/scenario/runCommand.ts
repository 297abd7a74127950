import { execFile } from 'node:child_process';
import { moduleFile } from '../moduleFile.ts';

const timeoutMs = 90_000;

/** Runs a `warren` command as a person would. Rejects with what it said when its exit code is not 0. */
export function runCommand(words: string[], environment: Record<string, string>): Promise<string> {
  const main = moduleFile('../main', import.meta.url);
  const options = { env: { ...process.env, ...environment }, timeout: timeoutMs };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [main, ...words], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`warren ${words[0]} failed: ${stderr.trim() || error.message}`));
      else resolve(stdout);
    });
  });
}
