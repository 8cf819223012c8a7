import type { BackupView, StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import { Asking } from '../../station/asking.svelte.ts';

/** The query for a board, as typed or scanned, and its result. */
export class WhatState {
  code = $state('');
  /** A version or a commit to compare with; empty for none. */
  against = $state('');
  facts: StationOutput<'history.what'> = $state.raw(null);
  /** Backups of its flash, newest first. */
  backups: readonly BackupView[] = $state.raw([]);
  /** The last board asked for is in no run. */
  isUnknown = $state(false);
  readonly asking = new Asking();
  readonly #client: StationClient;

  constructor(client: StationClient) {
    this.#client = client;
  }

  async ask(code = this.code): Promise<void> {
    this.code = code.trim();
    this.clear();
    const against = this.against.trim() === '' ? null : this.against.trim();
    const asked = await this.asking.run(async () => {
      const facts = await this.#client.call('history.what', { code: this.code, against });
      const uid = facts?.uid ?? null;
      const kept = uid === null ? null : await this.#client.call('backups.list', { uid });
      return { facts, backups: kept?.backups ?? [] };
    });
    if (asked === null) return;
    this.facts = asked.facts;
    this.backups = asked.backups;
    this.isUnknown = asked.facts === null;
  }

  clear(): void {
    this.facts = null;
    this.backups = [];
    this.isUnknown = false;
  }
}
