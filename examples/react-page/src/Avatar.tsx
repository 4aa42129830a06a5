/** A round sign for a user: its first letter on a colour of its own, and a dot that tells whether it is there. */
export function Avatar({ id, name, online }: { readonly id: string; readonly name: string; readonly online: boolean }) {
  const hue = [...id].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  return (
    <span className="avatar" style={{ background: `hsl(${hue} 55% 45%)` }} aria-hidden="true">
      {[...name][0]?.toUpperCase()}
      <i className={online ? 'dot online' : 'dot'} />
    </span>
  );
}
