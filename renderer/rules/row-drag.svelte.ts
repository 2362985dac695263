/** How near to an edge of the page, in pixels, it begins to scroll. */
const EDGE = 48;

/** A row of a list that is being dragged by its handle. */
export class RowDrag {
  /** The row's place from 0 on; null while none is dragged. */
  from = $state<number | null>(null);
  /** The place of the row that it would go before; as many as there are rows: behind all. */
  to = $state(0);
  /** How far below the top of the list that is, in pixels. */
  line = $state(0);

  readonly #rows: () => HTMLElement[];
  readonly #drop: (from: number, to: number) => void;
  #y = 0;

  /**
   * @param rows those of the list, in order
   * @param drop is told where a row was dropped: the place that it has then
   */
  constructor(rows: () => HTMLElement[], drop: (from: number, to: number) => void) {
    this.#rows = rows;
    this.#drop = drop;
  }

  /** Takes a row by its handle. */
  start(event: PointerEvent & { currentTarget: HTMLElement }, from: number): void {
    if (event.button !== 0) return;
    // Neither text is selected nor the focus taken away.
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    this.from = from;
    this.#y = event.clientY;
    this.#follow(event.currentTarget.closest('.page'));
  }

  move(event: PointerEvent): void {
    if (this.from === null) return;
    this.#y = event.clientY;
    this.#aim();
  }

  /** Lets the row go where the line is. */
  end(): void {
    const { from, to } = this;
    this.cancel();
    if (from !== null) this.#drop(from, to > from ? to - 1 : to);
  }

  cancel(): void {
    this.from = null;
  }

  #aim(): void {
    const rows = this.#rows();
    const boxes = rows.map((row) => row.getBoundingClientRect());
    const [first] = boxes;
    const last = boxes.at(-1);
    if (first === undefined || last === undefined) return;
    const below = boxes.findIndex(({ top, height }) => this.#y < top + height / 2);
    this.to = below === -1 ? rows.length : below;
    this.line = (boxes[this.to]?.top ?? last.bottom) - first.top;
  }

  /** Aims as long as the row is held, as the page scrolls below it. */
  #follow(page: Element | null): void {
    if (this.from === null) return;
    if (page !== null) {
      const { top, bottom } = page.getBoundingClientRect();
      if (this.#y < top + EDGE) page.scrollBy(0, -12);
      else if (this.#y > bottom - EDGE) page.scrollBy(0, 12);
    }
    this.#aim();
    requestAnimationFrame(() => this.#follow(page));
  }
}
