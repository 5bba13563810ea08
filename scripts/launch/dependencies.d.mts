interface Lock {
  packages: Record<string, { version?: string; optional?: boolean; os?: string[]; cpu?: string[] } & object>;
}
type Versions = Record<string, { version: string }>;
type Manifest = Partial<Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>>;

export function missingPackages(
  lock: Lock,
  installed: { packages?: Versions },
  machine?: { platform: string; arch: string },
): string[];
export function isLockFor(manifest: Manifest, lock: Lock): boolean;
export function installIfStale(node: string): Promise<void>;
