import { connect, type Socket } from 'node:net';

/** A peer of the USB/IP server, by the letter of the protocol page and with nothing of the server's own codec. */
export class UsbIpClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;
  #seqnum = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
    socket.on('error', () => undefined);
  }

  static async connect(port: number): Promise<UsbIpClient> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    return new UsbIpClient(socket);
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Exactly this many bytes; null if the server closes before. */
  async read(length: number): Promise<Buffer | null> {
    while (this.#received.length < length) {
      if (this.#ended) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const bytes = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return bytes;
  }

  /** Resolves when the server has closed the connection. */
  async closed(): Promise<void> {
    while (!this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** OP_REQ_IMPORT; returns the status and, if that is 0, the 312 bytes about the device. */
  async import(busid: string): Promise<{ status: number; device: Buffer | null }> {
    const request = Buffer.alloc(40);
    request.writeUInt16BE(0x0111, 0);
    request.writeUInt16BE(0x8003, 2);
    request.write(busid, 8, 'latin1');
    this.send(request);
    const head = await this.read(8);
    if (head?.readUInt16BE(2) !== 0x0003) throw new Error('no OP_REP_IMPORT');
    const status = head.readUInt32BE(4);
    return { status, device: status === 0 ? await this.read(312) : null };
  }

  /** USBIP_CMD_SUBMIT; returns its sequence number. `data` makes it an OUT transfer. */
  submit(ep: number, options: { setup?: Buffer; length?: number; data?: Buffer }): number {
    const { setup = Buffer.alloc(8), data } = options;
    const header = Buffer.alloc(48);
    const seqnum = ++this.#seqnum;
    [1, seqnum, 0x00010002, data === undefined ? 1 : 0, ep].forEach((word, at) =>
      header.writeUInt32BE(word, at * 4),
    );
    header.writeUInt32BE(data?.length ?? options.length ?? 0, 24);
    setup.copy(header, 40);
    this.send(Buffer.concat([header, data ?? Buffer.alloc(0)]));
    return seqnum;
  }

  /** USBIP_CMD_UNLINK of an earlier submit. */
  unlink(victim: number): number {
    const header = Buffer.alloc(48);
    const seqnum = ++this.#seqnum;
    [2, seqnum, 0x00010002, 0, 0, victim].forEach((word, at) => header.writeUInt32BE(word, at * 4));
    this.send(header);
    return seqnum;
  }

  /** The next USBIP_RET; `isIn` says that data follow a RET_SUBMIT with a length. */
  async reply(
    isIn = true,
  ): Promise<{ command: number; seqnum: number; status: number; data: number[] } | null> {
    const header = await this.read(48);
    if (header === null) return null;
    const command = header.readUInt32BE(0);
    const length = command === 3 && isIn ? header.readUInt32BE(24) : 0;
    const data = length === 0 ? Buffer.alloc(0) : await this.read(length);
    return {
      command,
      seqnum: header.readUInt32BE(4),
      status: header.readInt32BE(20),
      data: [...(data ?? [])],
    };
  }
}
