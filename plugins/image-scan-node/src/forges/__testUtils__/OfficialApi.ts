import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import type { ValidateFunction } from 'ajv';
import { isObject } from '../../json';
import type { RecordedRequest } from './FakeForge';

type Node = Record<string, unknown>;

interface Operation {
  shared: unknown[];
  operation: Node;
}

/** Says nothing of what is written, or cannot be checked. */
const DROPPED = new Set(['format', 'discriminator', 'xml', 'example', 'title']);

export interface OfficialApiOptions {
  /** Where the API begins in the fake's paths. */
  api: string;
  /** What stands for it in the paths of the description. */
  described?: string;
  /** Query parameters that the forge's other pages describe. */
  moreQuery?: readonly string[];
  /** Fields that its other pages describe, or make optional. */
  moreFields?: readonly string[];
  optional?: readonly string[];
  /** Where answers have a list that is described without what is around it. */
  listKey?: string;
}

/**
 * What a forge's own description (OpenAPI 3 or Swagger 2) says of requests and answers.
 * As published it leaves every object open, so that a misspelt name passes: here no object
 * may have fields that are not described.
 */
export class OfficialApi {
  readonly #document: Node;
  readonly #options: OfficialApiOptions;
  readonly #ajv = new Ajv({ strict: false, allErrors: true });
  readonly #checks = new Map<string, ValidateFunction>();

  constructor(file: string, options: OfficialApiOptions) {
    const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    this.#document = asNode(JSON.parse(text));
    this.#options = options;
  }

  /** What is wrong with a request and its answer; undefined where nothing describes it. */
  check(request: RecordedRequest): string[] | undefined {
    const found = this.#find(request);
    if (!found) {
      return undefined;
    }
    const { operation } = found;
    const parameters = [...found.shared, ...asList(operation.parameters)].map(
      parameter => this.#resolve(asNode(parameter)),
    );
    const known = [
      ...parameters.filter(({ in: place }) => place === 'query'),
      ...(this.#options.moreQuery ?? []).map(name => ({ name })),
    ].map(({ name }) => name);
    const where = `${request.method} ${request.path}`;
    const missing = parameters.filter(
      ({ in: place, required, name }) =>
        place === 'query' &&
        required === true &&
        !request.query.some(([given]) => given === name),
    );
    return [
      ...request.query
        .filter(([name]) => !known.includes(name))
        .map(([name]) => `${where}: no parameter ${name}`),
      ...missing.map(({ name }) => `${where}: parameter ${name} is missing`),
      ...this.#checkBody(where, operation, parameters, request.body),
      ...this.#checkAnswer(where, operation, request),
    ];
  }

  #checkBody(
    where: string,
    operation: Node,
    parameters: Node[],
    body: unknown,
  ): string[] {
    const inBody = parameters.find(({ in: place }) => place === 'body');
    const schema = inBody
      ? inBody.schema
      : schemaOf(asNode(operation.requestBody ?? {}));
    if (body === undefined || isEmpty(body)) {
      return [];
    }
    return schema === undefined
      ? [`${where}: a body that is not described`]
      : this.#validate(`${where} sent`, schema, body, false);
  }

