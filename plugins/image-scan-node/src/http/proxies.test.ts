import { proxyFor } from './proxies';

const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap(
  name => [name, name.toLowerCase()],
);
const before = { ...process.env };

beforeEach(() => {
  names.forEach(name => delete process.env[name]);
  process.env.HTTPS_PROXY = 'http://proxy:3128';
});
afterAll(() => {
  names.forEach(name => delete process.env[name]);
  Object.assign(process.env, before);
});

it.each([
  ['10.0.0.0/8', 'https://10.1.2.3:5000/v2/'],
  ['a.com,10.1.2.0/24', 'https://10.1.2.3/'],
  ['10.0.0.0/8', 'https://[::ffff:10.1.2.3]/'],
  ['fd00::/8', 'https://[fd12::1]:5000/'],
  ['10.1.2.3', 'https://10.1.2.3:5000/'],
  ['10.1.2.3:5000', 'https://10.1.2.3:5000/'],
  ['example.com', 'https://registry.example.com/'],
  ['example.com', 'https://example.com/'],
  ['.example.com', 'https://registry.example.com/'],
  ['*.example.com', 'https://registry.example.com/'],
  ['registry.example.com:5000', 'https://registry.example.com:5000/'],
  ['example.com:5000', 'https://registry.example.com:5000/'],
  ['example.com:443', 'https://registry.example.com/'],
  ['registry.example.com', 'https://registry.example.com:5000/'],
  ['a.com, registry.example.com', 'https://registry.example.com/'],
  ['a.com registry.example.com', 'https://registry.example.com/'],
  ['REGISTRY.example.com', 'https://registry.example.com/'],
  ['svc,cluster.local', 'https://harbor.harbor.svc.cluster.local/'],
  ['svc', 'https://harbor.harbor.svc/'],
  ['[::1]', 'https://[::1]:5000/'],
  ['[::1]:5000', 'https://[::1]:5000/'],
  ['::1', 'https://[::1]:5000/'],
  ['0:0:0:0:0:0:0:1', 'https://[::1]/'],
  ['*', 'https://registry.example.com/'],
  ['a.com,*', 'https://10.1.2.3/'],
  ['bücher.example', 'https://www.xn--bcher-kva.example/'],
])('NO_PROXY=%s leaves the proxy out for %s', (list, url) => {
  process.env.NO_PROXY = list;
  expect(proxyFor(url)).toBe('');
  delete process.env.NO_PROXY;
  process.env.no_proxy = list;
  expect(proxyFor(url)).toBe('');
});

it.each([
  ['', 'https://registry.example.com/'],
  [',, ,', 'https://registry.example.com/'],
  ['.example.com', 'https://example.com/'],
  ['example.com', 'https://notexample.com/'],
  ['example.com', 'https://example.com.evil.example/'],
  ['example.com:5000', 'https://registry.example.com/'],
  ['192.168.1.*', 'https://192.168.1.7/'],
  ['10.', 'https://10.1.2.3/'],
  ['2.3', 'https://10.1.2.3/'],
  ['10.0.0.0/8', 'https://11.1.2.3/'],
  ['10.0.0.0/8', 'https://registry.example.com/'],
  ['10.0.0.0/33', 'https://10.1.2.3/'],
  ['10.0.0.0/', 'https://10.1.2.3/'],
  ['fd00::/8', 'https://10.1.2.3/'],
  ['/8', 'https://10.1.2.3/'],
  ['[::2]', 'https://[::1]:5000/'],
  ['[::1]:5001', 'https://[::1]:5000/'],
  [':443', 'https://registry.example.com/'],
  ['.', 'https://registry.example.com/'],
  ['com.', 'https://com.example/'],
])('NO_PROXY=%s does not for %s', (list, url) => {
  process.env.NO_PROXY = list;
  expect(proxyFor(url)).toBe('http://proxy:3128');
});

it('has no proxy where none is named', () => {
  delete process.env.HTTPS_PROXY;
  expect(proxyFor('https://registry.example.com/')).toBe('');
  process.env.https_proxy = 'http://other:1';
  expect(proxyFor('https://registry.example.com/')).toBe('http://other:1');
  expect(proxyFor('http://registry.example.com/')).toBe('');
});
