import { request } from 'node:http';
import Module from 'node:module';

/**
 * Loaded before AWS's runtime client, in the process that it becomes: stands in for its one native file, which speaks to the
 * Runtime API of Lambda ("Lambda runtime API", developer guide) by HTTP, as this does.
 */
function ask(method: string, path: string, body?: string): Promise<{ bodyJson: string; headers: object }> {
  const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':');
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method, path: `/2018-06-01/runtime/invocation/${path}` }, (response) => {
      let bodyJson = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        bodyJson += part;
      });
      response.on('end', () => resolve({ bodyJson, headers: response.headers }));
    });
    sent.on('error', reject).end(body);
  });
}

/** Whoever runs the tests is gone when nobody answers. */
const tell = (path: string, body: string) => void ask('POST', path, body).catch(() => process.exit(1));

const client = {
  next: () => ask('GET', 'next').catch(() => process.exit(0)),
  done: (id: string, body: string) => tell(`${id}/response`, body),
  error: (id: string, body: string) => tell(`${id}/error`, body),
};

const loader = Module as unknown as { _load: (name: string, ...rest: unknown[]) => unknown };
const load = loader._load;
loader._load = (name, ...rest) => (name.endsWith('rapid-client.node') ? client : load(name, ...rest));
