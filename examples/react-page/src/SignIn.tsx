import { type FormEvent, useState } from 'react';

/** Asks who somebody wants to be. */
export function SignIn({ onName }: { readonly onName: (name: string) => Promise<void> }) {
  const [name, setName] = useState('');
  const [fault, setFault] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setFault('');
    onName(name).catch((error: unknown) => setFault(error instanceof Error ? error.message : String(error)));
  };
  return (
    <form className="card sign-in" onSubmit={submit}>
      <h1>Who is here?</h1>
      <p>Choose a name, and open this page in a second window under another one.</p>
      <label>
        Your name
        <input name="name" value={name} onChange={(event) => setName(event.target.value)} autoComplete="off" required />
      </label>
      <button type="submit">Come in</button>
      <p className="fault" role="alert">
        {fault}
      </p>
    </form>
  );
}
