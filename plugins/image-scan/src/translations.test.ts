import module, { imageScanTranslations } from './translations';

describe('translations', () => {
  it('are a module of the app', () => {
    expect(module.$$type).toBe('@backstage/FrontendModule');
    expect(imageScanTranslations.id).toBe('image-scan');
  });
});
