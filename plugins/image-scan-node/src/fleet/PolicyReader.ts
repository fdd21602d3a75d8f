import {
  explainUnfiltered,
  policyWarnings,
  SemverRange,
} from 'backstage-plugin-image-scan-common';
import type {
  AlphabeticalOrder,
  ImagePolicy,
  NumericalOrder,
  SemverStep,
  TagRule,
} from 'backstage-plugin-image-scan-common';
import { isMap } from 'yaml';
import type { Field } from './DefinitionDocument';
import type { FieldReader } from './FieldReader';
import { quote } from './printable';

type TagFilters = Omit<TagRule, 'policy'>;

/** Reads the policy of an entry. */
export class PolicyReader {
  readonly #reader: FieldReader;
  readonly #warnings: string[];
  readonly #warnAboutFleet: (key: string) => void;

  /**
   * @param warnings - of the entry, which others are added to
   * @param warnAboutFleet - for a key that Fleet does not know and that changes what is
   * chosen
   */
  constructor(
    reader: FieldReader,
    warnings: string[],
    warnAboutFleet: (key: string) => void,
  ) {
    this.#reader = reader;
    this.#warnings = warnings;
    this.#warnAboutFleet = warnAboutFleet;
  }

  read(field: Field | undefined, filters: TagFilters): ImagePolicy {
    const fields = this.#reader.optionalMap(
      field,
      'policy',
      ['semver', 'alphabetical', 'numerical', 'newest'],
      '{semver: {range: "*"}}',
    );
    const semver = this.#readSemver(fields.get('semver'));
    const alphabetical = this.#readAlphabetical(fields.get('alphabetical'));
    const numerical = this.#readNumerical(fields.get('numerical'));
    const newest = this.#readNewest(fields.get('newest'));
    const policy: ImagePolicy = {
      ...(semver && { semver }),
      ...(alphabetical && { alphabetical }),
      ...(numerical && { numerical }),
      ...(newest && { newest }),
    };
    if (filters.filterTags && alphabetical?.order && !semver) {
      this.#warnings.push(
        `policy.alphabetical.order ${alphabetical.order} takes the ${
          alphabetical.order === 'desc' ? 'largest' : 'smallest'
        } value, as in Fleet; Flux means the opposite by it.`,
      );
    }
    const problem = explainUnfiltered({ policy, ...filters });
    if (problem !== undefined) {
      this.#reader.fail('policy.newest', problem, fields.get('newest'));
    }
    this.#warnings.push(...policyWarnings(policy));
    return policy;
  }

  #readSemver(field: Field | undefined): ImagePolicy['semver'] {
    const name = 'policy.semver';
    if (!field?.value) {
      return undefined;
    }
    const fields = this.#reader.optionalMap(
      field,
      name,
      ['range', 'strict', 'maxStep'],
      '{range: "^1.2"}',
    );
    if (!isMap(field.value)) {
      return undefined;
    }
    const range = this.#reader.requireText(
      fields.get('range') ?? { ...field, value: undefined },
      `${name}.range`,
      'a range such as "*" or "^1.2"',
    );
    if (range) {
      this.#reader.attempt(`${name}.range`, fields.get('range'), () =>
        SemverRange.parse(range),
      );
    }
    const strict = this.#reader.optionalBoolean(
      fields.get('strict'),
      `${name}.strict`,
    );
    if (strict) {
      this.#warnAboutFleet(`${name}.strict`);
    }
    const maxStep = this.#readMaxStep(fields.get('maxStep'));
    // Only what is set, so that a policy without it is the one it was.
    return { range, ...(strict && { strict }), ...(maxStep && { maxStep }) };
  }

  /** Any step, the default, is none that is set. */
  #readMaxStep(field: Field | undefined): SemverStep | undefined {
    const name = 'policy.semver.maxStep';
    const text = this.#reader
      .optionalText(field, name, 'patch, minor or major')
      ?.toLowerCase();
    if (text === 'patch' || text === 'minor') {
      this.#warnAboutFleet(name);
      return text;
    }
    if (text !== undefined && text !== 'major') {
      this.#reader.fail(
        name,
        `${quote(text)} is not allowed; write patch, minor or major`,
        field,
      );
    }
    return undefined;
  }

  #readNewest(field: Field | undefined): Record<string, never> | undefined {
    const name = 'policy.newest';
    if (!field) {
      return undefined;
    }
    if (!field.value) {
      this.#reader.fail(name, 'is empty; write newest: {}', field);
      return undefined;
    }
    this.#warnAboutFleet(name);
    this.#reader.optionalMap(field, name, [], '{}');
    return {};
  }

  #readAlphabetical(
    field: Field | undefined,
  ): { order?: AlphabeticalOrder } | undefined {
    return this.#readOrdered(
      field,
      'policy.alphabetical',
      '{order: desc}',
      'desc for the largest tag or asc for the smallest',
    );
  }

  #readNumerical(
    field: Field | undefined,
  ): { order?: NumericalOrder } | undefined {
    const name = 'policy.numerical';
    if (field?.value) {
      this.#warnAboutFleet(name);
    }
    return this.#readOrdered(
      field,
      name,
      '{order: asc}',
      'asc for the largest number or desc for the smallest',
    );
  }

  #readOrdered(
    field: Field | undefined,
    name: string,
    example: string,
    effect: string,
  ): { order?: 'asc' | 'desc' } | undefined {
    if (!field?.value) {
      return undefined;
    }
    const fields = this.#reader.optionalMap(field, name, ['order'], example);
    const order = fields.get('order');
    const text = this.#reader
      .optionalText(order, `${name}.order`, 'asc or desc')
      ?.toLowerCase();
    if (!text) {
      return {};
    }
    if (text === 'asc' || text === 'desc') {
      return { order: text };
    }
    this.#reader.fail(
      `${name}.order`,
      `${quote(text)} is not allowed; write ${effect}`,
      order,
    );
    return {};
  }
}
