import { configure } from '@testing-library/svelte';

// What is waited for comes; on a machine that is busy it may take a while.
configure({ asyncUtilTimeout: 10_000 });

// jsdom has no dialogs on top of the page.
Object.assign(HTMLDialogElement.prototype, {
  showModal(this: HTMLDialogElement) {
    this.open = true;
  },
});
