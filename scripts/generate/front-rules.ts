import { INTERNAL_PATHS, pathsOf, SERVES_THE_REST, SERVICES } from '../../apps/services.js';
import type { Output } from './output.js';

const PORT = 4400;

/** `deploy/Caddyfile`: which service answers which path. */
export function frontRules(): Output {
  const rules = SERVICES.flatMap((service) => {
    const paths = pathsOf(service).flatMap((path) => [path, `${path}/*`]);
    return paths.length === 0 ? [] : [rule(service.name, paths)];
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

${rules.join('\n')}
	handle {
${passedTo(SERVES_THE_REST)}
	}
}
`;
  return { path: 'deploy/Caddyfile', text };
}

function rule(name: string, paths: readonly string[]): string {
  return `	@${name} path ${paths.join(' ')}
	handle @${name} {
${passedTo(name)}
	}
`;
}

/** The upstream is set from outside, or the container's name. */
function passedTo(name: string): string {
  return `		reverse_proxy {$${name.toUpperCase()}:${name}:${PORT}} {
			import passing
		}`;
}
