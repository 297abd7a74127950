import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What is kept: texts by the ARN of a secret, and by the name of a parameter. */
export interface Kept {
  secrets: Record<string, string>;
  parameters: Record<string, string>;
  /** Of the endpoint, for which requests are signed: each has all of it. */
  regions: string[];
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/**
 * As much of AWS Secrets Manager and of the Parameter Store as reading one text needs, on one port (API references,
 * GetSecretValue and GetParameter; JSON 1.1).
 */
export async function startSecrets(kept: Kept): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const { status, body } = answerTo(request, await text(request), kept);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

function answerTo({ headers }: IncomingMessage, body: string, { secrets, parameters, regions }: Kept): Answer {
  const [, scope, signedFor] =
    headers.authorization?.match(/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\//) ?? [];
  // "Common Errors" of both; IAM user guide, "Troubleshoot signed requests for AWS APIs", credential scope: the words.
  if (scope === undefined) return refused('MissingAuthenticationTokenException', 'Missing Authentication Token');
  if (!regions.includes(scope))
    return refused('InvalidSignatureException', `Credential should be scoped to a valid region, not '${scope}'.`);
  const asked = JSON.parse(body) as { SecretId?: string; Name?: string; WithDecryption?: boolean };
  const target = headers['x-amz-target'];
  if (target === 'secretsmanager.GetSecretValue' && signedFor === 'secretsmanager') {
    const SecretString = secrets[asked.SecretId ?? ''];
    return SecretString === undefined
      ? refused('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
      : { status: 200, body: { ARN: asked.SecretId, SecretString } };
  }
  if (target === 'AmazonSSM.GetParameter' && signedFor === 'ssm') {
    const Value = parameters[asked.Name ?? ''];
    if (Value === undefined) return refused('ParameterNotFound', '');
    // GetParameter, "WithDecryption": otherwise the value of a SecureString comes as it is encrypted.
    const Parameter = {
      Name: asked.Name,
      Type: 'SecureString',
      Value: asked.WithDecryption ? Value : 'AQICAHencrypted',
    };
    return { status: 200, body: { Parameter } };
  }
  return { status: 501, body: { __type: 'NotImplemented', message: `The stand-in does not know ${target}.` } };
}

function refused(name: string, message: string): Answer {
  return { status: 400, body: { __type: name, message } };
}
