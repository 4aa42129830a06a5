import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { DomainError } from '@rollcall/domain/error';
import fc from 'fast-check';
import { hasMisreadKey, parseJson } from './json.ts';

const HARMLESS = [
  String.raw`{"a\\":1}`,
  String.raw`{"\\\\":1}`,
  String.raw`{"\\n":1}`,
  String.raw`{"x\"\\":1}`,
  String.raw`{"a":"\\"}`,
  String.raw`["\\",{"\u005d":1}]`,
  String.raw`{"a":", \"\\\": 1"}`,
  String.raw`{"C:\\":"D:\\"}`,
];
const MISREAD = [
  String.raw`{"\\":1}`,
  String.raw`{"a":1,"\\":1}`,
  String.raw`{"a":1, "\\" : 1}`,
  String.raw`{"\u005c":1}`,
  String.raw`[{"\u005C"
:1}]`,
];

describe('JSON from outside', () => {
  it('may have any key but a single backslash', () => {
    for (const text of HARMLESS) assert.deepEqual(parseJson(text, 'it'), JSON.parse(text));
    for (const text of MISREAD) {
      const refused = (error: unknown) => error instanceof DomainError && /^it has a key/.test(error.message);
      assert.throws(() => parseJson(text, 'it'), refused, text);
    }
  });

  it('is never taken for what it is not, whatever is in its texts', () => {
    const piece = fc.constantFrom('"', '\\', ':', ',', '{', ' ', 'u005c', '\\\\', 'a', '\n');
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, text, (key, value) => {
        const json = JSON.stringify([{ before: value }, value]);
        assert.equal(hasMisreadKey(json), false);
        // The object itself is never made here: an engine that has seen one misreads what comes after.
        assert.equal(hasMisreadKey(`{"a":1,${JSON.stringify(key)}:1}`), key === '\\');
      }),
    );
  });

  it('is refused when it is none, by the name it is called', () => {
    assert.throws(() => parseJson('{', 'the body', 'body'), /the body is not valid JSON/);
  });

  it('would be misread otherwise: once this fails, the engine is mended and the rule can go', () => {
    const script = String.raw`JSON.parse('{"k":1,"\\\\":1}'); process.stdout.write(JSON.stringify(JSON.parse('{"k":1,"\\n":1}')))`;
    const read = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    assert.equal(read, String.raw`{"k":1,"\\":1}`);
  });
});
