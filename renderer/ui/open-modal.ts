/** Attached to a `<dialog>`: opens it on top of the page as soon as it is there. */
export function openModal(dialog: HTMLDialogElement): void {
  dialog.showModal();
}
