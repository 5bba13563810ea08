import {
  type Exception,
  exceptionsOf,
  INTERNAL_PATHS,
  pathsOf,
  SERVES_THE_REST,
  SERVICES,
} from '../../apps/services.js';
import type { Output } from './output.js';

const PORT = 4400;

/** `deploy/Caddyfile`: which service answers which path. */
export function frontRules(): Output {
  // What is named by method and whole path comes before the beginning that it has in common with another service's.
  const exceptions = SERVICES.flatMap((service) => exceptionRules(service.name, exceptionsOf(service)));
  const rules = SERVICES.flatMap((service) => {
    const paths = pathsOf(service).flatMap((path) => [path, `${path}/*`]);
    return paths.length === 0 ? [] : [rule(service.name, [`path ${paths.join(' ')}`], service.name)];
  });
  const text = `# Generated from apps/services.ts by npm run generate: do not edit.
# Each upstream can be set by a variable of the proxy, several with a space between: CONVERSATION="10.0.0.1:4400 10.0.0.2:4400".
{
	admin off
}

(passing) {
	# Answers of imports come line by line, and streams event by event.
	flush_interval -1
	# A process that is being started again is waited for; a request with a body may get 502 instead, and can be sent again.
	lb_try_duration 5s
}

{$HEDDLE_SITE::8080} {
	# For those who operate Heddle, on the services' own ports.
	@internal path ${INTERNAL_PATHS.join(' ')}
	handle @internal {
		respond 404
	}

${[...exceptions, ...rules].join('\n')}
	handle {
${passedTo(SERVES_THE_REST)}
	}
}
`;
  return { path: 'deploy/Caddyfile', text };
}

function exceptionRules(name: string, exceptions: readonly Exception[]): string[] {
  const methods = [...new Set(exceptions.map(({ method }) => method))];
  return methods.map((method) => {
    // A star matches no slash, and an id may hold one as %2F: but at the end, where it matches all.
    const paths = exceptions.filter((one) => one.method === method).map(({ path }) => path.replace(/\{.*$/, '*'));
    return rule(`${name}_${method.toLowerCase()}`, [`method ${method}`, `path ${[...new Set(paths)].join(' ')}`], name);
  });
}

function rule(matcher: string, conditions: readonly string[], service: string): string {
  const matches =
    conditions.length === 1
      ? `\t@${matcher} ${conditions[0]}`
      : `\t@${matcher} {\n${conditions.map((one) => `\t\t${one}\n`).join('')}\t}`;
  return `${matches}
	handle @${matcher} {
${passedTo(service)}
	}
`;
}

/** The upstream is set from outside, or the container's name. */
function passedTo(name: string): string {
  return `		reverse_proxy {$${name.toUpperCase()}:${name}:${PORT}} {
			import passing
		}`;
}
