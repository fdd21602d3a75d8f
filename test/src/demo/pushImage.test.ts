import { MemoryRegistry } from '../servers/MemoryRegistry';
import { listTags, pushImage } from './pushImage';

describe('pushImage', () => {
  const credentials = { username: 'demo', password: 'right' };

  it('adds a tag to a registry that asks for a password', async () => {
    const registry = await MemoryRegistry.start({ credentials });
    try {
      registry.push('shop/web', '1.0.0');
      const target = {
        registryUrl: registry.url,
        repository: 'shop/web',
        ...credentials,
      };

      const digest = await pushImage(target, '1.1.0');

      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      await expect(listTags(target)).resolves.toEqual(['1.0.0', '1.1.0']);
      await expect(
        pushImage({ ...target, password: 'wrong' }, '1.2.0'),
      ).rejects.toThrow('The registry answered 401');
    } finally {
      await registry.stop();
    }
  });
});
