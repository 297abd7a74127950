/** What a target says now. Read, never assumed. */
export type TargetReading =
  | {
      target: string;
      status: 'read';
      /** The site it sends traffic to; `split`: both; `none`: neither. */
      active: string | 'split' | 'none';
      /** Changes when the target was restarted, and so has lost what was written to it at run time. */
      instance: string;
      /** For how long this instance has been running. */
      uptimeMs: number;
      /** The epoch that this pair's marker on it carries; absent: it keeps none, or none is there. */
      markerEpoch?: number | undefined;
      /** Why it is not known whether there is a marker, for now; absent: it is known. */
      markerUnread?: string | undefined;
      detail: string;
    }
  | { target: string; status: 'unreadable'; detail: string };

/** What Warren last wrote to a target; kept in the pair's record to tell a restart from a foreign edit. */
export interface TargetWrite {
  site: string;
  epoch: number;
  instance: string;
  atMs: number;
}
