import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { keys } from './layout.ts';

export type Item = Record<string, AttributeValue>;

export interface Key {
  partition: string;
  sort: string;
}

/** An expression of DynamoDB with the values it names; every attribute is written `#name`, as many words are reserved. */
export interface Expression {
  text: string;
  values?: Item;
}

/** A part of one partition, both ends included. */
export interface Range {
  partition: string;
  from: string;
  to: string;
}

/** One table, for one call of the store: every request is tried again within the time of the call. */
export interface Table {
  /** Strongly consistent. */
  get(key: Key): Promise<Item | undefined>;
  /** @throws ConditionLost */
  put(key: Key, attributes: Item, condition?: Expression): Promise<void>;
  /** @throws ConditionLost */
  update(key: Key, change: Expression, condition: Expression): Promise<void>;
  remove(key: Key): Promise<void>;
  /** One page, backwards, strongly consistent: at most `limit` items or 1 MB, and where the next page begins. */
  newest(range: Range, limit: number, before?: Item): Promise<{ items: Item[]; next: Item | undefined }>;
}

/** Sends a request, as often as it takes. */
export type Send = <T>(attempt: (abortSignal: AbortSignal) => Promise<T>) => Promise<T>;

export function openTable(client: DynamoDBClient, name: string, send: Send): Table {
  const TableName = name;
  return {
    async get(key) {
      const command = { TableName, Key: keyOf(key), ConsistentRead: true };
      const { Item } = await send((abortSignal) => client.send(new GetItemCommand(command), { abortSignal }));
      return Item;
    },
    async put(key, attributes, condition) {
      const expressions = condition && { ConditionExpression: condition.text, ...namesAndValues(condition) };
      const command = { TableName, Item: { ...attributes, ...keyOf(key) }, ...expressions };
      await send((abortSignal) => client.send(new PutItemCommand(command), { abortSignal }));
    },
    async update(key, change, condition) {
      const expressions = { UpdateExpression: change.text, ConditionExpression: condition.text };
      const command = { TableName, Key: keyOf(key), ...expressions, ...namesAndValues(change, condition) };
      await send((abortSignal) => client.send(new UpdateItemCommand(command), { abortSignal }));
    },
    async remove(key) {
      const command = { TableName, Key: keyOf(key) };
      await send((abortSignal) => client.send(new DeleteItemCommand(command), { abortSignal }));
    },
    async newest(range, limit, before) {
      const command = { TableName, ...within(range), Limit: limit, ExclusiveStartKey: before };
      const answer = await send((abortSignal) =>
        client.send(new QueryCommand({ ...command, ScanIndexForward: false, ConsistentRead: true }), { abortSignal }),
      );
      return { items: answer.Items ?? [], next: answer.LastEvaluatedKey };
    },
  };
}

function keyOf({ partition, sort }: Key): Item {
  return { [keys.partition]: { S: partition }, [keys.sort]: { S: sort } };
}

function within({ partition, from, to }: Range) {
  const text = `#${keys.partition} = :partition AND #${keys.sort} BETWEEN :from AND :to`;
  const values = { ':partition': { S: partition }, ':from': { S: from }, ':to': { S: to } };
  return { KeyConditionExpression: text, ...namesAndValues({ text, values }) };
}

function namesAndValues(...expressions: Expression[]) {
  const names = expressions.flatMap(({ text }) => [...text.matchAll(/#(\w+)/g)]);
  const values = Object.assign({}, ...expressions.map((expression) => expression.values));
  return {
    ExpressionAttributeNames: Object.fromEntries(names.map(([placeholder, name = '']) => [placeholder, name])),
    // DynamoDB refuses an empty table of values.
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}
