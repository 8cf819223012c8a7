import agent from './agent/agent.py?raw';
import can from './agent/can.py?raw';
import loop from './agent/loop.py?raw';
import messages from './agent/messages.py?raw';
import plugged from './agent/plugged.py?raw';
import requests from './agent/requests.py?raw';
import serial from './agent/serial.py?raw';
import uart from './agent/uart.py?raw';
import usb from './agent/usb.py?raw';
import usbRequests from './agent/usb_requests.py?raw';

/** The agent's parts as one program, in the order in which they need each other. */
export const agentProgram = [
  messages,
  loop,
  usb,
  usbRequests,
  serial,
  can,
  plugged,
  uart,
  requests,
  agent,
].join('\n');
