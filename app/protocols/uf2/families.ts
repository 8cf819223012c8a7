/** Families that Raspberry Pi's boot ROMs know (pico-sdk boot/uf2.h). */
export const uf2Families = {
  rp2040: 0xe48bff56,
  absolute: 0xe48bff57,
  data: 0xe48bff58,
  rp2350Arm: 0xe48bff59,
  rp2350RiscV: 0xe48bff5a,
  rp2350ArmNonSecure: 0xe48bff5b,
} as const;
