/** SQL: what people call the place of a run: the slot's name, else the USB port alone, else the place. */
export const slotOrPort =
  "coalesce(slot, case when place like 'usb:%' then substr(place, length('usb:') + 1) else place end)";
