/** What a key may be made for. `admin` covers the workspace itself: its keys and its settings. */
export const SCOPE_RESOURCES = [
  'conversations',
  'customers',
  'users',
  'events',
  'webhooks',
  'analytics',
  'admin',
] as const;

export type Scope = `${(typeof SCOPE_RESOURCES)[number]}:${'read' | 'write'}`;

export const SCOPES: [Scope | '*', ...(Scope | '*')[]] = [
  '*',
  ...SCOPE_RESOURCES.flatMap((resource) => [`${resource}:read`, `${resource}:write`] as const),
];

export function isScope(text: string): text is Scope | '*' {
  return (SCOPES as readonly string[]).includes(text);
}
