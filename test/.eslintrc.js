const withDialect = require('../.eslint-dialect');

module.exports = withDialect(
  require('@backstage/cli/config/eslint-factory')(__dirname, {
    rules: {
      // What crosses plugins is tested here, with the plugins themselves.
      '@backstage/no-mixed-plugin-imports': 'off',
      // These hold what is one thing for many tests.
      'jest/expect-expect': [
        'warn',
        { assertFunctionNames: ['expect', 'fuzz*', 'live', 'liveAt'] },
      ],
    },
  }),
);
