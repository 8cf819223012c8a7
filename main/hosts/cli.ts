#!/usr/bin/env node
import { endProcess, survivesClosedStreams } from './cli/process-end.ts';
import { createProgram } from './cli/program.ts';

survivesClosedStreams();
await createProgram().parseAsync();
await endProcess();
