import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withoutServiceStarts } from './policyFile.mjs';
import { run, succeeds } from './run.mjs';

/** Debian packages of the lab. `units`: what systemd would start at the next boot if we installed the package. */
export const packages = [
  { name: 'rabbitmq-server', program: 'rabbitmq-server', units: ['rabbitmq-server.service'] },
  { name: 'haproxy', program: 'haproxy', units: ['haproxy.service'] },
  // Only for faults that drop packets: wanted, but nothing waits for it.
  { name: 'nftables', program: 'nft', units: [], optional: true },
  // Comes along with RabbitMQ, and brings a service of its own.
  { name: 'erlang-base', program: 'epmd', units: ['epmd.service', 'epmd.socket'] },
  // What the runbook's commands by hand need, which the end-to-end tests try.
  { name: 'socat', program: 'socat', units: [], development: true },
  { name: 'curl', program: 'curl', units: [], development: true },
  // A DNS server that takes updates, for the tests of the DNS target.
  { name: 'bind9', program: 'named', units: ['named.service'], development: true },
  // For AWS's DynamoDB Local, whose tests are left out without it unless CI=true.
  { name: 'default-jre-headless', program: 'java', units: [], development: true, optional: true },
];

// Where daemons are, which a plain user's PATH lacks.
const daemonFolders = ['/usr/sbin', '/sbin', '/usr/lib/rabbitmq/bin', '/opt/rabbitmq/sbin'];

/**
 * The packages whose programs are not there; none when all that is needed is.
 * @param {{ development?: boolean }} [options] `development`: also what only tests need
 */
export function missingPackages({ development = false } = {}, path = process.env.PATH ?? '', folders = daemonFolders) {
  const missing = packages
    .filter((each) => development || !each.development)
    .filter(({ program }) => !isInstalled(program, [...path.split(delimiter), ...folders]));
  return missing.every(({ optional }) => optional) ? [] : missing.map(({ name }) => name);
}

/** Why they cannot be installed from here, as a sentence with what to do instead; undefined when they can. */
export function cannotInstall(missing, { platform, hasApt, privileged }) {
  const wanted = missing.join(', ');
  if (platform !== 'linux')
    return 'The lab runs on Linux only: it starts RabbitMQ and HAProxy on loopback addresses of their own.';
  if (!hasApt) return `Please install ${wanted} with the package manager of this system, then start again.`;
  if (!privileged) return `Please install what is missing, then start again: sudo apt-get install ${missing.join(' ')}`;
  return undefined;
}

/** The words to put before a command that needs root; undefined when there is no way to become root without asking. */
export async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return (await succeeds(['sudo', '-n', 'true'])) ? ['sudo', '-n'] : undefined;
}

export function hasApt() {
  return existsSync('/usr/bin/apt-get');
}

/** Installs the packages so that nothing of them runs as a service, now or after the next boot. */
export async function installPackages(missing, prefix) {
  const apt = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120'];
  await withoutServiceStarts(prefix, async () => {
    await run([...apt, 'update']);
    await run([...apt, 'install', '--yes', '--no-install-recommends', ...missing]);
  });
  await disableUnits(missing, prefix);
}

/** Only of packages that were not there before: a service that somebody else set up stays as it is. */
async function disableUnits(installed, prefix) {
  if (!existsSync('/run/systemd/system')) return;
  const units = packages.flatMap(({ name, units }) => (installed.includes(name) ? units : []));
  for (const unit of units) await succeeds([...prefix, 'systemctl', 'disable', unit]);
}

function isInstalled(program, folders) {
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
