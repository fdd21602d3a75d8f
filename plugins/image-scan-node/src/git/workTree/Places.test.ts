import { Places } from './Places';

describe('Places', () => {
  it('lets in so many, and the others in the order they came', async () => {
    const places = new Places(1);
    const order: number[] = [];
    const leave = await places.enter();
    const others = [1, 2].map(async number => {
      const leaveAgain = await places.enter();
      order.push(number);
      leaveAgain();
    });
    await Promise.resolve();
    expect(order).toEqual([]);
    leave();
    await Promise.all(others);
    expect(order).toEqual([1, 2]);
    (await places.enter())();
  });

  it('forgets who was told to stop', async () => {
    const places = new Places(1);
    const leave = await places.enter();
    const controller = new AbortController();
    const waiting = places.enter(controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await expect(places.enter(controller.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
    leave();
    (await places.enter())();
  });
});
