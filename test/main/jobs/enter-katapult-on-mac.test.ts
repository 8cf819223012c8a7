import { seeAs } from '../host-systems.ts';

seeAs('darwin');
await import('./enter-katapult.test.ts');
