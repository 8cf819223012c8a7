import { seeAs } from '../host-systems.ts';

seeAs('win32');
await import('./enter-katapult.test.ts');
