import { dfuFlasherSuite } from '../../conformance/dfu-flasher.ts';
import { romBench } from './dfu-rom-bench.ts';

dfuFlasherSuite('a virtual chip in process', romBench);
