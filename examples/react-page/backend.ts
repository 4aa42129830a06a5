import type { IncomingMessage, ServerResponse } from 'node:http';
import { RollcallServer } from '@rollcall/client/server';

/** Where Rollcall is, and what a backend needs there. */
export interface App {
  readonly url: string;
  readonly apiKey: string;
  readonly secret: string;
}

/** What a page is told when somebody signs in. */
export interface Ticket {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly apiKey: string;
  readonly url: string;
}

/** How a request goes on when it is not for this door. */
type Next = () => void;

const LONGEST_BODY = 1_000;

/**
 * The backend of the page: `POST /sign-in {"name": "Ann"}` answers a token. Yours knows who is asking; this one lets
 * everybody be whom they like. The secret stays here: no page may hold it.
 */
export function signInDoor(app: App): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const rollcall = new RollcallServer(app.apiKey, app.secret, { url: app.url });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = parseName(await readText(request));
    const id = name && idOf(name);
    if (!name || !id) return end(response, 400, { message: 'a name has letters or digits, and at most 50 of them' });
    const token = rollcall.createToken(id, { expiresIn: 24 * 3600 });
    end(response, 200, { id, name, token, apiKey: app.apiKey, url: app.url } satisfies Ticket);
  };
  return (request, response, next) => {
    if (request.method !== 'POST' || request.url !== '/sign-in') return next();
    answer(request, response).catch(() => response.destroy());
  };
}

/** An id that a name makes: `Zoë Q` is always `zoe-q`. Names that only differ in what an id cannot hold are one person here. */
function idOf(name: string): string {
  const plain = name.normalize('NFKD').toLowerCase();
  const ascii = plain
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s+/g, '-');
  return ascii || Buffer.from(name.normalize('NFC')).toString('hex');
}

function parseName(body: string): string | undefined {
  try {
    const { name } = JSON.parse(body);
    if (typeof name !== 'string' || !/[\p{L}\p{N}]/u.test(name)) return undefined;
    return name.trim().length <= 50 ? name.trim() : undefined;
  } catch {
    return undefined;
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > LONGEST_BODY) throw new Error('the body is too long');
  }
  return text;
}

function end(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
