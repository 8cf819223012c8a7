import './app.css';
import { mount } from 'svelte';
import { ContractClient } from '../app/contract/client.ts';
import { stationContract } from '../app/contract/station-contract.ts';
import App from './shell/App.svelte';
import { Router } from './shell/router.svelte.ts';
import { ThemeState } from './shell/theme.svelte.ts';
import { browserClock } from './station/browser-clock.ts';
import { connectToStation } from './station/connect.ts';
import { StationState } from './station/station.svelte.ts';
import { Ticker } from './station/ticker.svelte.ts';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
const client = new ContractClient(stationContract, { connect: connectToStation, clock: browserClock });
const station = new StationState(client, browserClock);
mount(App, {
  target,
  props: { station, router: new Router(), theme: new ThemeState(), ticker: new Ticker() },
});
await station.open();
