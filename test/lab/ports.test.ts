import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { requireFreePorts } from '../../lab/ports.ts';

test('a port that is taken is named, with the process that has it', async () => {
  const server = createServer();
  const { port } = await new Promise<{ port: number }>((resolve) => {
    server.listen(0, '127.0.7.1', () => resolve(server.address() as { port: number }));
  });
  try {
    const needed = requireFreePorts([{ address: '127.0.7.1', port }]);
    await expect(needed).rejects.toThrow(`127.0.7.1:${port}, which is taken by `);
    await expect(requireFreePorts([{ address: '127.0.7.2', port }])).resolves.toBeUndefined();
  } finally {
    server.close();
  }
});
