interface DropTarget {
  /** Something is dragged over it. */
  readonly isOver: boolean;
  /** For the element: `{...target.handlers}`. */
  readonly handlers: {
    readonly ondragover: (event: DragEvent) => void;
    readonly ondragleave: () => void;
    readonly ondrop: (event: DragEvent) => void;
  };
}

/** An element that takes dropped files; `take` gets at least one. */
export function dropTarget(take: (files: readonly File[]) => void): DropTarget {
  let isOver = $state(false);
  return {
    get isOver() {
      return isOver;
    },
    handlers: {
      ondragover: (event) => {
        event.preventDefault();
        isOver = true;
      },
      ondragleave: () => (isOver = false),
      ondrop: (event) => {
        event.preventDefault();
        isOver = false;
        const files = [...(event.dataTransfer?.files ?? [])];
        if (files.length > 0) take(files);
      },
    },
  };
}
