import { expect, it } from 'vitest';
import { reportPage } from '../../../app/history/report.ts';
import { sampleRun } from './sample-run.ts';

const evil = `<img src=x onerror="alert('1')">\x1b[2J\u202e`;

it('has no tag in a report that a record brought, whichever field it is in', () => {
  const run = sampleRun({
    uid: evil,
    canbusUuid: evil,
    operator: evil,
    host: evil,
    presetId: evil,
    variantId: evil,
    slot: evil,
    startedAt: evil,
    images: sampleRun().images.map((image) => ({
      ...image,
      ...{ sha256: evil, version: evil, name: evil, importedFrom: evil },
    })),
    error: { code: 'device/claimed', message: evil, details: {}, state: 'untouched' },
  });
  const page = reportPage({
    runs: [run],
    about: evil,
    madeAt: evil,
    system: 'linux',
    presetNames: new Map([[evil, evil]]),
    isCut: false,
  });
  expect(page.split('&lt;img src=x').length).toBeGreaterThan(10);
  expect(page).not.toContain('<img');
  expect(page).not.toContain('\x1b');
  expect(page).not.toContain('\u202e');
});
