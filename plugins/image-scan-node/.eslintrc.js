const withDialect = require('../../.eslint-dialect');

module.exports = withDialect(
  require('@backstage/cli/config/eslint-factory')(__dirname),
);
