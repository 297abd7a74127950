import type { Answered } from './remoteControlAnswer.ts';

/** One request, as it will be sent. */
export interface Outgoing {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: URL;
  headers: Record<string, string>;
  body: string | null;
}

/** Says who asks. Nothing of it is ever shown. */
export interface Identity {
  /** The request with what says by whom it is. Asked for each attempt. May reject. */
  identified(request: Outgoing): Promise<Outgoing>;
  /** Goes on after the host: why this was answered with 401 or 403 and nothing of Warren's, as far as can be known. */
  refused(request: Outgoing, answered: Answered): string;
}

/** The holder of a token. */
export function byToken(token: () => Promise<string>): Identity {
  return {
    async identified(request) {
      return { ...request, headers: { ...request.headers, authorization: `Bearer ${await token()}` } };
    },
    refused: (_, { status }) =>
      status === 401 ? 'the token is not accepted (401).' : 'the token does not allow this (403).',
  };
}
