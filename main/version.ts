/** Of this Canopus; inserted from package.json when it is built. */
declare const __CANOPUS_VERSION__: string | undefined;

export const canopusVersion: string =
  typeof __CANOPUS_VERSION__ === 'string' ? __CANOPUS_VERSION__ : 'development';
