import { seeAs } from '../host-systems.ts';

seeAs('win32');
await import('./foreign-strings.test.ts');
