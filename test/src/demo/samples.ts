/** The images of the demo registry and their tags, in the order of pushing. */
export const demoImages: Readonly<Record<string, readonly string[]>> = {
  'shop/web': [
    'latest',
    '1.9.4',
    '2.0.0',
    '2.1.0',
    '2.2.0',
    '2.3.0',
    '2.3.1',
    '2.3.2',
    '2.4.0-rc.1',
    '3.0.0-beta.2',
    '2.3.2-debug',
    'main',
  ],
  'shop/assets': ['20240805', '20240819', '20240902', '20240916'],
  // 1.9.0 is what git has, and is gone here.
  'shop/search': ['1.6.0', '1.7.0', '1.8.0', '1.8.1', '1.8.2'],
  'payments/api': [
    'v3.1.9',
    'v3.2.0',
    '3.2.4',
    '3.2.5',
    '3.2.6',
    '3.3.0',
    '4.0.0-alpha.1',
  ],
  'payments/ledger': ['1.18', '1.19', '1.20', 'nightly'],
  'payments/fraud': ['0.7.0', '0.7.1', '0.8.0'],
};

/** The image that `npm run demo:push-tag` pushes to without arguments. */
export const DEFAULT_IMAGE = 'shop/web';
