import * as ts from 'typescript';

/** A change of one place of a source file that a test should notice. */
export interface Mutation {
  /** Where the replaced text begins and ends. */
  start: number;
  end: number;
  replacement: string;
  line: number;
  /** What was done, for people. */
  description: string;
}

const OPPOSITES: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.BarBarToken]: '&&',
  [ts.SyntaxKind.PlusToken]: '-',
  [ts.SyntaxKind.MinusToken]: '+',
  [ts.SyntaxKind.AsteriskToken]: '/',
  [ts.SyntaxKind.PlusEqualsToken]: '-=',
};

/** Calls whose result is an array as well without them. */
const LEFT_OUT_CALLS = ['filter', 'slice', 'sort', 'reverse', 'flat'];

/**
 * All mutations of a source file that leave it a program. Types, imports and the
 * texts of messages are left alone: no test should depend on these words.
 */
export function listMutations(name: string, text: string): Mutation[] {
  const source = ts.createSourceFile(
    name,
    text,
    ts.ScriptTarget.Latest,
    true,
    name.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const mutations: Mutation[] = [];
  const add = (node: ts.Node, replacement: string, description: string) =>
    mutations.push({
      start: node.getStart(),
      end: node.getEnd(),
      replacement,
      line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      description,
    });

  const visit = (node: ts.Node): void => {
    if (
      ts.isTypeNode(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isImportDeclaration(node) ||
      ts.isExportDeclaration(node)
    ) {
      return;
    }
    if (ts.isBinaryExpression(node)) {
      const { left, operatorToken, right } = node;
      const opposite = OPPOSITES[operatorToken.kind];
      if (opposite && !isText(left) && !isText(right)) {
        add(
          operatorToken,
          opposite,
          `${operatorToken.getText()} → ${opposite}`,
        );
      }
      if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
        add(node, `(${right.getText()})`, 'the default always');
      }
    }
    if (ts.isIfStatement(node)) {
      add(
        node.expression,
        `!(${node.expression.getText()})`,
        'not the condition',
      );
    }
    if (ts.isConditionalExpression(node)) {
      add(node.condition, `!(${node.condition.getText()})`, 'the other branch');
    }
    if (ts.isPrefixUnaryExpression(node)) {
      const { operator, operand } = node;
      if (operator === ts.SyntaxKind.ExclamationToken) {
        add(node, operand.getText(), 'without !');
      }
    }
    if (node.kind === ts.SyntaxKind.TrueKeyword) {
      add(node, 'false', 'true → false');
    }
    if (node.kind === ts.SyntaxKind.FalseKeyword) {
      add(node, 'true', 'false → true');
    }
    if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent)) {
      const more = node.text === '0' ? '1' : `(${node.getText()} + 1)`;
      if (
        ts.isExpression(node.parent) ||
        ts.isVariableDeclaration(node.parent)
      ) {
        add(node, more, `${node.getText()} → ${more}`);
      }
    }
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression)
    ) {
      const { name: called, expression } = node.expression;
      if (LEFT_OUT_CALLS.includes(called.text)) {
        add(node, expression.getText(), `without .${called.text}()`);
      }
    }
    if (ts.isExpressionStatement(node) && doesSomething(node.expression)) {
      add(node, ';', 'without the statement');
    }
    if (ts.isSpreadAssignment(node)) {
      add(node, '...{}', 'without the spread properties');
    }
    if (
      (ts.isPropertyAssignment(node) ||
        ts.isShorthandPropertyAssignment(node)) &&
      !ts.isObjectBindingPattern(node.parent)
    ) {
      add(node, '...{}', `without the property ${node.name.getText()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutations;
}

/** The file with one mutation. */
export function applyMutation(text: string, mutation: Mutation): string {
  const { start, end, replacement } = mutation;
  return text.slice(0, start) + replacement + text.slice(end);
}

function isText(node: ts.Expression): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

/** What is more than telling somebody: a log line is no behaviour that tests hold. */
function doesSomething(expression: ts.Expression): boolean {
  const called = ts.isAwaitExpression(expression)
    ? expression.expression
    : expression;
  if (ts.isBinaryExpression(called)) {
    return called.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  }
  return (
    ts.isCallExpression(called) &&
    called.expression.kind !== ts.SyntaxKind.SuperKeyword &&
    !/logger/i.test(called.expression.getText())
  );
}
