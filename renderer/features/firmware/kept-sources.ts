const key = 'canopus.sources';

/** Where the two firmwares come from, as a person writes it. */
export interface Sources {
  katapult: string;
  klipper: string;
}

export const usualSources: Readonly<Sources> = {
  katapult: 'https://github.com/Arksine/katapult@master',
  klipper: 'https://github.com/Klipper3d/klipper@master',
};

/** The sources that were built from last at this screen. */
export function readKeptSources(): Sources {
  const [katapult, klipper] = (localStorage.getItem(key) ?? '').split('\n');
  return katapult && klipper ? { katapult, klipper } : { ...usualSources };
}

export function keepSources({ katapult, klipper }: Sources): void {
  localStorage.setItem(key, `${katapult}\n${klipper}`);
}
