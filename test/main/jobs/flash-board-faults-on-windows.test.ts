import { seeAs } from '../host-systems.ts';

seeAs('win32');
await import('./flash-board-faults.test.ts');
