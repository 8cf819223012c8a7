import { describe, expect, it } from 'vitest';
import { examine } from '../../../app/pi/doctor.ts';
import type { PiFacts } from '../../../app/pi/facts.ts';
import { defaultWishes } from '../../../app/pi/plan-types.ts';
import { parseMounts, parseRoom } from '../../../app/pi/storage.ts';
import { examinedAs, piFacts, planFor, type PiLike } from '../../fixtures/pi-facts.ts';

function said(facts: Partial<PiFacts>, id: string, pi: PiLike = {}) {
  const all = piFacts({ ...pi, facts });
  const check = examine({ facts: all, printers: examinedAs(all), wishes: defaultWishes }).find(
    (each) => each.id === id,
  );
  const { blockers, notes } = planFor({ ...pi, facts });
  return {
    verdict: check?.verdict,
    answer: check?.answer,
    codes: blockers.map(({ code }) => code),
    blockers: blockers.map(({ text }) => text).join('\n'),
    notes: notes.map(({ text }) => text).join('\n'),
  };
}

const mounts = (...lines: string[]) => ({ mounts: parseMounts(lines) });

describe('where changes are kept', () => {
  it.each<[string, Partial<PiFacts>]>([
    [
      'raspi-config of today, overlayroot in memory',
      mounts(
        '/dev/mmcblk0p2 /media/root-ro ext4 ro,relatime 0 0',
        'tmpfs-root /media/root-rw tmpfs rw,relatime 0 0',
        'overlayroot / overlay rw,relatime,lowerdir=/media/root-ro,upperdir=/media/root-rw/overlay,workdir=/media/root-rw/overlay-workdir/_ 0 0',
      ),
    ],
    [
      'raspi-config of earlier years, whose upper folder is out of sight',
      {
        ...mounts(
          'overlay / overlay rw,relatime,lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work 0 0',
        ),
        bootOptions: ['console=tty1', 'boot=overlay', 'rootwait'],
      },
    ],
    ['a root in memory', mounts('none / tmpfs rw 0 0')],
  ])('is refused where the next boot forgets them: %s', (_, facts) => {
    const { verdict, codes, blockers, answer } = said(facts, 'storage');
    expect([verdict, codes]).toEqual(['wrong', ['pi/not-kept']]);
    for (const words of [blockers, answer]) expect(words).toContain('gone after the next boot');
  });

  it.each<[string, Partial<PiFacts>]>([
    [
      'an ordinary root',
      mounts('/dev/root / ext4 rw,noatime 0 0', 'tmpfs /tmp tmpfs rw 0 0', 'tmpfs /run tmpfs rw 0 0'),
    ],
    [
      'an overlay on a partition of its own',
      mounts(
        '/dev/mmcblk0p8 /data ext4 rw 0 0',
        'overlay / overlay rw,lowerdir=/root,upperdir=/data/root,workdir=/data/work 0 0',
      ),
    ],
    ['mounts that are not known', { mounts: [] }],
  ])('is not a problem: %s', (_, facts) => {
    expect(said(facts, 'storage').codes).toEqual([]);
  });

  it('is said to be unknown for an overlay that lies out of sight', () => {
    const facts = mounts('overlay / overlay rw,lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work 0 0');
    const { verdict, codes, notes } = said(facts, 'storage');
    expect([verdict, codes]).toEqual(['look', []]);
    expect(notes).toContain('cannot be seen from here');
  });

  it('is refused on a disk that is mounted read-only', () => {
    const { verdict, codes, blockers } = said(
      mounts('/dev/root / ext4 ro,noatime,errors=remount-ro 0 0'),
      'storage',
    );
    expect([verdict, codes]).toEqual(['wrong', ['pi/read-only']]);
    expect(blockers).toContain('/ is mounted read-only');
  });

  it('is seen for the home, too, which has the journal and printer.cfg', () => {
    const facts = mounts('/dev/root / ext4 rw 0 0', 'none /home tmpfs rw 0 0');
    expect(said(facts, 'storage').codes).toEqual(['pi/not-kept']);
  });

  it.each([
    ['blocks', '/home/pi\t12\t100000\t5000', '/home/pi has 12 KiB left'],
    ['inodes', '/\t8000000\t100000\t0', '/ has room for 0 more files only'],
  ])('is refused on a disk without %s', (_, line, words) => {
    const { verdict, codes, blockers, answer } = said({ room: parseRoom([line]) }, 'storage');
    expect([verdict, codes]).toEqual(['wrong', ['pi/disk-full']]);
    expect([blockers, answer]).toEqual([words, `No: ${words}.`]);
  });

  it('takes a file system without a number of inodes, and a df that says nothing', () => {
    expect(said({ room: parseRoom(['/\t8000000\t0\t0', '/home/pi\t\t']) }, 'storage')).toMatchObject({
      verdict: 'fine',
      codes: [],
    });
  });

  it('is only named for /tmp, where a plan writes nothing', () => {
    expect(said({ room: parseRoom(['/tmp\t0\t100\t50']) }, 'storage')).toMatchObject({
      verdict: 'wrong',
      codes: [],
    });
  });

  it('reads a mount point with a blank in it', () => {
    expect(parseMounts(['/dev/sda1 /mnt/my\\040disk vfat rw 0 0', 'nonsense'])).toEqual([
      { point: '/mnt/my disk', type: 'vfat', options: ['rw'] },
    ]);
  });
});

describe('the clock', () => {
  it.each([
    [0, 'fine', 'Yes.'],
    [-299, 'fine', 'Yes.'],
    [-86_400 * 400, 'look', 'It is 400 days behind this computer.'],
    [3600 * 3, 'look', 'It is 3 hours ahead of this computer.'],
    [null, 'unknown', 'It did not report the time.'],
  ])('is %j seconds off: %s', (clockSkewSeconds, verdict, answer) => {
    expect(said({ clockSkewSeconds }, 'clock')).toMatchObject({ verdict, answer, codes: [] });
  });
});

describe('a system that cannot be set up', () => {
  it.each([
    ['Alpine Linux v3.20', new Set(['ip', 'ifup', 'ifdown', 'python3'])],
    ['Buildroot 2020.02.1', new Set(['ip', 'python3'])],
  ])('is refused in one sentence: %s', (os, tools) => {
    const { codes, blockers } = said(
      { os, tools, units: new Map(), systemd: null, ipJson: false },
      'storage',
      { flavour: 'bare' },
    );
    expect(codes).toEqual(['pi/no-network-stack']);
    expect(blockers).toBe(
      `${os} has neither systemd nor ifupdown as Debian has it, and without one of them nothing brings can0 up again when the bridge is reset`,
    );
  });

  it('is one with an ip that prints no JSON', () => {
    const { codes, blockers } = said({ ipJson: false }, 'settings');
    expect(codes).toEqual(['pi/ip-too-old']);
    expect(blockers).toContain('iproute2 does since 4.14, busybox never');
  });

  it('is not Arch Linux, which has systemd-networkd', () => {
    expect(said({ os: 'Arch Linux ARM' }, 'storage').codes).toEqual([]);
  });
});
