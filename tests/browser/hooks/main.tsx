import { type FetchLike, Rollcall } from '@rollcall/client';
import { RollcallProvider, useConnection, usePresence, useUser, useUsers } from '@rollcall/client/react';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

const given = new URLSearchParams(location.search);
const ask = (name: string): string => given.get(name) ?? '';
const CROWD = Array.from({ length: 50 }, (_, n) => `p${n}`);

let queries = 0;
let renders = 0;
const counting: FetchLike = (url, init) => {
  if (init.method === 'GET') queries += 1;
  document.getElementById('queries')?.replaceChildren(String(queries));
  return fetch(url, init);
};
const client = new Rollcall(ask('key'), { url: ask('url'), fetch: counting, chance: () => 0.1 });

function Person({ id }: { readonly id: string }) {
  const { online } = usePresence(id);
  const user = useUser(id);
  return <li id={id}>{`${user?.name ?? '?'} ${online ? 'online' : 'offline'}`}</li>;
}

/** Two of these write the same filter in their own words, anew in each rendering. */
function List({ place, flip }: { readonly place: string; readonly flip: boolean }) {
  renders += 1;
  const filter = flip ? { role: 'user', name: { $exists: true } } : { name: { $exists: true }, role: 'user' };
  const { users, status } = useUsers(filter, { sort: [{ field: 'name', direction: 1 }], limit: 3 });
  return <output id={place}>{`${status} ${users.map(({ name }) => name).join(' ')}`}</output>;
}

function Page() {
  const [shown, setShown] = useState(true);
  const { status } = useConnection();
  return (
    <>
      <output id="status">{status}</output> <output id="queries">0</output>
      <button type="button" onClick={() => setShown(!shown)}>
        Toggle
      </button>
      {shown && <List place="first" flip={false} />}
      {shown && <List place="second" flip />}
      <ul>{shown && CROWD.map((id) => <Person key={id} id={id} />)}</ul>
    </>
  );
}

Object.assign(window, { seen: () => ({ queries, renders }) });
const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <RollcallProvider client={client}>
        <Page />
      </RollcallProvider>
    </StrictMode>,
  );
await client.connectUser({ id: ask('user') }, ask('token'));
