import { seeAs } from '../host-systems.ts';

seeAs('darwin');
await import('./foreign-strings.test.ts');
