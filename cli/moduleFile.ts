import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The file of one of our modules, for a process of its own: TypeScript in a clone, JavaScript in an installed package.
 * @param name relative to the module that asks, without its ending
 * @param asking the `import.meta.url` of that module
 */
export function moduleFile(name: string, asking: string): string {
  return fileURLToPath(new URL(`${name}${extname(asking)}`, asking));
}
