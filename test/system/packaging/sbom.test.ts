import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { describe, expect, it } from 'vitest';

interface Component {
  readonly name: string;
  readonly licence: string;
}
type Scripts = {
  readonly collectComponents: () => readonly Component[];
  readonly bundles: Readonly<Record<string, string>>;
  readonly sbomOf: (options: object) => Record<string, unknown>;
};

// Checked by the compiler with the other scripts of resources/, which the tests cannot see.
const script = (name: string): string =>
  fileURLToPath(new URL(`../../../resources/setup/${name}`, import.meta.url));
const { collectComponents, bundles } = (await import(script('components.mjs'))) as Scripts;
const { sbomOf } = (await import(script('sbom.mjs'))) as Scripts;

const made = (components: readonly object[]): Record<string, unknown> =>
  sbomOf({
    ...{ file: 'canopus-1.2.3-linux-x86_64.AppImage', version: '1.2.3', madeAt: '2026-12-01T00:00:00.000Z' },
    ...{ sha512: createHash('sha512').update('package').digest('hex'), components },
  });

/** What OWASP's own validator, with the schema of CycloneDX 1.6, has against it. */
const complaints = (sbom: object): Promise<unknown> =>
  new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(JSON.stringify(sbom));

describe('the bill of materials of a package', () => {
  it('with everything that is really in it keeps to the official schema', async () => {
    for (const file of Object.values(bundles)) expect(existsSync(file), `${file}: npm run build`).toBe(true);
    const components = collectComponents();
    expect(components.map(({ name }) => name)).toContain('libusb');
    expect(await complaints(made(components))).toBeNull();
  });

  it('is measured by a schema that finds what is wrong', async () => {
    const one = { name: 'x', version: '1', licence: 'Not A Licence', purl: 'pkg:npm/x@1', parts: ['window'] };
    expect(await complaints(made([one]))).not.toBeNull();
    expect(await complaints({ ...made([]), serialNumber: 'urn:uuid:1' })).not.toBeNull();
  });
});
