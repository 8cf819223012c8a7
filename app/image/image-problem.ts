import type { ErrorCode, ErrorDetails } from '../errors.ts';

/** What speaks against writing an image to a board. */
export interface ImageProblem {
  readonly code: Extract<ErrorCode, `image/${string}`>;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** True for what a person can vouch for: the image may be right, but does not tell. */
export function isDoubt({ code }: { readonly code: ErrorCode }): boolean {
  return code === 'image/crystal-unknown';
}
