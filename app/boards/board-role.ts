/**
 * What a board is on the bus. `bridge`: on USB, with the CAN bus behind it. `node`: on the CAN bus. `usb`: on USB alone,
 * without CAN.
 */
export const boardRoles = ['bridge', 'node', 'usb'] as const;
export type BoardRole = (typeof boardRoles)[number];

/** For a sentence: "as a CAN node". */
export const roleWords: Readonly<Record<BoardRole, string>> = {
  bridge: 'a USB-to-CAN bridge',
  node: 'a CAN node',
  usb: 'a USB device',
};

/** What a board normally is: the first of its roles. */
export function usualRole({
  roles,
}: {
  readonly roles: { readonly value: readonly BoardRole[] };
}): BoardRole {
  return roles.value[0] ?? 'bridge';
}
