import { createRequire } from 'node:module';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The file that AWS's runtime client for Node.js (npm `aws-lambda-ric`) is run by. It is installed in a folder of its own.
 * @throws Error that says how to install it
 */
export function findRuntimeClient(): string {
  const manifest = new URL('runtimeClient/package.json', import.meta.url);
  try {
    return createRequire(manifest).resolve('aws-lambda-ric');
  } catch {
    const where = relative(process.cwd(), dirname(fileURLToPath(manifest)));
    throw new Error(`AWS's runtime client is not installed; npm test does that, or: npm ci --prefix ${where}`);
  }
}
