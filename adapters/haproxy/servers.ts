/** One server of a backend, from `show servers state`. */
export interface ServerState {
  name: string;
  /** It is given new sessions, as far as people and configuration are concerned. */
  serving: boolean;
  /** Why it is not serving, or what HAProxy's own health check says against it; empty when there is nothing to say. */
  remark: string;
}

/**
 * Bits of `srv_admin_state` (HAProxy management guide, "show servers state"). 0x04 only says that the configuration file
 * had `disabled`; it stays set after `set server … state ready`, so it does not count (seen on 2.6.12).
 */
const maintenanceBits = 0x01 | 0x02 | 0x20;
const drainBits = 0x08 | 0x10;

/**
 * Reads the answer to `show servers state <backend>`: a format version, a header naming the columns, one line a server.
 * @throws Error when it is not such an answer, with what HAProxy said instead (such as "Can't find backend.").
 */
export function parseServers(answer: string): ServerState[] {
  const [version, header, ...lines] = answer.split('\n');
  if (version?.trim() !== '1' || !header?.startsWith('# ')) throw new Error(answer.split('\n', 1)[0] ?? '');
  const columns = header.slice(2).trim().split(' ');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const fields = line.split(' ');
      return parseServer((column) => fields[columns.indexOf(column)] ?? '');
    });
}

function parseServer(field: (column: string) => string): ServerState {
  const adminState = Number(field('srv_admin_state'));
  const weight = Number(field('srv_uweight'));
  if (Number.isNaN(adminState) || Number.isNaN(weight)) throw new Error('an unknown format of "show servers state"');
  const hindrance = hindranceOf(adminState, weight);
  const down = field('srv_op_state') === '0';
  return {
    name: field('srv_name'),
    serving: hindrance === '',
    remark: hindrance || (down ? "down by HAProxy's own check" : ''),
  };
}

function hindranceOf(adminState: number, weight: number): string {
  if (adminState & maintenanceBits) return 'maintenance';
  if (adminState & drainBits) return 'drain';
  return weight === 0 ? 'weight 0' : '';
}
