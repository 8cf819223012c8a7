import type { Locator, Page } from 'playwright-core';
import { texts } from '../../renderer/texts/en.ts';

/** The hands at one virtual board, through the panel in the window. */
export class Hands {
  readonly #board: Locator;

  constructor(page: Page, board: string) {
    this.#board = page.getByRole('article', { name: board, exact: true });
  }

  /** Makes the panel with the virtual boards visible. */
  static async show(page: Page): Promise<void> {
    const toggle = page.getByRole('button', { name: texts.virtual.title, exact: true });
    await toggle.waitFor();
    if ((await toggle.getAttribute('aria-pressed')) !== 'true') await toggle.click();
    await page.getByRole('heading', { name: texts.virtual.title }).waitFor();
  }

  async power(isOn: boolean): Promise<void> {
    await this.#set(texts.virtual.power, isOn);
  }

  async boot0(isOn: boolean): Promise<void> {
    await this.#set(texts.virtual.boot0, isOn);
  }

  async card(isIn: boolean): Promise<void> {
    await this.#set(texts.card.virtualSlot, isIn);
  }

  async cable(isIn: boolean): Promise<void> {
    await this.#set(texts.virtual.cable, isIn);
  }

  async fault(name: keyof typeof texts.virtual.faults): Promise<void> {
    await this.#board.getByRole('combobox').selectOption(name);
  }

  async reset(): Promise<void> {
    await this.#board.getByRole('button', { name: texts.virtual.reset, exact: true }).click();
  }

  /** Power off, jumper on, power on: as the steps into DFU say. */
  async intoDfu(): Promise<void> {
    await this.power(false);
    await this.boot0(true);
    await this.power(true);
  }

  /** Power off, jumper off, power on. */
  async outOfDfu(): Promise<void> {
    await this.power(false);
    await this.boot0(false);
    await this.power(true);
  }

  async #set(name: string, isOn: boolean): Promise<void> {
    const toggle = this.#board.getByRole('switch', { name });
    await toggle.waitFor();
    // Not setChecked: what the switch shows follows only when the station has done it.
    if ((await toggle.getAttribute('aria-checked')) !== String(isOn)) await toggle.click();
    await this.#board.getByRole('switch', { name, checked: isOn }).waitFor();
  }
}

/** From the bench to the choice of the board, for the printer of the virtual Pi. `isNew`: its key is asked about. */
export async function startFlow(page: Page, { isNew = true } = {}): Promise<void> {
  await page.getByRole('button', { name: texts.bench.setUp }).click();
  const list = page.getByRole('list', { name: texts.printer.list });
  await list.getByRole('button', { name: /Virtual Pi/ }).click();
  if (isNew) await trustPi(page);
  await page.getByText(texts.picker.lookFirst).waitFor();
}

/** The same for a board that gets no printer yet. */
export async function startWithoutPrinter(page: Page): Promise<void> {
  await page.getByRole('button', { name: texts.bench.setUp }).click();
  await page.getByRole('button', { name: texts.printer.none }).click();
  await page.getByText(texts.picker.lookFirst).waitFor();
}

/** From the bench to the stage where the board is waited for, with the sample images that a virtual Pi gets. */
export async function toDfuStage(page: Page, board: RegExp, marking?: string): Promise<void> {
  await startFlow(page);
  await useBoard(page, board, marking);
  await page.getByRole('heading', { name: texts.flow.toDfu }).waitFor();
}

/** A Pi that was never seen shows its key first; a person who knows it goes on. */
export async function trustPi(page: Page): Promise<void> {
  await page.getByRole('button', { name: texts.pi.trust, exact: true }).click();
}

/** Up to the images of a board without a printer. */
export async function chooseBoard(page: Page, board: RegExp, marking?: string): Promise<void> {
  await useBoard(page, board, marking);
  await page.getByRole('heading', { name: texts.firmware.forBoard }).waitFor();
}

export async function useBoard(page: Page, board: RegExp, marking?: string): Promise<void> {
  await listBoards(page);
  await page.getByRole('button', { name: board }).click();
  if (marking !== undefined) await page.getByRole('radio', { name: marking }).check();
  await page.getByRole('button', { name: texts.picker.use }).click();
}

/** All boards, where the list waits for a chip. */
export async function listBoards(page: Page): Promise<void> {
  await page.getByRole('searchbox').waitFor();
  const all = page.getByRole('button', { name: texts.picker.listAll, exact: true });
  if (await all.isVisible()) await all.click();
}
