import type { App } from '@rollcall/domain/app';
import { SETTINGS } from './config.ts';

/** What there is to say when a server is ready. */
export interface Announcement {
  readonly url: string;
  readonly app: App;
  /** Whether the app was made at this start, with a secret that nobody has seen. */
  readonly fresh: boolean;
  /** Without a password: output may end in a log. */
  readonly database: string;
  /** Whether other nodes may have it too: then its address is known to who runs them, and not repeated. */
  readonly shared: boolean;
  readonly version: string;
}

/** One line for programs. It holds no secret: output may end in a log. */
export function announceToProgram({ url, app, database, version }: Announcement): string {
  return `${JSON.stringify({ ready: true, url, api_key: app.key, database, version })}\n`;
}

/** A command for another terminal, which knows neither this one's settings nor which app is meant. */
function appCommand(words: string, { database, shared }: Announcement): string {
  const where = shared || database === SETTINGS.ROLLCALL_DATABASE.standard ? '' : `ROLLCALL_DATABASE='${database}' `;
  return `${where}npm run --silent app -- ${words}`;
}

/** The start as a person reads it on a terminal: a fresh secret is shown this once. */
export function announceToPerson(announcement: Announcement): string {
  const { url, app, fresh, database, version } = announcement;
  const show = appCommand('list --secret', announcement);
  const folder = announcement.shared ? 'this folder, with ROLLCALL_DATABASE set' : 'this folder';
  const secret = fresh ? `${app.secret}\n               shown this once; later: ${show}` : `shown by: ${show}`;
  return `
Rollcall ${version} is ready.

  Address      ${url}
  API key      ${app.key}
  API secret   ${secret}
  Database     ${database}

Create a user from another terminal, in ${folder}:

  curl -X POST "${url}/users?api_key=${app.key}" \\
    -H "Authorization: $(${appCommand(`token --app ${app.key}`, announcement)})" \\
    -H "Content-Type: application/json" \\
    -d '{"users": {"ada": {"id": "ada", "name": "Ada Lovelace"}}}'

or with the SDK:

  ROLLCALL_API_SECRET="$(${appCommand(`secret --app ${app.key}`, announcement)})" node --input-type=module -e '
    import { RollcallServer } from "@rollcall/client/server";
    const rollcall = new RollcallServer("${app.key}", process.env.ROLLCALL_API_SECRET, { url: "${url}" });
    console.log(await rollcall.upsertUser({ id: "ada", name: "Ada Lovelace" }));
  '

Stop with Ctrl-C.
`;
}
