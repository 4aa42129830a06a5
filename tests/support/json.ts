/** A JSON object as it is read from or sent over the wire. */
export type Fields = { readonly [key: string]: unknown };

/** Whether a value is a JSON object: neither null nor a list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a value deep inside JSON, or undefined when something on the way is missing. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value;
  for (const step of path) {
    if (Array.isArray(here)) here = here[Number(step)];
    else here = isFields(here) && Object.hasOwn(here, String(step)) ? here[String(step)] : undefined;
  }
  return here;
}
