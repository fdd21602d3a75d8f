import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  createHttpTransport,
  GitWorkTree,
} from 'backstage-plugin-image-scan-node';
import type {
  GitCredentials,
  HttpTransport,
  WorkTreeCommit,
  WorkTreeRemote,
} from 'backstage-plugin-image-scan-node';
import { BentGitServer, pkt } from '../../servers/BentGitServer';
import type { BentAnswer, BentRequest } from '../../servers/BentGitServer';
import { broughtBy, echoOf, inHeader } from './echo';
import { PlantedSecrets } from './planted';

jest.setTimeout(180_000);

const FLUSH = Buffer.from('0000');

const planted = new PlantedSecrets();
const pair: GitCredentials = {
  username: planted.token('user name'),
  password: planted.password('password'),
};
const header: GitCredentials = {
  headers: { Authorization: `Bearer ${planted.token('bearer token')}` },
};

type Phase = BentRequest['kind'];

/** What a server says in place of git, with everything that it was sent. */
type Answer = (
  echo: string,
  request: BentRequest,
) => Partial<BentAnswer> | 'reset';

type Table = { [what: string]: Answer };

const ofGit =
  (...packets: ((echo: string) => string | Buffer)[]): Answer =>
  (echo, { method, path }) => {
    const [service] = /git-(?:upload|receive)-pack/.exec(path) ?? [];
    const kind = method === 'GET' ? 'advertisement' : 'result';
    const start =
      method === 'GET' ? [pkt(`# service=${service}\n`), FLUSH] : [];
    const body = packets.map(write => pkt(write(echo.slice(0, 60_000))));
    return {
      headers: { 'content-type': `application/x-${service}-${kind}` },
      body: Buffer.concat([...start, ...body, FLUSH]),
    };
  };

const status =
  (code: number, type = 'text/plain'): Answer =>
  echo => ({
    status: code,
    headers: { 'content-type': type },
    body: Buffer.from(echo),
  });

const redirect =
  (to: (echo: string, path: string) => string): Answer =>
  (echo, { path }) => ({
    status: 301,
    headers: { location: to(inHeader(echo).slice(0, 3000), path) },
  });

const anywhere: Table = {
  'an ERR line': ofGit(echo => `ERR ${echo}\n`),
  'status 401': status(401),
  'status 403': status(403),
  'status 404': status(404),
  'status 500': status(500),
  'another content type': echo => ({
    headers: { 'content-type': inHeader(echo).slice(0, 4000) },
  }),
  'what is no packet': (echo, request) => {
    const answer = ofGit(() => '')(echo, request);
    return answer === 'reset' ? answer : { ...answer, body: Buffer.from(echo) };
  },
  'a redirect to a page': redirect(echo => `/login?next=${echo}`),
  'a redirect into nothing': redirect(
    (echo, path) => `http://127.0.0.1:1/${echo}${path}`,
  ),
  'a redirect with a user': redirect(
    (echo, path) => `http://${encodeURIComponent(echo)}@127.0.0.1:1${path}`,
  ),
};

const looks: Table = {
  ...anywhere,
  'a bad object name': ofGit(
    echo => `${echo.slice(0, 1000)} refs/heads/main\n`,
  ),
  'a line without a name': ofGit(echo => `${'1'.repeat(40)}\0${echo}\n`),
  'another object format': ofGit(
    echo => `${'1'.repeat(40)} refs/heads/main\0object-format=${echo}\n`,
  ),
};

const fetches: Table = {
  ...anywhere,
  'words on band 3': ofGit(
    echo => `\u0002${echo}\n`,
    echo => `\u0003${echo}\n`,
  ),
  'a broken pack': ofGit(
    () => 'NAK\n',
    echo => `\u0001PACK${echo}`,
  ),
  'a shallow line': ofGit(
    echo => `shallow ${echo}\n`,
    () => 'NAK\n',
  ),
};

const report = (...lines: ((echo: string) => string)[]): Answer =>
  ofGit(
    echo => `\u0002${echo}\n`,
    echo =>
      Buffer.concat([
        Buffer.from([1]),
        ...lines.map(line => pkt(line(echo))),
        FLUSH,
      ]),
  );

const pushes: Table = {
  ...anywhere,
  'words on band 3': ofGit(
    echo => `\u0002${echo}\n`,
    echo => `\u0003${echo}\n`,
  ),
  'a failure to unpack': report(
    echo => `unpack ${echo}\n`,
    () => 'ng refs/heads/main x\n',
  ),
  'a refusal': report(
    () => 'unpack ok\n',
    echo => `ng refs/heads/main ${echo}\n`,
  ),
  'no report': report(echo => `${echo}\n`),
  'a report of another branch': report(
    () => 'unpack ok\n',
    echo => `ng refs/heads/${echo}\n`,
  ),
};

let root: string;
let server: BentGitServer;
let transport: HttpTransport;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'image-scan-secrets-'));
  server = await BentGitServer.start();
  await server.git.createRepository('app', { 'a.yaml': 'a: 1\n' });
  transport = createHttpTransport({
    hosts: [{ host: server.host, insecure: true }],
  });
});

afterAll(async () => {
  transport?.close();
  await server?.stop();
  rmSync(root, { recursive: true, force: true });
});

/** Everything that an error has, also what its text does not show. */
async function failureOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    return inspect(error, {
      depth: 30,
      showHidden: true,
      maxStringLength: null,
    });
  }
  throw new Error('It did not fail');
}

function remoteWith(credentials: GitCredentials): WorkTreeRemote {
  return {
    url: server.url('app'),
    transport,
    credentials: async () => credentials,
  };
}

const newFolder = () => mkdtempSync(join(root, 'clone-'));

describe.each<[string, Phase, Table]>([
  ['the look of a clone', 'look', looks],
  ['the fetch of a clone', 'version 0', fetches],
  ['the look of a push', 'look to push', looks],
  ['a push', 'push', pushes],
])('credentials are not in what fails at %s', (_, phase, answers) => {
  let workTree: GitWorkTree;
  let commit: WorkTreeCommit | undefined;

  beforeAll(async () => {
    server.bends = {};
    const folder = newFolder();
    workTree = await GitWorkTree.clone({ folder, remote: remoteWith(pair) });
    writeFileSync(join(folder, 'a.yaml'), 'a: 2\n');
    commit = await workTree.commit({
      files: ['a.yaml'],
      message: 'Change it',
      author: { name: 'A', email: 'a@example.com' },
      time: new Date(1_700_000_000_000),
    });
  });

  const work = (remote: WorkTreeRemote) =>
    phase === 'look' || phase === 'version 0'
      ? GitWorkTree.clone({ folder: newFolder(), remote })
      : workTree.push(commit!, remote, 'main');

  it.each<[string, Answer, GitCredentials]>([
    ...Object.entries(answers).map(
      ([name, answer]): [string, Answer, GitCredentials] => [
        name,
        answer,
        pair,
      ],
    ),
    ['an ERR line that holds a header', anywhere['an ERR line'], header],
    ['status 401 and a header', anywhere['status 401'], header],
  ])('with %s', async (__, answer, credentials) => {
    let echoed = '';
    server.bends = {
      before(request) {
        if (request.kind !== phase) {
          return undefined;
        }
        echoed = echoOf(broughtBy(request));
        return answer(echoed, request);
      },
    };
    const failure = await failureOf(() => work(remoteWith(credentials)));
    // There was something to hide.
    expect(planted.find(echoed)).not.toEqual([]);
    expect(planted.find(failure)).toEqual([]);
    expect(failure).toContain(server.host);
  });
});
