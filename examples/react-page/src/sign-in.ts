import { Rollcall } from '@rollcall/client';
import type { Ticket } from '../backend.ts';

/** Somebody who signed in, and the connection they have. */
export interface Visit {
  readonly id: string;
  readonly client: Rollcall;
}

/** Signs in under a name and connects. The backend is asked for a token now, and again whenever one has run out. */
export async function signIn(name: string): Promise<Visit> {
  const { id, apiKey, url } = await askForTicket(name);
  const client = new Rollcall(apiKey, { url });
  await client.connectUser({ id, name }, async () => (await askForTicket(name)).token);
  return { id, client };
}

async function askForTicket(name: string): Promise<Ticket> {
  const response = await fetch('/sign-in', { method: 'POST', body: JSON.stringify({ name }) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}
