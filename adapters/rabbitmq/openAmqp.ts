import { type ChannelModel, connect } from 'amqplib';
import { type Credentials, type CredentialsSource, codeOf, ProbeFailure, redact } from './failure.ts';
import { type Handshake, watchHandshake } from './handshake.ts';
import { type Address, requireUnaborted } from './knock.ts';
import { type Rung, within } from './ladder.ts';

/**
 * Seconds. The broker frees a connection that was destroyed while it was blocked by an alarm only when its next heartbeat
 * fails; below 5 s the RabbitMQ heartbeat guide expects false alarms.
 */
const heartbeatSeconds = 10;

/** A frame longer than this is no answer of a broker to a probe: the peer speaks something else. */
const longestFrameBytes = 131_072;

export interface AmqpTarget {
  address: Address;
  vhost: string;
  credentials: CredentialsSource;
  /** Shown by the broker as the connection's name (client property `connection_name`), so that operators can filter. */
  connectionName: string;
}

/**
 * Opens an AMQP connection; the rung's expiry follows how far it got. amqplib leaves half-open sockets to its caller:
 * aborting the signal destroys this one, before and after it is open.
 * @throws ProbeFailure
 */
export async function openAmqp(target: AmqpTarget, rung: Rung, timeoutMs: number, signal: AbortSignal) {
  const credentials = await readCredentials(target.credentials, timeoutMs);
  requireUnaborted(signal);
  const { opening, handshake } = watchHandshake(() => dial(target, credentials, signal));
  rung.expiry = () => silenceFailure(handshake, timeoutMs);
  try {
    return await opening;
  } catch (error) {
    throw openFailure(error, handshake, credentials);
  }
}

async function readCredentials(source: CredentialsSource, timeoutMs: number): Promise<Credentials> {
  const late = () => new ProbeFailure('probe-error', 'the probe credentials could not be read in time');
  try {
    return await within(timeoutMs, source(), late);
  } catch (error) {
    if (error instanceof ProbeFailure) throw error;
    throw new ProbeFailure('probe-error', 'the probe credentials could not be read');
  }
}

async function dial(target: AmqpTarget, credentials: Credentials, signal: AbortSignal): Promise<ChannelModel> {
  const { address, vhost, connectionName } = target;
  const model = await connect(
    {
      protocol: address.secure ? 'amqps' : 'amqp',
      hostname: address.host,
      port: address.port,
      ...credentials,
      vhost: encodeURIComponent(vhost), // amqplib decodes it, also in this form
      heartbeat: heartbeatSeconds,
      maxFrameSize: longestFrameBytes,
    },
    // `signal` is an option of net.connect and tls.connect, to which amqplib passes these on. Without noDelay, Nagle's
    // algorithm and delayed acknowledgements add 40 ms to every confirm.
    { noDelay: true, signal, clientProperties: { connection_name: connectionName } } as Parameters<typeof connect>[1],
  );
  // An 'error' that nobody hears would end the process; 'close' tells the same.
  return model.on('error', () => {});
}

/** What silence means at each stage. A broker that answers connection.start is not hung, whatever it waits for then. */
function silenceFailure({ stage }: Handshake, timeoutMs: number): ProbeFailure {
  const within = `within ${timeoutMs} ms`;
  switch (stage) {
    case 'silent':
      return new ProbeFailure('hung', `accepted the connection, but sent nothing ${within}`);
    case 'login':
      return new ProbeFailure('auth', `did not answer the login ${within} (slow authentication backend?)`);
    case 'vhost':
      // Seen when connections are counted for a limit while a peer of the node hangs.
      return new ProbeFailure('metadata-stalled', `did not open the virtual host ${within}`);
    case 'unseen':
      return new ProbeFailure('probe-error', `finished the TLS handshake, but did not open the connection ${within}`);
  }
}

/** `Expected ConnectionOpenOk; got <Heartbeat>`: opening took longer than the first heartbeat. */
const heartbeatInstead = /got <Heartbeat/;
const loginRefused = /Handshake terminated by server: 403/;
const openRefused = /got <ConnectionClose/;
const closedEarly = /Socket closed abruptly/;

function openFailure(error: unknown, handshake: Handshake, credentials: Credentials): ProbeFailure {
  const message = error instanceof Error ? error.message : '';
  const { stage, refusal } = handshake;
  const words = redact(refusal ? `${refusal.code} ${refusal.text}` : message, credentials);
  if (loginRefused.test(message)) return new ProbeFailure('auth', `refused the login: ${words}`);
  if (openRefused.test(message)) return openRefusal(refusal?.code, words);
  if (heartbeatInstead.test(message)) return silenceFailure({ stage: 'vhost', refusal: null }, heartbeatSeconds * 500);
  const code = codeOf(error);
  const closed = closedEarly.test(message) || code === 'ECONNRESET' || code === 'EPIPE';
  if (code === 'ECONNREFUSED' || (closed && stage === 'silent')) {
    return new ProbeFailure('refused', `closed the connection before its first byte: ${code || 'end of stream'}`);
  }
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH')
    return new ProbeFailure('unreachable', `connecting failed: ${code}`);
  if (closed) return new ProbeFailure('probe-error', `closed the connection during the handshake (${stage})`);
  return new ProbeFailure('probe-error', `no AMQP handshake: ${words}`);
}

/**
 * connection.close instead of connection.open-ok. 530: vhost missing, no permission, or a connection limit; 541: vhost
 * down; both concern this virtual host. 320: the broker is shutting down or being drained; the next probe tells which.
 */
function openRefusal(code: number | undefined, words: string): ProbeFailure {
  if (code === 320) return new ProbeFailure('probe-error', `closed the connection during the handshake: ${words}`);
  return new ProbeFailure('not-allowed', `refused the virtual host: ${words}`);
}
