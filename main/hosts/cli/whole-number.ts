import { InvalidArgumentError } from 'commander';

/** The value of an option that counts something. *Throws* InvalidArgumentError if it is not a whole number of up to nine digits. */
export function parseWholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}

/** The value of an option that picks the first, second, ... of something. *Throws* InvalidArgumentError for 0, too. */
export function parseOrdinal(text: string): number {
  const number = parseWholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('must be 1 or more');
  return number;
}
