/** Starts a part of the story. */
export function heading(text: string): void {
  console.log(`\n── ${text}`);
}

/** One line below a heading. */
export function line(text: string): void {
  console.log(`   ${text}`);
}

/** A name as a person can read it: what leaves no ink is spelt out. */
export function shown(name: string | undefined): string {
  const point = (sign: string): string => `\\u{${sign.codePointAt(0)?.toString(16)}}`;
  return name === undefined ? '(no name)' : `"${name.replace(/\p{Default_Ignorable_Code_Point}/gu, point)}"`;
}
