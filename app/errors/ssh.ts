import type { ErrorRows } from './error-row.ts';

/** Logging in to a Pi. */
export const sshErrors = {
  'ssh/host-not-found': {
    title: 'There is no computer of that name',
    next: { window: 'Check the spelling, try NAME.local, or use the IP address that the router shows.' },
    exit: 'device',
  },
  'ssh/refused': {
    title: 'The computer is there, but SSH is not',
    next: {
      window: 'Switch SSH on (on a Pi: sudo raspi-config, Interface Options) or give the port it uses.',
    },
    exit: 'device',
  },
  'ssh/unreachable': {
    title: 'The Pi cannot be reached',
    next: { window: 'Check that it is powered and in the same network.' },
    exit: 'device',
  },
  'ssh/timeout': {
    title: 'The Pi did not answer in time',
    next: { window: 'Check the network; a Pi that just started needs a minute.' },
    exit: 'device',
  },
  'ssh/broken': {
    title: 'The connection broke off',
    next: { window: 'Connect again.' },
    exit: 'device',
  },
  'ssh/host-key-unknown': {
    title: 'This computer is not known yet',
    next: {
      window:
        'Compare the fingerprint with what "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" prints on the Pi, then accept it.',
    },
    exit: 'device',
  },
  'ssh/host-key-changed': {
    title: 'This is not the computer it was before',
    next: {
      window:
        'If the Pi was set up anew, delete its line from the known_hosts file named above; if not, somebody may be in between: do not log in.',
    },
    exit: 'device',
  },
  'ssh/host-key-revoked': {
    title: 'The key of this computer was revoked',
    next: {
      window:
        'Do not log in. The line in the known_hosts file named above says that this key is compromised.',
    },
    exit: 'device',
  },
  'ssh/auth-failed': {
    title: 'The login was refused',
    next: { window: 'Check user and password, or give the right key with --key.' },
    exit: 'device',
  },
  'ssh/key-unreadable': {
    title: 'The key file cannot be used',
    next: { window: 'Give a private key file in OpenSSH or PEM form that you may read.' },
    exit: 'device',
  },
  'ssh/key-locked': {
    title: 'The key stayed locked',
    next: { window: 'Give the right passphrase, or load the key into the agent with ssh-add.' },
    exit: 'device',
  },
  'ssh/config-unreadable': {
    title: 'The SSH configuration cannot be used',
    next: { window: 'Correct ~/.ssh/config at the host that is named.' },
    exit: 'device',
  },
  'ssh/forward-refused': {
    title: 'The computer in between does not connect on',
    next: { window: 'Check the address of the last host, and AllowTcpForwarding on the one in between.' },
    exit: 'device',
  },
} satisfies ErrorRows;
