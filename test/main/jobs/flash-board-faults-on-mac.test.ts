import { seeAs } from '../host-systems.ts';

seeAs('darwin');
await import('./flash-board-faults.test.ts');
