import type { IncomingMessage } from 'node:http';

/** Which form is next to come first. */
let turn = 0;

/** What a request brought that was secret. */
export interface Brought {
  /** The Authorization header. */
  authorization: string;
  /** The pair or token in it, and what a form had. */
  values: string[];
}

/** Takes the credentials out of a request, as a careless server would to log them. */
export function broughtBy(
  { headers }: Pick<IncomingMessage, 'headers'>,
  body = '',
): Brought {
  const authorization = headers.authorization ?? '';
  const [scheme, rest = ''] = authorization.split(' ');
  const values =
    scheme.toLowerCase() === 'basic'
      ? [Buffer.from(rest, 'base64').toString(), passwordOf(rest)]
      : [rest];
  // The longest is the token.
  const form = [...new URLSearchParams(body).values()].sort(
    (a, b) => b.length - a.length,
  );
  return {
    authorization,
    values: [...values, ...form.slice(0, 1)].filter(Boolean),
  };
}

function passwordOf(base64: string): string {
  const pair = Buffer.from(base64, 'base64').toString();
  return pair.slice(pair.indexOf(':') + 1);
}

/**
 * All of it in every way in which servers are seen to write it back. Another way
 * comes first each time, since a long text is cut.
 */
export function echoOf({ authorization, values }: Brought): string {
  const forms = values.flatMap(value => [
    value,
    JSON.stringify(value),
    encodeURIComponent(value),
    encodeURI(value),
    new URLSearchParams([['x', value]]).toString(),
    value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;'),
    Buffer.from(value).toString('base64'),
    Buffer.from(value).toString('base64url'),
  ]);
  const all = [authorization, ...forms];
  turn = (turn + 1) % all.length;
  return [...all.slice(turn), ...all.slice(0, turn)]
    .map(form => `cannot sign in with ${form} here`)
    .join('; ');
}

/** For a Location or Link: without what a header cannot hold. */
export function inHeader(text: string): string {
  return encodeURI(text).replace(/[^\x21-\x7e]/g, '');
}
