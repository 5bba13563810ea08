import { registerHooks } from 'node:module';

/** Node.js runs the TypeScript of libs/ as it is, once the `.js` of an import is read as `.ts`: no build is needed. */
export async function importFromSource(url) {
  const hooks = registerHooks({
    resolve(name, context, next) {
      const ours = context.parentURL?.includes('/libs/') && name.startsWith('.') && name.endsWith('.js');
      return next(ours ? name.replace(/\.js$/, '.ts') : name, context);
    },
  });
  try {
    return await import(url);
  } finally {
    hooks.deregister();
  }
}
