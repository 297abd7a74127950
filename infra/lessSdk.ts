import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * Of the AWS SDK what a function can use: a fifth of a bundle less. Everything else of it is bundled as it is, above all every
 * way in which a function may find credentials: its environment, a container's endpoint, a web identity, a profile's role.
 */
export const lessSdk: Plugin = {
  name: 'less-sdk',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: leftOut }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, namespace: 'left-out' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not part of this bundle (infra/lessSdk.ts)`)});`,
    }));
    onLoad({ filter: /@aws-sdk[/\\].*[/\\]schemas_\d+\.js$/ }, async ({ path }) => {
      const schemas = withPlainKeys(await readFile(path, 'utf8'));
      return { contents: ofManyErrors.test(path) ? withoutErrors(schemas) : schemas };
    });
    onLoad({ filter: /@aws-sdk[/\\][\w-]+[/\\]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8'));
      // What a client tells of itself in the header `User-Agent`.
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/**
 * Loaded by the SDK only on the way to what a function does not do: a person logs in with a browser; an answer is a stream of
 * events.
 */
const leftOut = /^(@aws-sdk\/credential-provider-(sso|login)|@smithy\/core\/event-streams)$/;

/**
 * `{ [_hE]: 404 }` becomes `{ "httpError": 404 }`, by the constants at the head of the file: what a computed key does when it is
 * evaluated cannot be known, so every type with one, and whatever it refers to, would be bundled whether it is used or not.
 */
function withPlainKeys(schemas: string): string {
  const constants = new Map(
    [...schemas.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name, text]) => [name, text]),
  );
  return schemas.replace(/\[(_\w+)\]:/g, (key, name) => (constants.has(name) ? `${constants.get(name)}:` : key));
}

/** Services of which few operations are used, and whose errors have the same name in an answer and as a type. */
const ofManyErrors = /client-(ssm|route-53)[/\\]/;

/**
 * The client of Systems Manager has 140 types of errors, a tenth of a bundle, and that of Route 53 has 70. Without its type, an
 * error comes as one that is newer than the client does: as an exception of the service, under its own name and with its words.
 */
function withoutErrors(schemas: string): string {
  return schemas.replace(/^n0_registry\.registerError\(.*\);$/gm, '');
}
