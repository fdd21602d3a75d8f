import type { UpdateChange } from 'backstage-plugin-image-scan-common';
import {
  checkMessageTemplate,
  nameRequester,
  renderCommitMessage,
} from './commitMessage';

const change = (overrides: Partial<UpdateChange>): UpdateChange => ({
  file: 'apps/redis.yaml',
  line: 12,
  tagName: 'redis',
  imageScanId: 'id-redis',
  form: 'tag',
  from: '7.2.4',
  to: '7.4.0',
  ...overrides,
});
const context = {
  gitRepo: 'my-repo',
  branch: 'main',
  changes: [
    change({}),
    change({ line: 30 }),
    change({ tagName: 'web', imageScanId: 'id-web', file: 'web.yaml' }),
  ],
};

describe('renderCommitMessage', () => {
  it.each([
    ['update image', 'update image'],
    ['{{gitRepo}} {{ branch }}', 'my-repo main'],
    ['{{count}} values of {{ scans }}', '3 values of redis, web'],
    ['{{ images }}', '- redis: 7.2.4 -> 7.4.0\n- web: 7.2.4 -> 7.4.0'],
    [
      'bump\n\n{{changes}}\n',
      'bump\n\n- apps/redis.yaml:12 redis: 7.2.4 -> 7.4.0\n- apps/redis.yaml:30 redis: 7.2.4 -> 7.4.0\n- web.yaml:12 web: 7.2.4 -> 7.4.0\n',
    ],
    ['${branch} $& {branch}', '${branch} $& {branch}'],
  ])('renders %j', (template, expected) => {
    expect(renderCommitMessage(template, context)).toBe(expected);
  });

  it('tells the step of a scan in tags, where these differ', () => {
    const images = (from: string, to: string) =>
      renderCommitMessage('{{ images }}', {
        ...context,
        changes: [change({ form: 'digest', from, to })],
      });
    expect(images('redis:7.2.4@sha256:a', 'redis:7.4.0@sha256:b')).toBe(
      '- redis: 7.2.4 -> 7.4.0',
    );
    expect(images('redis:7.4.0@sha256:a', 'redis:7.4.0@sha256:b')).toBe(
      '- redis: redis:7.4.0@sha256:a -> redis:7.4.0@sha256:b',
    );
  });

  it('leaves a value that looks like a variable or a pattern as it is', () => {
    const changes = [change({ file: "{{branch}}$&$'.yaml" })];
    expect(renderCommitMessage('{{ changes }}', { ...context, changes })).toBe(
      "- {{branch}}$&$'.yaml:12 redis: 7.2.4 -> 7.4.0",
    );
  });

  it.each(['{{ author }}', '{{}}', '{{ constructor }}', '{{ .Changed }}'])(
    'refuses %s and names what there is',
    template => {
      expect(() => checkMessageTemplate(`a ${template}`)).toThrow(
        `${template} is not a variable of a commit message; known: gitRepo, branch, count, scans, images, changes`,
      );
      expect(() => renderCommitMessage(template, context)).toThrow(
        'is not a variable',
      );
    },
  );

  it.each(['', ' \n\t'])('refuses the empty message %j', template => {
    expect(() => renderCommitMessage(template, context)).toThrow(
      'a commit message cannot be empty',
    );
  });
});

describe('nameRequester', () => {
  const ADA = 'user:default/ada';

  it.each([
    ['update image', 'update image\n\nRequested-by: user:default/ada'],
    ['fix: web', 'fix: web\n\nRequested-by: user:default/ada'],
    [
      'update image\n\nSigned-off-by: Bot <b@example.com>\n',
      'update image\n\nSigned-off-by: Bot <b@example.com>\nRequested-by: user:default/ada',
    ],
    [
      'update image\n\n- web: 1 -> 2',
      'update image\n\n- web: 1 -> 2\n\nRequested-by: user:default/ada',
    ],
  ])('names who asked at the end of %j', (message, expected) => {
    expect(nameRequester(message, ADA)).toBe(expected);
    // What was edited comes with the name.
    expect(nameRequester(expected, ADA)).toBe(expected);
  });

  it('lets a message name nobody else', () => {
    expect(
      nameRequester('a\n\nRequested-by: user:default/eve\nAcked-by: bob', ADA),
    ).toBe('a\n\nAcked-by: bob\nRequested-by: user:default/ada');
  });
});
