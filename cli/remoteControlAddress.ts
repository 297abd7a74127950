import { resolveText } from '../adapters/system/secret.ts';
import { tokenProblem } from '../lambdas/api/tokens.ts';
import { CommandError, exitCodes } from './failure.ts';
import { oneLine } from './layout.ts';
import type { RemoteOptions } from './remoteControlClient.ts';
import { byToken, type Identity } from './remoteControlIdentity.ts';
import { bySignature, gatewayRegion } from './remoteControlSignature.ts';
import type { SourceOptions } from './source.ts';

/** Longer than Warren takes to find that a target and both sides are silent. */
const timeoutMs = 10_000;

/**
 * Where the Warren is that a command is about; null: it is about a configuration here, because no URL is given, or because a
 * configuration is and the URL is only in the environment.
 * @throws CommandError
 */
export function remoteOf(
  options: SourceOptions & { who?: string },
  environment: NodeJS.ProcessEnv = process.env,
): RemoteOptions | null {
  const { url, config, store, who, tokenFile, insecure = false, sign } = options;
  const isLocal = config !== undefined || store !== undefined;
  if (url !== undefined && isLocal)
    refuse('--url is about a Warren elsewhere, --config and --store are about one here: say one or the other.');
  const [name, text] = url === undefined ? ['WARREN_URL', environment.WARREN_URL] : ['--url', url];
  if (isLocal || text === undefined || (url === undefined && text === '')) {
    if (tokenFile !== undefined) refuse('--token-file is for a Warren elsewhere: say with --url where.');
    if (insecure) refuse('--insecure is for a Warren elsewhere: say with --url where.');
    if (sign !== undefined) refuse('--sign is for a Warren elsewhere: say with --url where.');
    return null;
  }
  const address = addressOf(name, text, insecure);
  if (who !== undefined)
    refuse(`--who: got "${oneLine(who)}", expected none with a URL: there, the token or the signature says who asks.`);
  return { url: address, identity: identityOf(address, options, environment), timeoutMs };
}

/** A signature where it is asked for, or where the address is one of API Gateway and no token is named; else a token. */
function identityOf(address: string, options: SourceOptions, environment: NodeJS.ProcessEnv): Identity {
  const { tokenFile } = options;
  const region = signingRegion(address, options, environment);
  if (region !== undefined) return bySignature(region, timeoutMs);
  // Read once: it may come through a pipe.
  let token: Promise<string> | undefined;
  return byToken(() => {
    token ??= tokenOf(tokenFile, environment);
    return token;
  });
}

/** @throws CommandError */
function signingRegion(
  address: string,
  { url, tokenFile, sign }: SourceOptions,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  if (tokenFile !== undefined && sign !== undefined)
    refuse('--sign takes the place of a token, --token-file names one: say one or the other.');
  if (tokenFile !== undefined) return undefined;
  // What the environment says of its own URL is not meant for another one.
  const [name, said] =
    url === undefined && sign === undefined ? ['WARREN_SIGN', environment.WARREN_SIGN] : ['--sign', sign];
  if (said === undefined || (sign === undefined && said === '')) return gatewayRegion(new URL(address).hostname);
  if (!/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(said))
    refuse(`${name}: got "${oneLine(said)}", expected an AWS Region such as eu-west-1.`);
  return said;
}

/** @throws CommandError that says what was expected instead */
function addressOf(name: string, text: string, insecure: boolean): string {
  const parsed = URL.parse(text);
  const isHttp = parsed?.protocol === 'https:' || parsed?.protocol === 'http:';
  if (!parsed || !isHttp || parsed.username || parsed.password || parsed.search || parsed.hash)
    return refuse(`${name}: got "${shown(text)}", expected https://HOST[:PORT], without user, query or fragment.`);
  if (parsed.protocol === 'http:' && !isLoopback(parsed.hostname) && !insecure)
    refuse(
      `${name}: got "${shown(text)}", expected https: the token would travel in the clear (--insecure allows it).`,
    );
  return parsed.href;
}

/** What may be a password is not shown. */
const shown = (text: string) => oneLine(text.replace(/\/\/.*@/, '//(hidden)@'));

const isLoopback = (hostname: string) =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

/** @throws SecretError, CommandError; neither quotes the token */
async function tokenOf(tokenFile: string | undefined, environment: NodeJS.ProcessEnv): Promise<string> {
  const name = tokenFile === undefined ? 'WARREN_TOKEN' : '--token-file';
  if (tokenFile === undefined && !environment.WARREN_TOKEN)
    refuse('There is no token: put it into WARREN_TOKEN, or name its file with --token-file.');
  const reference = tokenFile === undefined ? 'env:WARREN_TOKEN' : `file:${tokenFile}`;
  const token = await resolveText(reference, environment);
  const problem = tokenProblem(token);
  return problem === null ? token : refuse(`${name} holds no token: ${problem}.`);
}

function refuse(sentence: string): never {
  throw new CommandError(sentence, exitCodes.badInput);
}
