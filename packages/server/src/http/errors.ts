import { DomainError, type RefusalName, refusal } from '@rollcall/domain/error';

const FASTIFY_REFUSALS: Readonly<Record<string, readonly [RefusalName, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_big', 'the body is too big'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['input_error', 'the body is not as long as its content-length says'],
  FST_ERR_BAD_URL: ['path_not_found', 'the path is not valid'],
  FST_ERR_MAX_PARAM_LENGTH: ['path_not_found', 'the path is too long'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['input_error', 'the content type is not supported: send JSON'],
};

interface SchemaFault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** Reads an error of Fastify as the refusal it means; undefined when it is none of the caller's doing. */
export function refusalOf(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  if (!(error instanceof Error)) return undefined;
  if (error.cause instanceof DomainError) return error.cause;
  if ('validation' in error && Array.isArray(error.validation)) return refusalOfSchema(error.validation);
  const code = 'code' in error ? String(error.code) : '';
  const known = FASTIFY_REFUSALS[code];
  if (known) return refusal(...known);
  const status = 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 500 ? refusal('input_error', error.message) : undefined;
}

function refusalOfSchema(faults: readonly SchemaFault[]): DomainError {
  // A union names each of its branches before itself; what the caller should read is the first.
  const named = faults
    .filter(({ keyword }) => keyword !== 'anyOf')
    .map((fault, index) => {
      const at = placeOfFault(fault);
      const message = `${at === '' ? 'the body' : at} ${messageOf(fault)}`;
      return { refusal: 'input_error' as const, at, message, index };
    });
  const [first, ...rest] = named;
  return first ? new DomainError([first, ...rest]) : refusal('input_error', 'the input is not valid');
}

function placeOfFault({ instancePath, keyword, params }: SchemaFault): string {
  const path = instancePath.split('/').slice(1);
  if (keyword === 'required') path.push(String(params.missingProperty));
  return path.join('.');
}

function messageOf({ keyword, params, message }: SchemaFault): string {
  if (keyword === 'type') return `expects type ${String(params.type)}`;
  if (keyword === 'required') return 'is missing';
  if (keyword === 'enum') return `must be one of ${JSON.stringify(params.allowedValues)}`;
  return message ?? 'is not valid';
}
