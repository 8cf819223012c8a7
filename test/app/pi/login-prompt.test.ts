import { expect, it } from 'vitest';
import { loginPromptKind } from '../../../app/pi/login-prompt.ts';

it.each([
  ['Password: ', 'password'],
  ['(pi@voron) Password: ', 'password'],
  ['Password for pi@voron:', 'password'],
  ['Passwort: ', 'password'],
  ['Mot de passe : ', 'password'],
  ['密码：', 'password'],
  ['Current password: ', 'current-password'],
  ['(current) UNIX password: ', 'current-password'],
  ['(pi@voron) Current password: ', 'current-password'],
  ['New password: ', 'new-password'],
  ['(pi@voron) New password: ', 'new-password'],
  ['Retype new password: ', 'new-password'],
  ['Enter new UNIX password: ', 'new-password'],
  ['Verification code: ', 'other'],
  ["One-time password (OATH) for `pi': ", 'other'],
  ['Passcode or option (1-3): ', 'other'],
  ["YubiKey for `pi': ", 'other'],
  ['Password & verification code: ', 'other'],
  ['Password + OTP:', 'other'],
  ['', 'other'],
])('a hidden "%s" asks for: %s', (prompt, kind) => {
  expect(loginPromptKind(prompt, true)).toBe(kind);
});

it('a prompt that shows what is typed never gets the password', () => {
  expect(loginPromptKind('Password: ', false)).toBe('other');
});
