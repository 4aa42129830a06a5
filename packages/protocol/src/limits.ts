/** The limits of the wire (wire.md, section 11), in the units their names end with. */
export const LIMITS = {
  usersPerBatch: 100,
  usersBodyBytes: 8 * 1024 * 1024,
  bodyBytes: 64 * 1024,
  /** A user's own token writes one user: what is bigger could only be refused, after it held up others. */
  ownUserBodyBytes: 1024 * 1024,
  headerBytes: 128 * 1024,
  frameBytes: 64 * 1024,
  unreadBytes: 1024 * 1024,
  /** How many users a connection may watch; past that the oldest watch ends. */
  watches: 1000,
  /** What a client says of itself is cut to so many characters. */
  deviceCharacters: 200,
  otherSettingsBytes: 64 * 1024,
  queryLimit: 100,
  queryLimitDefault: 30,
  queryOffset: 1000,
  sortFields: 3,
} as const;
