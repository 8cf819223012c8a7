import { flow } from '../../app/contract/entries/flows.ts';
import { withPlaces } from '../../app/earlier-places.ts';
import { jsonList } from '../files/json-list.ts';
import { withImageParts } from './kept-images.ts';
import { withKnownCodes } from './kept-trouble.ts';

/** How flows are kept across a restart. */
export const flowFormat = jsonList(flow, (record) => withPlaces(withImageParts(withKnownCodes(record))));
