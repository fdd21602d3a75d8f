import type { Behaviour } from '../../servers/MisbehavingRegistry';
import type { HostileCase, Hosts, Outcome } from './case';
import { basic, basicHeader, BEARER_TOKEN } from './case';

export const realmOf = ({ tokens }: Hosts) => `${tokens.url}/token`;

export const listed = (): Outcome => ({ tags: ['a'] });
export const unauthorized = (): Outcome => ({
  error: 'unauthorized',
  status: 401,
  message: /answered 401 \(sign-in needed or refused\)/,
});
export const invalid =
  (message: RegExp): (() => Outcome) =>
  () => ({ error: 'invalid-response', message });
/** A list for whoever has one of the headers; a challenge for all others. */
export const protect =
  (challenge: string | string[], ...headers: string[]): Behaviour =>
  exchange =>
    headers.includes(exchange.request.headers.authorization ?? '')
      ? exchange.json({ tags: ['a'] })
      : exchange.answer(401, { 'www-authenticate': challenge });

export const givesToken: Behaviour = exchange =>
  exchange.json({ token: BEARER_TOKEN });

/** A row in which the challenge varies; Basic and Bearer both open the list. */
export const challenged = (
  number: number,
  name: string,
  challenge: (hosts: Hosts) => string | string[],
  outcome: () => Outcome,
  requests: number,
  more: Partial<HostileCase> = {},
): HostileCase => ({
  number,
  name,
  credentials: basic,
  registry: hosts =>
    protect(challenge(hosts), basicHeader, `Bearer ${BEARER_TOKEN}`),
  tokens: () => givesToken,
  outcome,
  requests,
  ...more,
});
