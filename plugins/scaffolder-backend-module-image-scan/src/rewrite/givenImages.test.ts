import { InputError } from '@backstage/errors';
import { chooseGivenImages, parseImages } from './givenImages';

const digest = `sha256:${'a'.repeat(64)}`;

describe('parseImages', () => {
  it('takes images as users spell them, without what is written behind', () => {
    expect(
      parseImages({
        web: { image: 'nginx', tag: '1.27' },
        db: { image: 'host:5000/db:9', tag: '16', digest },
      }),
    ).toEqual(
      new Map([
        ['web', { image: 'nginx', tag: '1.27' }],
        ['db', { image: 'host:5000/db', tag: '16', digest }],
      ]),
    );
  });

  it.each([
    ['an empty name', { '': { image: 'a', tag: '1' } }, 'tagName'],
    ['a form as name', { 'web:tag': { image: 'a', tag: '1' } }, 'tagName'],
    ['a tag', { web: { image: 'a', tag: '1\n' } }, '"web": tag'],
    ['an empty tag', { web: { image: 'a', tag: '' } }, '"web": tag'],
    ['a scheme', { web: { image: 'https://a/b', tag: '1' } }, '"web": image'],
    ['an image', { web: { image: 'a b # x', tag: '1' } }, '"web": image'],
    [
      'a digest',
      { web: { image: 'a', tag: '1', digest: 'sha256:1' } },
      '"web": digest',
    ],
  ])('refuses %s', (_, input, message) => {
    const parse = () => parseImages(input);
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(message);
  });
});

describe('chooseGivenImages', () => {
  it('reports markers without an image, and images without a marker', () => {
    const images = parseImages({
      web: { image: 'nginx', tag: '1' },
      unused: { image: 'redis', tag: '1' },
    });
    const choice = chooseGivenImages(
      [
        {
          file: 'a.yaml',
          source: Buffer.from(''),
          markers: [
            { line: 1, tagName: 'web', form: 'tag', current: '0' },
            { line: 2, tagName: 'Web', form: 'tag', current: '0' },
          ],
        },
      ],
      images,
    );
    expect(choice.imagesIn.get('a.yaml')).toBe(images);
    expect(choice.problems).toEqual([
      {
        file: 'a.yaml',
        line: 2,
        tagName: 'Web',
        message: expect.stringContaining('no image is given'),
      },
    ]);
    expect(choice.warnings).toEqual([
      'No marker refers to the image of unused',
    ]);
  });
});
