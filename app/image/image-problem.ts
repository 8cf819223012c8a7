import type { ErrorCode, ErrorDetails } from '../errors.ts';

/** A reason against writing an image to a board. */
export interface ImageProblem {
  readonly code: Extract<ErrorCode, `image/${string}`>;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** True if a person can confirm it: the image may be right, but does not say. */
export function isDoubt({ code }: { readonly code: ErrorCode }): boolean {
  return code === 'image/crystal-unknown';
}
