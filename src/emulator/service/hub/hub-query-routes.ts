import type { HttpAnswer } from '../../contract/http-service.js';
import { Fields } from '../fields.js';
import { pageAnswer, pageOf } from '../paging.js';
import { parseQuery } from '../query/parser.js';
import { rowsOf } from '../query/run-query.js';
import type { ServiceCall, ServiceRoute } from '../router.js';
import type { ServedHub } from '../../hub/hub-back-ends.js';
import { twinView } from './twin-routes.js';

/** What a hub's queries are over, beside `devices`: the documents of each collection, by its name. */
export type Collections = Readonly<Record<string, () => Iterable<object>>>;

/** What the service calls the documents of a collection. */
const ITEM_TYPES: Readonly<Record<string, string>> = { 'devices.jobs': 'deviceJob' };

/** Queries (protocol.md#service-queries). */
export function queryRoutes(hub: ServedHub, others: Collections): readonly ServiceRoute[] {
  const collections: Collections = { devices: () => twinDocuments(hub), ...others };
  return [
    { method: 'POST', path: 'devices/query', right: 'ServiceConnect', answer: (call) => queried(collections, call) },
  ];
}

/** The twins of all devices, each made when it is looked at. */
export function* twinDocuments(hub: ServedHub): Generator<object> {
  for (const { deviceId } of hub.devices.list()) yield twinView(hub, deviceId);
}

function queried(collections: Collections, { body, headers }: ServiceCall): HttpAnswer {
  const text = Fields.of(body).requiredText('query');
  const query = parseQuery(text, Object.keys(collections));
  const page = pageOf(headers, text);
  const rows = rowsOf(query, collections[query.from]?.() ?? []);
  return pageAnswer(rows, page, text, query.select === '*' ? (ITEM_TYPES[query.from] ?? 'twin') : 'raw');
}
