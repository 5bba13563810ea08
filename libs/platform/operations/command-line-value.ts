import type { CommandOption } from './command-line-options.js';
import { UsageError } from './command-line-usage.js';

function parseOne(option: CommandOption, text: string): unknown {
  if (option.nullable && text === 'null') return null;
  switch (option.kind) {
    case 'text':
      return text;
    case 'boolean':
      return text === 'true';
    case 'number': {
      const number = Number(text);
      if (text.trim() === '' || Number.isNaN(number))
        throw new UsageError(`--${option.flag} takes a number, not "${text}".`);
      return number;
    }
    case 'json':
      try {
        return JSON.parse(text);
      } catch {
        throw new UsageError(`--${option.flag} takes JSON; what was given is none.`);
      }
  }
}

/** What an option's text stands for. Throws UsageError. */
export function optionValue(option: CommandOption, given: string | readonly string[] | boolean): unknown {
  if (typeof given === 'boolean') return given;
  if (typeof given === 'string') return option.repeated ? [parseOne(option, given)] : parseOne(option, given);
  return given.map((text) => parseOne(option, text));
}
