import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startSecrets } from './secrets.ts';

const region = 'eu-central-1';
const arn = `arn:aws:secretsmanager:${region}:123456789012:secret:warren/beijing-AbCdEf`;

let standIn: Awaited<ReturnType<typeof startSecrets>>;
const clients: { destroy(): void }[] = [];
const settings = (of: string) => ({
  region: of,
  endpoint: standIn.url,
  maxAttempts: 1,
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
});

function secretsManager(of = region): SecretsManagerClient {
  const client = new SecretsManagerClient(settings(of));
  clients.push(client);
  return client;
}

function parameterStore(of = region): SSMClient {
  const client = new SSMClient(settings(of));
  clients.push(client);
  return client;
}

beforeEach(async () => {
  standIn = await startSecrets({
    regions: [region],
    secrets: { [arn]: 'hunter2' },
    parameters: { '/warren/beijing': 'hunter3' },
  });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  standIn.close();
});

describe('the stand-in of Secrets Manager and Parameter Store, asked by the unmodified SDK,', () => {
  test('tells a secret by its ARN', async () => {
    const answer = await secretsManager().send(new GetSecretValueCommand({ SecretId: arn }));
    expect(answer).toMatchObject({ ARN: arn, SecretString: 'hunter2' });
  });

  test('tells a parameter by its name, and its text only to those who ask for it decrypted', async () => {
    const get = (WithDecryption: boolean) =>
      parameterStore().send(new GetParameterCommand({ Name: '/warren/beijing', WithDecryption }));
    expect((await get(true)).Parameter).toMatchObject({ Type: 'SecureString', Value: 'hunter3' });
    expect((await get(false)).Parameter?.Value).not.toContain('hunter3');
  });

  test('says by the names of the services that there is none', async () => {
    const $metadata = expect.objectContaining({ httpStatusCode: 400 });
    await expect(secretsManager().send(new GetSecretValueCommand({ SecretId: `${arn}x` }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata,
    });
    await expect(parameterStore().send(new GetParameterCommand({ Name: '/other' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
      $metadata,
    });
  });

  test('refuses what is signed for another Region', async () => {
    const refusal = { name: 'InvalidSignatureException', message: expect.stringContaining("not 'eu-west-1'") };
    const get = new GetSecretValueCommand({ SecretId: arn });
    await expect(secretsManager('eu-west-1').send(get)).rejects.toMatchObject(refusal);
    const parameter = new GetParameterCommand({ Name: '/warren/beijing' });
    await expect(parameterStore('eu-west-1').send(parameter)).rejects.toMatchObject(refusal);
  });

  test('refuses what is not signed', async () => {
    const headers = { 'x-amz-target': 'secretsmanager.GetSecretValue' };
    const answer = await fetch(standIn.url, { method: 'POST', headers, body: JSON.stringify({ SecretId: arn }) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });

  test('refuses every other operation clearly', async () => {
    await expect(secretsManager().send(new ListSecretsCommand())).rejects.toMatchObject({
      name: 'NotImplemented',
      $metadata: { httpStatusCode: 501 },
    });
  });
});
