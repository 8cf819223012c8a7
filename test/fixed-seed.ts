import fc from 'fast-check';

// The same cases in every run, so that a build fails for what was changed; other ones with `FC_SEED=$RANDOM npm test`.
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 20_261_126) });
