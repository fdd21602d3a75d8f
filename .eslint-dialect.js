/**
 * The dialect of this project beside what Backstage's configuration asks for: one
 * way to say what is private, what is only a type and what is a literal constant.
 */
const LITERAL =
  ':matches(Literal, UnaryExpression > Literal, TemplateLiteral[expressions.length=0])';

const DIALECT = [
  {
    selector:
      ":matches(PropertyDefinition, MethodDefinition[kind!='constructor'])[accessibility='private']",
    message: 'Write #name: what is private to a class stays so at run time.',
  },
  {
    selector: 'TSParameterProperty',
    message:
      'Declare the field, so that the head of the class says what it holds.',
  },
  {
    selector: `:matches(Program, ExportNamedDeclaration) > VariableDeclaration[kind='const'] > VariableDeclarator[id.type='Identifier'][id.name=/[a-z]/] > ${LITERAL}.init`,
    message:
      'Name a constant of a module whose value is a literal in SCREAMING_CASE.',
  },
];

function restrict(rules) {
  const [severity, ...selectors] = rules['no-restricted-syntax'] ?? ['error'];
  return {
    ...rules,
    // Backstage warns in its frontends only; lint here takes no warning either way.
    'no-restricted-syntax': [
      severity === 'warn' ? 'error' : severity,
      ...selectors,
      ...DIALECT,
    ],
  };
}

/** @param config What Backstage's eslint-factory made for a package. */
module.exports = config => ({
  ...config,
  rules: {
    ...restrict(config.rules),
    '@typescript-eslint/consistent-type-imports': [
      'error',
      { fixStyle: 'inline-type-imports' },
    ],
    // An import of types alone must not load the module.
    '@typescript-eslint/no-import-type-side-effects': 'error',
  },
  overrides: config.overrides.map(override =>
    override.rules['no-restricted-syntax']
      ? { ...override, rules: restrict(override.rules) }
      : override,
  ),
});
