import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { Notifications } from '../../../../main/hosts/electron/notifications.ts';

class StandIn extends EventEmitter {
  show(): void {
    this.emit('shown');
  }
}

it('keeps a notification until it is clicked or closed, and no more than a system would', () => {
  const made: StandIn[] = [];
  const notifications = new Notifications(() => {
    const one = new StandIn();
    made.push(one);
    return one;
  });
  const clicked: number[] = [];
  for (let at = 0; at < 60; at++) notifications.show({ title: 'a', body: 'b' }, () => clicked.push(at));
  expect(notifications.kept).toBe(50);
  made[59]!.emit('click');
  made[58]!.emit('close');
  expect(clicked).toEqual([59]);
  expect(notifications.kept).toBe(48);
});
