import { InputError, toError } from '@backstage/errors';

/** Lets what is thrown begin with the field that it is about. */
export function inField<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new InputError(`${field}: ${toError(error).message}`);
  }
}
