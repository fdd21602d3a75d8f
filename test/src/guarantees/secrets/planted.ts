import { randomBytes } from 'node:crypto';

/** A credential that nothing but its own server may ever see. */
export interface PlantedSecret {
  /** Says where it was planted. */
  name: string;
  value: string;
  /** Two parts that are in no other text; either is enough to know it by. */
  cores: readonly string[];
}

/** What was found where it must not be. */
export interface FoundSecret {
  name: string;
  form: string;
  /** What stands around it. */
  context: string;
}

/** Characters that every encoding writes in its own way. */
const AWKWARD = `"ü/+&%<'\\ `;

/** Makes credentials that are easy to find again, and finds them. */
export class PlantedSecrets {
  readonly #secrets: PlantedSecret[] = [];

  /** A password, with characters that have to be escaped. */
  password(name: string): string {
    return this.#plant(name, AWKWARD);
  }

  /** A token or a user name, of characters that can be sent as they are. */
  token(name: string): string {
    return this.#plant(name, '.-_~');
  }

  /** Every planted credential in some bytes, by name and by the form it is in. */
  find(bytes: Buffer | string): FoundSecret[] {
    const text = Buffer.from(bytes).toString('latin1');
    const lower = text.toLowerCase();
    return this.#secrets.flatMap(({ name, cores }) =>
      cores.flatMap(core =>
        formsOf(core).flatMap(({ form, needle }) => {
          const at =
            form === 'plain' ? lower.indexOf(needle) : text.indexOf(needle);
          const context = text.slice(Math.max(0, at - 150), at + 80);
          return at < 0 ? [] : [{ name, form, context }];
        }),
      ),
    );
  }

  get names(): string[] {
    return this.#secrets.map(({ name }) => name);
  }

  #plant(name: string, between: string): string {
    const cores = [0, 1].map(() => `k${randomBytes(9).toString('hex')}`);
    const value = cores.join(between);
    this.#secrets.push({ name, value, cores });
    return value;
  }
}

/**
 * A core in plain text, which escapes for JSON, URLs, forms and HTML leave as it is, and
 * in base64 and hexadecimal of anything that it is a part of.
 */
function formsOf(core: string): { form: string; needle: string }[] {
  return [
    { form: 'plain', needle: core },
    { form: 'hexadecimal', needle: Buffer.from(core).toString('hex') },
    ...[0, 1, 2].map(shift => ({
      form: 'base64',
      needle: Buffer.from('x'.repeat(shift) + core)
        .toString('base64')
        // The first and last characters depend on the neighbours too.
        .slice(shift === 0 ? 0 : 4, -4),
    })),
  ];
}
