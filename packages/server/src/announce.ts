import type { App } from '@rollcall/domain/app';

/** What there is to say when a server is ready. */
export interface Announcement {
  readonly url: string;
  readonly app: App;
  /** Whether the app was made at this start, with a secret that nobody has seen. */
  readonly fresh: boolean;
  readonly database: string;
  readonly version: string;
}

/** One line for programs. It holds no secret: output may end in a log. */
export function announceToProgram({ url, app, database, version }: Announcement): string {
  return `${JSON.stringify({ ready: true, url, api_key: app.key, database, version })}\n`;
}

/** The start as a person reads it on a terminal: a fresh secret is shown this once. */
export function announceToPerson({ url, app, fresh, database, version }: Announcement): string {
  const secret = fresh
    ? `  API secret   ${app.secret}\n               shown this once; later: npm run app -- list --secret`
    : '  API secret   npm run app -- list --secret   shows it';
  return `
Rollcall ${version} is ready.

  Address      ${url}
  API key      ${app.key}
${secret}
  Database     ${database}

Create a user from another terminal, in this folder:

  curl -X POST "${url}/users?api_key=${app.key}" \\
    -H "Authorization: $(npm run --silent app -- token)" -H "Content-Type: application/json" \\
    -d '{"users": {"ada": {"id": "ada", "name": "Ada Lovelace"}}}'

or with the SDK:

  ROLLCALL_API_SECRET="$(npm run --silent app -- secret)" node --input-type=module -e '
    import { RollcallServer } from "@rollcall/client/server";
    const rollcall = new RollcallServer("${app.key}", process.env.ROLLCALL_API_SECRET, { url: "${url}" });
    console.log(await rollcall.upsertUser({ id: "ada", name: "Ada Lovelace" }));
  '

Stop with Ctrl-C.
`;
}
