import { seeAs } from '../host-systems.ts';

seeAs('darwin');
await import('./bench-runner.test.ts');
