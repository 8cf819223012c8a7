import { flowStateSchema } from '../../app/flow/flow-state.ts';
import { withPlaces } from '../../app/earlier-places.ts';
import { jsonList } from '../files/json-list.ts';
import { withImageParts } from './kept-images.ts';
import { withKnownCodes } from './kept-trouble.ts';

/** How flows are kept across a restart. */
export const flowFormat = jsonList(flowStateSchema, (record) =>
  withPlaces(withImageParts(withKnownCodes(record))),
);
