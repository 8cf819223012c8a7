import type { ErrorRows } from './error-row.ts';

/** Logging in to a Pi. */
export const sshErrors = {
  'ssh/host-not-found': {
    title: 'There is no computer of that name',
    next: { window: 'Check the spelling, try NAME.local, or use the IP address that your router shows.' },
    exit: 'device',
  },
  'ssh/refused': {
    title: 'The computer is there, but SSH is not',
    next: {
      window:
        'Switch SSH on, with raspi-config on the Pi under Interface Options. Or add the port that it uses: pi@printer.local:2222.',
    },
    exit: 'device',
  },
  'ssh/unreachable': {
    title: 'The Pi cannot be reached',
    next: {
      window: {
        linux: 'Check that it has power and is in the same network.',
        darwin:
          'Check that it has power and is in the same network. macOS must also allow Canopus to reach it: System Settings, Privacy & Security, Local Network.',
        win32: 'Check that it has power and is in the same network.',
      },
      terminal: {
        linux: 'Check that it has power and is in the same network.',
        darwin:
          'Check that it has power and is in the same network. macOS must also allow this program to reach it: System Settings, Privacy & Security, Local Network.',
        win32: 'Check that it has power and is in the same network.',
      },
    },
    exit: 'device',
  },
  'ssh/timeout': {
    title: 'The Pi did not reply in time',
    next: { window: 'Check the network. A Pi that has just started needs a minute.' },
    exit: 'device',
  },
  'ssh/broken': {
    title: 'The connection broke off',
    next: { window: 'Connect again.' },
    cases: [
      {
        when: { said: true },
        window: 'The Pi said why: {said}. Change that on the Pi, or wait, then connect again.',
      },
    ],
    exit: 'device',
  },
  'ssh/host-key-unknown': {
    title: 'This computer is not trusted yet',
    next: {
      window:
        'Connect again and compare the fingerprint with the one that the Pi itself shows. If they are the same, choose "Trust it from now on".',
      terminal:
        'Compare the fingerprint with what "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" prints on the Pi. If they are the same, accept it (or give it with --trust).',
    },
    exit: 'device',
  },
  'ssh/host-key-changed': {
    title: 'This is not the computer it was before',
    next: {
      window:
        'If you set the Pi up again, delete its line from the named known_hosts file. If not, do not log in: another computer may be in its place.',
    },
    cases: [
      {
        when: { isOurs: 'yes', host: true },
        window:
          'If you set the Pi up again, choose "I set this Pi up again" and compare the fingerprint. If not, do not log in: another computer may be in its place.',
        terminal:
          'If you set the Pi up again, "canopus pi forget-key {host}" forgets the old key; connect again and compare the fingerprint. If not, do not log in: another computer may be in its place.',
      },
    ],
    exit: 'device',
  },
  'ssh/host-key-revoked': {
    title: 'The key of this computer was revoked',
    next: { window: 'Do not log in: the named known_hosts file says that this key is compromised.' },
    exit: 'device',
  },
  'ssh/auth-failed': {
    title: 'The login was refused',
    next: {
      window: 'Check the user and the password, or choose "Edit" and enter the right private key file.',
      terminal: 'Check the user and the password, or give the right key with --key.',
    },
    exit: 'device',
  },
  'ssh/key-unreadable': {
    title: 'The key file cannot be used',
    next: { window: 'Use a private key file in OpenSSH or PEM form that you may read.' },
    exit: 'device',
  },
  'ssh/key-locked': {
    title: 'The key is still locked',
    next: {
      window: 'Enter the right passphrase, or add the key to your SSH agent.',
      terminal: 'Enter the right passphrase, or add the key to your agent with ssh-add.',
    },
    exit: 'device',
  },
  'ssh/config-unreadable': {
    title: 'The SSH configuration cannot be used',
    next: { window: 'Correct the entry for this host in ~/.ssh/config.' },
    exit: 'device',
  },
  'ssh/password-expired': {
    title: 'The password has expired',
    next: {
      window: 'Log in by hand once, choose a new password there, then connect again with that one.',
      terminal: 'Log in once with "ssh", choose a new password there, then use that one.',
    },
    exit: 'device',
  },
  'ssh/prompt-unanswered': {
    title: 'The server asks for more than a password',
    next: {
      window: 'Connect again and answer what it asks, or set up a key for this user.',
      terminal:
        'Run the command in a terminal, without --password-stdin, and answer what it asks. Or set up a key for this user and give it with --key.',
    },
    exit: 'device',
  },
  'ssh/no-session': {
    title: 'The server runs no further command',
    next: {
      window:
        'Look at MaxSessions and ForceCommand in /etc/ssh/sshd_config on the Pi: this user must be allowed to run commands.',
    },
    exit: 'device',
  },
  'ssh/config-unsupported': {
    title: 'The SSH configuration wants what Canopus cannot do',
    next: {
      window:
        'Use ProxyJump instead of ProxyCommand for this host in ~/.ssh/config, or enter the address that it can be reached at directly.',
      terminal:
        'Use ProxyJump instead of ProxyCommand for this host in ~/.ssh/config, or give the address that it can be reached at directly.',
    },
    exit: 'device',
  },
  'ssh/login-shell': {
    title: 'The login works, but runs no commands',
    next: {
      window:
        'The account of this user ends before a command can run: its password may have expired, its shell may be nologin, or a start file such as .bashrc ends the shell or puts another in its place. Log in by hand and see what it says, or use another user.',
    },
    exit: 'device',
  },
  'ssh/forward-refused': {
    title: 'The computer in between does not forward the connection',
    next: {
      window:
        'Check the address of the last computer, and that the one in between allows it (AllowTcpForwarding).',
    },
    exit: 'device',
  },
} satisfies ErrorRows;
