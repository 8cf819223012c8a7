import type { ErrorRows } from './error-row.ts';

const wiring =
  'Check that it has power, that CANH and CANL are not swapped or open, and that the bus has 120 ohm at both ends (60 ohm between CANH and CANL with the power off).';

/** Nodes on a CAN bus. */
export const canErrors = {
  'can/no-nodes': {
    title: 'No node on the CAN bus replies',
    next: {
      window: `${wiring} All nodes must be built for the bit rate of the bridge. Stop Klipper on a Pi that uses this bus: nodes that it has claimed do not reply.`,
    },
    exit: 'device',
  },
  'can/node-silent': {
    title: 'This node does not reply',
    next: {
      window: `Other nodes on the bus do. Check the canbus_uuid, and the node itself: ${wiring} Its Katapult may be built for another bit rate, or for USB: then it is reached with a USB cable. If it has a reset button, press it twice within half a second to start Katapult, then try again.`,
    },
    exit: 'device',
  },
  'can/interface-down': {
    title: 'The CAN interface of the Pi is down',
    next: {
      window: 'Bring it up on the Pi: set the CAN bus up there, or restart the Pi if that was done.',
      terminal: 'Bring it up: "canopus pi can up" with the login of the Pi and the bit rate of its bus.',
    },
    exit: 'failed',
  },
  'can/claimed': {
    title: 'A running Klipper uses this bus',
    next: {
      window:
        'Stop Klipper on the computer that uses this bus, then try again. Its nodes reply to no one else.',
    },
    exit: 'refused',
  },
  'can/no-bootloader': {
    title: 'Klipper on this node has no Katapult to restart into',
    next: {
      window:
        'Install Katapult on it once with a USB cable, in DFU mode, or with a programmer where the chip has no USB bootloader.',
    },
    exit: 'device',
  },
  'can/bus-off': {
    title: 'The adapter has switched itself off the bus (bus-off)',
    next: {
      window: `CANH and CANL are shorted or swapped, or the nodes are built for another bit rate. ${wiring}`,
    },
    exit: 'device',
  },
  'can/error-passive': {
    title: 'The adapter sees only errors on the bus (error-passive)',
    next: { window: `No node acknowledges its frames. ${wiring}` },
    exit: 'device',
  },
  'can/duplicate-uuid': {
    title: 'Two nodes on the bus have the same canbus_uuid',
    next: {
      window: 'Disconnect one of them from the bus and write them one after the other.',
    },
    exit: 'refused',
  },
  'can/wrong-node': {
    title: 'Another node replied',
    next: {
      window:
        'Another program gives node ids on this bus, too: stop Klipper and every other tool that uses it, then try again.',
    },
    exit: 'failed',
  },
  'can/node-lost': {
    title: 'The node stopped replying in the middle of the work',
    next: {
      window: `${wiring} Then press reset on it twice within half a second to start Katapult: a plain power cycle would start half an application. Then start again.`,
    },
    exit: 'device',
  },
  'can/not-started': {
    title: 'The node was written, but was not seen starting',
    next: {
      window:
        'Press its reset button once, or power it off and on, and look for nodes again. If it stays silent, its image may set another bit rate or other CAN pins: press reset twice to start Katapult, and write another image.',
    },
    exit: 'device',
  },
  'can/is-bridge': {
    title: 'This is the bridge itself',
    next: {
      window: 'A bridge cannot be written over its own bus: flash the board on that USB port instead.',
    },
    exit: 'refused',
  },
  'can/wrong-bitrate': {
    title: 'The image sets another bit rate than the bus has',
    next: {
      window:
        'Build the image for the bit rate of the bus. At another rate the node could not be reached any more.',
    },
    exit: 'refused',
  },
  'can/rate-strands-nodes': {
    title: 'The new bit rate would put nodes out of reach',
    next: {
      window:
        'Build the image for the rate of the bus. To change the rate, first give each node a Katapult for the new one with a programmer, then write the bridge.',
    },
    cases: [
      {
        when: { nodes: true },
        window:
          'Build the image for the rate of the bus. To change the rate, first give each node a Katapult for the new one with a programmer, then write the bridge.',
        terminal:
          'Build the image for the rate of the bus. To change the rate all the same, repeat the command with --confirm-rate-change {nodes}, which names the nodes that get lost.',
      },
    ],
    exit: 'refused',
  },
} satisfies ErrorRows;
