import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { DomainError } from '@rollcall/domain/error';
import fc from 'fast-check';
import { hasBackslashKey, parseJson } from './json.ts';

const HARMLESS = [
  String.raw`{"\n":1,"\u540d":2,"\"":3}`,
  String.raw`{"a":"C:\\","b":"\\d"}`,
  String.raw`["\\",{"\u005d":1},"\u005c"]`,
  String.raw`{"a":", \"\\\": 1","b":1}`,
  String.raw`{"a,":1,"b":"c\\d"}`,
];
const MISREAD = [
  String.raw`{"\\":1}`,
  String.raw`{"a":1,"\\u" : 1}`,
  String.raw`{"x\"\\":1}`,
  String.raw`{"a":{"C:\\Users":1}}`,
  String.raw`{"\u005c":1}`,
  String.raw`[{"a\u005C"
  :1}]`,
];

/** Texts in which quotes, backslashes and colons come in every order. */
const text = fc
  .array(fc.constantFrom('"', '\\', ':', ',', '{', '}', ' ', 'u005c', '\\\\', 'a', '\n', '名'), { maxLength: 6 })
  .map((pieces) => pieces.join(''));
/** The same text with each of its characters escaped or not. */
const written = (value: string, escapes: readonly boolean[]): string =>
  Array.from(value, (unit, at) =>
    escapes[at % escapes.length]
      ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
      : JSON.stringify(unit).slice(1, -1),
  ).join('');

describe('JSON from outside', () => {
  it('may have any key without a backslash, and any value', () => {
    for (const json of HARMLESS) assert.deepEqual(parseJson(json, 'it'), JSON.parse(json));
    for (const json of MISREAD) {
      const refused = (error: unknown) => error instanceof DomainError && /^it has a key/.test(error.message);
      assert.throws(() => parseJson(json, 'it'), refused, json);
    }
  });

  it('is told by its keys alone, however they are written', () => {
    const escapes = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(text, text, escapes, fc.constantFrom('', ' ', '\n\t'), (key, value, escaped, space) => {
        // The object itself is never made here: an engine that has seen one misreads what comes after.
        const json = `[{"${written(value, escaped).length}":"${written(value, escaped)}"},{"${written(key, escaped)}"${space}:1}]`;
        assert.equal(hasBackslashKey(json), key.includes('\\'), json);
      }),
      { numRuns: 2000 },
    );
  });

  it('is looked through in a time that grows as the text does', () => {
    for (const piece of ['\\\\', '"\\\\",', '\\"', '"a\\u005c" ']) {
      const begun = performance.now();
      hasBackslashKey(`["${piece.repeat(1_000_000)}`);
      assert.ok(performance.now() - begun < 2000, piece);
    }
  });

  it('is refused when it is none, by the name it is called', () => {
    assert.throws(() => parseJson('{', 'the body', 'body'), /the body is not valid JSON/);
  });

  it('would be misread otherwise: once this fails, the engine is mended and the rule can go', () => {
    const script = String.raw`JSON.parse('{"k":1,"\\\\u":1}');
      process.stdout.write(JSON.stringify(JSON.parse('{"k":1,"\\u540d\\u524d":1}')))`;
    const read = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    assert.equal(read, String.raw`{"k":1,"\\u":1}`);
  });
});
