import { katapultFlasherConformance } from '../../conformance/katapult-flasher.ts';
import { katapultSimBench } from './katapult-sim-bench.ts';

katapultFlasherConformance('a virtual board in this process', katapultSimBench);
