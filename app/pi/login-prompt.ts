/**
 * What a keyboard-interactive prompt asks for (RFC 4256). Only a hidden prompt that is nothing but the word for password
 * gets the password: PAM modules ask for new passwords and one-time codes by the same way, and a code module that is
 * given the password has spent an attempt and seen it.
 */
type LoginPromptKind = 'password' | 'current-password' | 'new-password' | 'other';

/** In the languages that Linux-PAM's own catalogue has it in and that printers are sold in. */
const passwordWords =
  'password|passwort|kennwort|mot de passe|contraseña|clave|wachtwoord|parola|senha|palavra-passe|hasło|heslo|jelszó|lösenord|passord|adgangskode|salasana|пароль|密码|密碼|パスワード|암호';
/** OpenSSH puts the login in front, some systems the user behind: `(pi@voron) Password for pi@voron:`. */
const plainPassword = new RegExp(`^(?:\\([^()]*\\) *)?(?:${passwordWords})(?: for [^ ]+)? *[:：]?$`, 'i');
/** pam_unix when a password has expired: the one that was right a moment ago is asked for once more. */
const currentPassword = /^(?:\([^()]*\) *)?(?:current (?:unix )?password|\(current\) unix password) *:?$/i;
const newPassword =
  /\b(?:new|retype|re-enter|repeat|confirm)\b.*\bpassword\b|\bneues\b.*\b(?:passwort|kennwort)\b/i;

export function loginPromptKind(prompt: string, isHidden: boolean): LoginPromptKind {
  const text = prompt.trim();
  if (newPassword.test(text)) return 'new-password';
  if (!isHidden) return 'other';
  if (currentPassword.test(text)) return 'current-password';
  return plainPassword.test(text) ? 'password' : 'other';
}
