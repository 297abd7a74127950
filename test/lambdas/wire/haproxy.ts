import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** As much of HAProxy's runtime API as a flip meets, with one server on each side. */
export interface HaproxyStandIn {
  readonly address: string;
  /** The servers that are given sessions. */
  serving(): string[];
  /** While true, what changes anything is not answered. */
  hangs: boolean;
  /** Resolves when only this server is given sessions. */
  untilServing(server: string): Promise<void>;
  close(): void;
}

export async function startHaproxy(servers: string[], serving: string): Promise<HaproxyStandIn> {
  const ready = new Set([serving]);
  const waiting = new Map<string, () => void>();
  const answerTo = (command: string): string => {
    if (command.startsWith('show info')) return 'Pid: 1\nUptime_sec: 60.5\nStart_time_sec: 1.5\n\n';
    if (command.startsWith('show servers')) {
      const rows = servers.map((name) => `${name} ${ready.has(name) ? 0 : 1} 1 2`);
      return `1\n# srv_name srv_admin_state srv_uweight srv_op_state\n${rows.join('\n')}\n\n`;
    }
    const [, name = '', state] = command.match(/^set server \w+\/(\w+) state (\w+)$/) ?? [];
    if (state === 'ready') ready.add(name);
    if (state === 'maint') ready.delete(name);
    if (ready.size === 1) for (const only of ready) waiting.get(only)?.();
    return '\n';
  };
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (line) => {
      const commands = String(line).trim().split(';');
      if (standIn.hangs && commands.some((command) => !command.startsWith('show'))) return;
      socket.end(commands.map(answerTo).join(''));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const standIn: HaproxyStandIn = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    serving: () => [...ready],
    hangs: false,
    untilServing: (name) =>
      new Promise((resolve) => {
        waiting.set(name, resolve);
        if (ready.size === 1 && ready.has(name)) resolve();
      }),
    close: () => server.close(),
  };
  return standIn;
}
