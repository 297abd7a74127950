/**
 * The schema, as steps from each version to the next. `PRAGMA user_version` holds how many were applied. Never edit a
 * released step: add one.
 *
 * Records are JSON documents; what is searched or compared has a column of its own.
 */
export const migrations: readonly string[] = [
  `
  create table records (
    id text primary key,
    version integer not null,
    document text not null
  ) strict, without rowid;

  create table operations (
    id text primary key,
    pair text not null,
    claimed_at_ms integer not null,
    document text not null
  ) strict;
  create index operations_by_pair on operations (pair, claimed_at_ms);

  create table decisions (
    id integer primary key,
    pair text not null,
    vantage text not null,
    from_ms integer not null,
    to_ms integer not null,
    count integer not null,
    outcome text not null,
    reason text not null,
    from_site text,
    to_site text,
    document text not null
  ) strict;
  create index decisions_newest on decisions (pair, vantage, id);
  create index decisions_by_pair on decisions (pair, to_ms);
  create index decisions_by_age on decisions (to_ms);

  create table transitions (
    id integer primary key,
    pair text not null,
    at_ms integer not null,
    document text not null
  ) strict;
  create index transitions_by_pair on transitions (pair, at_ms);
  create index transitions_by_age on transitions (at_ms);
  `,
  `
  create table acts (
    id text primary key,
    pair text not null,
    at_ms integer not null,
    document text not null
  ) strict;
  create index acts_by_pair on acts (pair, at_ms);
  `,
  `
  create table observations (
    pair text not null,
    vantage text not null,
    document text not null,
    primary key (pair, vantage)
  ) strict, without rowid;
  `,
];
