import { connect, type Socket } from 'node:net';
import type { TextLink } from '../../../app/contract/text-link.ts';
import { firstText } from './first-text.ts';
import { encodeHello, type Hello } from './hello.ts';
import { welcome } from './local-listener.ts';
import { streamLink } from './stream-link.ts';

type Connected =
  | { readonly link: TextLink; readonly refusal: null }
  /** `absent`: no station listens there. Otherwise why the station closed the link. */
  | { readonly link: null; readonly refusal: string };

const connectTimeoutMs = 5_000;

/** Connects to a station that listens at an address, and sends the hello. Never throws. */
export async function connectLocally(address: string, hello: Hello): Promise<Connected> {
  const socket = await opened(address);
  if (socket === null) return { link: null, refusal: 'absent' };
  const link = streamLink(socket);
  const late = setTimeout(() => socket.destroy(), connectTimeoutMs);
  link.send(encodeHello(hello));
  const { first, reason, rest } = await firstText(link);
  clearTimeout(late);
  if (first === welcome) return { link: rest, refusal: null };
  rest.close('contract/protocol');
  return { link: null, refusal: reason ?? 'contract/protocol' };
}

function opened(address: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}
