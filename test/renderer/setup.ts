import { configure } from '@testing-library/svelte';

// What is waited for comes; on a machine that is busy it may take a while.
configure({ asyncUtilTimeout: 10_000 });
