import { X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { failuresOf, nodeAt, passesOf, proberOf } from '../../adapters/rabbitmq/support.ts';

/** Made for this test alone: `openssl req -x509 -newkey ec -days 36500`, for 127.0.0.1. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9LnYpkX/fxzf5fQj
EiyGNv3DOFK3QfrXUNJenldNsy6hRANCAAQvqsCRTwUPEgTTOpPt9mGHNZxid1dt
CSG7rTDAin93bd0+0dPPt+3KpOSG32oXJv7TgmGb2/8LSe+zyyhth/QR
-----END PRIVATE KEY-----
`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUS6tXYkWdFZJqAWEMGt3Hnh/9gDcwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjE0NDczNloYDzIxMjYxMDI5
MTQ0NzM2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQvqsCRTwUPEgTTOpPt9mGHNZxid1dtCSG7rTDAin93bd0+0dPPt+3K
pOSG32oXJv7TgmGb2/8LSe+zyyhth/QRo28wbTAdBgNVHQ4EFgQU5DHAvqGLvjfP
KJc9a/c/1G23ijIwHwYDVR0jBBgwFoAU5DHAvqGLvjfPKJc9a/c/1G23ijIwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
zj0EAwIDSAAwRQIhAIF3onOUukuft3n7FCJFllE+UXsjX5FeyMuJarrxZWe8AiAz
uz2JC8w+mtjMgnRYjvfuprv94PPt6gnBNMRaUANwkw==
-----END CERTIFICATE-----
`;

const before = tls.getCACertificates('default');
const server = tls.createServer({ key, cert }, (socket) => socket.on('error', () => {}));
server.on('tlsClientError', () => {});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  tls.setDefaultCACertificates(before);
  server.close();
});

async function probed() {
  const node = nodeAt(`amqps://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const prober = proberOf([node]);
  const probe = await prober.probe('beijing', node, 'full');
  await prober.close();
  return probe;
}

test('a probe over TLS knows for how many days the certificate of the node is good', async () => {
  tls.setDefaultCACertificates([...before, cert]);
  const probe = await probed();
  expect(passesOf(probe)).toContain('tls');
  const leftMs = Date.parse(new X509Certificate(cert).validTo) - Date.now();
  expect(probe.certificateDaysLeft).toBe(Math.floor(leftMs / 86_400_000));
});

test('one that is not trusted tells nothing, and fails as it did', async () => {
  tls.setDefaultCACertificates(before);
  const probe = await probed();
  expect(failuresOf(probe)).toEqual(['tls tls']);
  expect(probe).not.toHaveProperty('certificateDaysLeft');
});
