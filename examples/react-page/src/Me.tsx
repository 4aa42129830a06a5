import { useConnection, useRollcall, useUser } from '@rollcall/client/react';
import { type FormEvent, useState } from 'react';
import { Avatar } from './Avatar.tsx';

/** Oneself: what one is called, and whether others see one. */
export function Me({ id, onLeave }: { readonly id: string; readonly onLeave: () => Promise<void> }) {
  const client = useRollcall();
  const { status } = useConnection();
  const me = useUser(id);
  const [wish, setWish] = useState('');
  const [fault, setFault] = useState('');
  const change = (set: { name?: string; invisible?: boolean }): void => {
    setFault('');
    client.partialUpdateUser({ id, set }).catch((error: Error) => setFault(error.message));
  };
  const rename = (event: FormEvent): void => {
    event.preventDefault();
    change({ name: wish });
    setWish('');
  };
  const invisible = me?.invisible === true;
  return (
    <section className="card me">
      <header>
        <Avatar id={id} name={me?.name ?? id} online={!invisible && status === 'connected'} />
        <div>
          <h1 data-me>{me?.name ?? id}</h1>
          <small>
            {status === 'connected' ? (invisible ? 'You are invisible' : 'Others see you online') : `${status} …`}
          </small>
        </div>
        <button type="button" className="quiet" onClick={() => void onLeave()}>
          Leave
        </button>
      </header>
      <form onSubmit={rename}>
        <input
          name="wish"
          aria-label="A new name"
          placeholder="A new name"
          value={wish}
          onChange={(event) => setWish(event.target.value)}
          required
        />
        <button type="submit">Rename me</button>
      </form>
      <label className="switch">
        <input
          type="checkbox"
          name="invisible"
          checked={invisible}
          onChange={() => change({ invisible: !invisible })}
        />
        Invisible: others see me offline
      </label>
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}
