/** What a key may be made for. `admin` covers the workspace's settings, and not its keys, which take the root key. */
export const SCOPE_RESOURCES = [
  'conversations',
  'customers',
  'users',
  'events',
  'webhooks',
  'analytics',
  'admin',
] as const;

/**
 * What a key may do only where it was made for that by name; `*` does not include them. `keys:read` takes people's keys
 * out of Heddle, where no erasure reaches the copies (docs/decisions/0016).
 */
export const SCOPES_BY_NAME_ONLY = ['keys:read'] as const;

export type Scope = `${(typeof SCOPE_RESOURCES)[number]}:${'read' | 'write'}` | (typeof SCOPES_BY_NAME_ONLY)[number];

export const SCOPES: [Scope | '*', ...(Scope | '*')[]] = [
  '*',
  ...SCOPE_RESOURCES.flatMap((resource) => [`${resource}:read`, `${resource}:write`] as const),
  ...SCOPES_BY_NAME_ONLY,
];

export function isScope(text: string): text is Scope | '*' {
  return (SCOPES as readonly string[]).includes(text);
}

/** Whether a key that was made with these scopes may do what needs that one. */
export function grants(scopes: ReadonlySet<Scope | '*'>, needed: Scope): boolean {
  return scopes.has(needed) || (scopes.has('*') && !(SCOPES_BY_NAME_ONLY as readonly string[]).includes(needed));
}
