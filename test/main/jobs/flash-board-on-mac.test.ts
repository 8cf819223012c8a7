import { seeAs } from '../host-systems.ts';

seeAs('darwin');
await import('./flash-board.test.ts');
