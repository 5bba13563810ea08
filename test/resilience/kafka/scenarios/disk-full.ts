import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SmallDisk } from '../../small-disk.js';
import { onKafka, type Strike } from '../kafka-scenario.js';

const MEGABYTES = 384;
/** A broker that lives on with a full disk for so long is killed, as its supervisor would. */
const NOTICED_WITHIN_MS = 10_000;

/** A broker whose only disk fails ends itself, mostly: it is started again once there is room, and the services stay. */
export const brokerDiskFull = onKafka({
  name: 'kafka-disk-full',
  title: "the disk under Kafka's broker full, then freed, the broker started again; the services stay",
  services: ['relay', 'access', 'conversation', 'analytics'],
  async prepare({ folder }) {
    const disk = SmallDisk.mount(join(folder, 'disk'), MEGABYTES);
    if (!(disk instanceof SmallDisk)) return { skipped: disk.refused, lacks: 'right' };
    const fault = async ({ n, on, random, ledger, over, problem }: Strike) => {
      const before = ledger.acknowledged;
      const deadline = performance.now() + NOTICED_WITHIN_MS;
      while (!on.kafka.hasEnded && performance.now() < deadline) {
        disk.fill();
        await sleep(20);
      }
      if (!on.kafka.hasEnded) {
        // Either it serves nobody, or nobody writes to it: what tells which is kept before it is ended.
        const evidence = await on.keepEvidence();
        problem(`try ${n + 1}: the broker lived on with a full disk; what it left is kept in ${evidence}`);
        await on.kafka.kill();
      }
      await sleep(1000 * random());
      if (ledger.acknowledged === before) problem(`try ${n + 1}: nothing was acknowledged while the disk was full`);
      disk.free();
      await on.kafka.start();
      over();
      return undefined;
    };
    const end = async () => {
      disk.free();
      await disk.unmount();
    };
    return { fault, options: { segments: join(disk.folder, 'segments') }, end };
  },
});