  #checkAnswer(
    where: string,
    operation: Node,
    { status, answer }: RecordedRequest,
  ): string[] {
    const answers = asNode(operation.responses);
    const described = Object.keys(answers).filter(key => key.startsWith('2'));
    if (status >= 300 || answer === undefined) {
      return [];
    }
    const key = described.includes(String(status)) ? status : described[0];
    const response = this.#resolve(asNode(answers[key]));
    const schema = response.schema ?? schemaOf(response);
    const { listKey } = this.#options;
    const told =
      listKey && isObject(answer) && Array.isArray(answer[listKey])
        ? answer[listKey]
        : answer;
    return schema === undefined
      ? []
      : this.#validate(`${where} answered`, schema, told, true);
  }

  #validate(
    what: string,
    schema: unknown,
    value: unknown,
    isPartial: boolean,
  ): string[] {
    const key = `${isPartial} ${JSON.stringify(schema)}`;
    let check = this.#checks.get(key);
    if (!check) {
      const definitions = {
        ...asNode(this.#document.definitions ?? {}),
        ...asNode(asNode(this.#document.components ?? {}).schemas ?? {}),
      };
      const close = (node: unknown) => this.#close(node, isPartial);
      check = this.#ajv.compile({
        ...asNode(close(schema)),
        $defs: Object.fromEntries(
          Object.entries(definitions).map(([name, node]) => [
            name,
            close(node),
          ]),
        ),
      });
      this.#checks.set(key, check);
    }
    return check(value)
      ? []
      : (check.errors ?? [])
          // That it is not null either says nothing.
          .filter(
            ({ params, keyword }) =>
              params.type !== 'null' && keyword !== 'anyOf',
          )
          .map(
            ({ instancePath, message, params }) =>
              `${what} ${instancePath} ${message} ${JSON.stringify(params)}`,
          );
  }

  /** The schema for ajv, without room for fields that are not described. */
  #close(schema: unknown, isPartial: boolean): unknown {
    if (Array.isArray(schema)) {
      return schema.map(part => this.#close(part, isPartial));
    }
    if (!isObject(schema)) {
      return schema;
    }
    if (typeof schema.$ref === 'string') {
      const name = schema.$ref.split('/').at(-1);
      return { $ref: `#/$defs/${name}` };
    }
    const { allOf, oneOf, nullable, properties, required, ...rest } =
      this.#merged(schema);
    const closed: Node = Object.fromEntries(
      Object.entries(rest)
        .filter(([key]) => !DROPPED.has(key))
        .map(([key, value]) => [
          key,
          ['items', 'anyOf', 'additionalProperties'].includes(key)
            ? this.#close(value, isPartial)
            : value,
        ]),
    );
    if (oneOf !== undefined) {
      closed.anyOf = this.#close(oneOf, isPartial);
    }
    if (isObject(properties) && Object.keys(properties).length > 0) {
      closed.properties = Object.fromEntries([
        ...(this.#options.moreFields ?? []).map(name => [name, {}]),
        ...Object.entries(properties).map(([name, node]) => [
          name,
          this.#close(node, isPartial),
        ]),
      ]);
      closed.additionalProperties = false;
    }
    // The fake tells only what is read.
    if (!isPartial && Array.isArray(required)) {
      closed.required = required.filter(
        name => !this.#options.optional?.includes(name),
      );
    }
    return nullable === true || isPartial ? orNull(closed) : closed;
  }

  /** The parts of `allOf` as one, since each of them alone would refuse the others. */
  #merged(schema: Node): Node {
    const parts = asList(schema.allOf).map(part =>
      this.#merged(this.#resolve(asNode(part))),
    );
    const all = [...parts, schema];
    return {
      ...Object.assign({}, ...all),
      ...(all.some(part => isObject(part.properties))
        ? {
            properties: Object.assign(
              {},
              ...all.map(part => part.properties ?? {}),
            ),
          }
        : {}),
      required: all.flatMap(part => asList(part.required)),
    };
  }

  #resolve(node: Node): Node {
    if (typeof node.$ref !== 'string') {
      return node;
    }
    const target = node.$ref
      .split('/')
      .slice(1)
      .reduce((at, key) => asNode(at[key]), this.#document);
    return this.#resolve(target);
  }

  #find({ method, path }: RecordedRequest): Operation | undefined {
    const { api, described = '' } = this.#options;
    const wanted = `${described}${path.slice(api.length)}`.split('/');
    for (const [template, item] of Object.entries(
      asNode(this.#document.paths),
    )) {
      const parts = template.split('/');
      const matches =
        parts.length === wanted.length &&
        parts.every((part, at) => part.startsWith('{') || part === wanted[at]);
      const operation = asNode(item)[method.toLowerCase()];
      if (matches && operation !== undefined) {
        return {
          shared: asList(asNode(item).parameters),
          operation: asNode(operation),
        };
      }
    }
    return undefined;
  }
}

function asNode(value: unknown): Node {
  if (!isObject(value)) {
    throw new Error(`The description has ${JSON.stringify(value)} for a map`);
  }
  return value;
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function schemaOf(node: Node): unknown {
  const content = asNode(node.content ?? {});
  const [media] = Object.values(content);
  return media === undefined ? undefined : asNode(media).schema;
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

function orNull(schema: Node): Node {
  return {
    anyOf: [schema, { type: 'null' }],
  };
}
