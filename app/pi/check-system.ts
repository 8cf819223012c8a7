import { hands, none, type Check, type Examination } from './check.ts';
import { fullDisks, mayForget, storageTrouble } from './storage.ts';

export function checkStorage({ facts }: Examination): Check {
  const base = {
    id: 'storage',
    question: 'Can this system keep a change?',
    why: 'An overlay in memory forgets everything at the next boot; a full or read-only disk stores nothing.',
  };
  const trouble = storageTrouble(facts, `${facts.root}/etc`) ?? storageTrouble(facts, facts.home);
  if (trouble !== null) {
    const fix =
      trouble.code === 'pi/not-kept'
        ? hands('Switch the overlay file system off (raspi-config, Performance), and reboot.')
        : hands('Look at "dmesg": a worn SD card turns read-only and must be replaced.');
    return { ...base, verdict: 'wrong', answer: `No: ${trouble.text}.`, fix };
  }
  const full = fullDisks(facts);
  if (full.length > 0) {
    const fix = hands('Delete old G-code files and logs.');
    return { ...base, verdict: 'wrong', answer: `No: ${full.join('; ')}.`, fix };
  }
  if (mayForget(facts)) {
    const answer = 'Its root is an overlay, and whether changes survive a reboot cannot be seen from here.';
    return { ...base, verdict: 'look', answer, fix: hands('Look into the configuration of the overlay.') };
  }
  const answer = facts.mounts.length === 0 ? 'Its mounts are unknown.' : 'Yes.';
  return { ...base, verdict: facts.mounts.length === 0 ? 'unknown' : 'fine', answer, fix: none };
}

/** Certificates of a day count from a minute; apt refuses lists from the future. */
const toleratedSeconds = 300;

export function checkClock({ facts }: Examination): Check {
  const base = {
    id: 'clock',
    question: 'Is its clock right?',
    why: 'A Pi has no clock that runs without power. Until it has the time from the network, apt and every download by https fail.',
  };
  const skew = facts.clockSkewSeconds;
  if (skew === null) return { ...base, verdict: 'unknown', answer: 'It did not report the time.', fix: none };
  if (Math.abs(skew) <= toleratedSeconds) return { ...base, verdict: 'fine', answer: 'Yes.', fix: none };
  const answer = `It is ${inWords(Math.abs(skew))} ${skew < 0 ? 'behind' : 'ahead of'} this computer.`;
  return {
    ...base,
    verdict: 'look',
    answer,
    fix: hands('sudo timedatectl set-ntp true, with the network up.'),
  };
}

function inWords(seconds: number): string {
  if (seconds >= 172_800) return `${Math.round(seconds / 86_400)} days`;
  if (seconds >= 7200) return `${Math.round(seconds / 3600)} hours`;
  return `${Math.round(seconds / 60)} minutes`;
}
