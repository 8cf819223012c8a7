/**
 * What a bridge still needs when it is done: a node that is alone on its wires gets no acknowledgement for
 * its frames.
 * Source: Klipper, docs/CANBUS.md, "USB to CAN bus bridge mode": only valid with "a functioning CAN bus with
 * at least one other node available", terminating resistors included.
 */
export const secondNodeText =
  'can0 works only once another CAN node with power is wired to the bridge, and the bus has 120 ohm at both ends.';
