import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** As much of AWS Secrets Manager as GetSecretValue needs (API reference; JSON 1.1). */
export async function startSecretsManager(secrets: Record<string, string>): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const { SecretId = '' } = JSON.parse(await text(request)) as { SecretId?: string };
    const isAsked = request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue';
    const SecretString = isAsked ? secrets[SecretId] : undefined;
    const answer =
      SecretString === undefined ? { __type: 'ResourceNotFoundException' } : { ARN: SecretId, SecretString };
    response.writeHead(SecretString === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
