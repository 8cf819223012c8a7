const key = 'canopus.sources';

/** The sources of both firmwares, as a person writes them. */
export interface Sources {
  katapult: string;
  klipper: string;
}

export const usualSources: Readonly<Sources> = {
  katapult: 'https://github.com/Arksine/katapult@master',
  klipper: 'https://github.com/Klipper3d/klipper@master',
};

/** The sources used last on this screen. */
export function readKeptSources(): Sources {
  const [katapult, klipper] = (localStorage.getItem(key) ?? '').split('\n');
  return katapult && klipper ? { katapult, klipper } : { ...usualSources };
}

export function keepSources({ katapult, klipper }: Sources): void {
  localStorage.setItem(key, `${katapult}\n${klipper}`);
}
