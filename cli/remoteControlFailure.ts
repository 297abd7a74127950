import { CommandError, type ExitCode, exitCodes } from './failure.ts';

/**
 * - `unreached`: nothing was asked
 * - `cut`: the connection broke before there was an answer
 * - `late`: there was no answer in time
 * - `unsure`: an answer that does not say whether anything was done
 * - `refused`: an answer that says no
 */
type FailureKind = 'unreached' | 'cut' | 'late' | 'unsure' | 'refused';

/** A request that came to nothing. One sentence that names the host, and never a secret. */
export class RemoteFailure extends CommandError {
  readonly kind: FailureKind;
  /** Refused only because there were too many: when it would be taken. Null: nobody said so. */
  readonly comeAgainInMs: number | null;

  constructor(
    kind: FailureKind,
    message: string,
    exitCode: ExitCode = exitCodes.failed,
    comeAgainInMs: number | null = null,
  ) {
    super(message, exitCode);
    this.kind = kind;
    this.comeAgainInMs = comeAgainInMs;
  }

  /** The change that was asked for may have been made all the same. */
  get isOpen(): boolean {
    return this.kind !== 'unreached' && this.kind !== 'refused';
  }

  /** The same, said of a change that may have been made. */
  leftOpen(attempts: number): RemoteFailure {
    const times = attempts === 1 ? '' : ` It was asked ${attempts} times, under one key.`;
    const advice = ' Whether it was done is not known: `warren audit` and `warren status` tell.';
    return new RemoteFailure(this.kind, `${this.message}${times}${advice}`, this.exitCode);
  }
}

interface Circumstances {
  host: string;
  timeoutMs: number;
  /** The deadline has passed. */
  isLate: boolean;
}

/** Codes of Node and undici before anything was sent. */
const unreached: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be resolved now',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  EACCES: 'this machine does not let it out',
  ETIMEDOUT: 'it takes no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'it takes no connection in time',
};
const untrusted = /^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_UNTRUSTED)/;
const ofTls = /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$)/;
const tlsReasons: Record<string, string> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks no TLS there',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it speaks no TLS there',
};

/** What it means that a request ended without an answer. @returns an error that nobody foresees as it is */
export function failureOf(error: unknown, { host, timeoutMs, isLate }: Circumstances): unknown {
  const { code, name, syscall } = detailsOf(error);
  // Some of these also end a connection on which something was sent.
  const wasConnected = syscall === 'read' || syscall === 'write';
  const reason = tlsReason(code) ?? (wasConnected ? undefined : unreached[code]);
  if (reason !== undefined) return new RemoteFailure('unreached', `${host} cannot be reached: ${reason}.`);
  if (isLate || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return new RemoteFailure('late', `${host} gave no answer within ${timeoutMs / 1_000} s.`);
  if (code === 'UND_ERR_INVALID_ARG') return error;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return new RemoteFailure('unsure', `${host} answered more than is read: ask for less, such as a shorter time.`);
  if (name === 'HTTPParserError') return new RemoteFailure('unsure', `${host} answered what is no HTTP.`);
  const why = code === '' ? 'no reason given' : code;
  return new RemoteFailure('cut', `${host} broke the connection before it had answered (${why}).`);
}

function tlsReason(code: string): string | undefined {
  if (untrusted.test(code))
    return 'nobody trusted signed its certificate (NODE_EXTRA_CA_CERTS=FILE adds who is trusted)';
  return tlsReasons[code] ?? (ofTls.test(code) ? `TLS fails (${code})` : undefined);
}

function detailsOf(error: unknown): { code: string; name: string; syscall: string } {
  const { code = '', name = '', syscall = '' } = error as NodeJS.ErrnoException;
  return { code: String(code), name, syscall };
}
