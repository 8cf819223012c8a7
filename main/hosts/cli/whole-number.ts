import { InvalidArgumentError } from 'commander';

/** An option's value that counts something. @throws InvalidArgumentError if it is no whole number of at most nine digits */
export function parseWholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}

/** A value that names the first, second, ... of something. @throws InvalidArgumentError if it is 0, too */
export function parseOrdinal(text: string): number {
  const number = parseWholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('must be 1 or more');
  return number;
}
