// Drives the original project's own client, as published for Node, against our broker. Prints one line a check
// and ends with "N passed, N failed"; exit 1 on a failure.
//
// Environment: FOREIGN_PACKAGE (path of the installed package), FELIX_ADDRESS, FELIX_CA, FELIX_TOKEN, FELIX_BAD_TOKEN;
// FELIX_STRICT_ADDRESS, _CA, _TOKEN of a broker that creates no streams on use.
'use strict';

const { Client } = require(process.env.FOREIGN_PACKAGE);
const address = process.env.FELIX_ADDRESS;
const ca = process.env.FELIX_CA;
const token = process.env.FELIX_TOKEN;
const tenant = 'default';
const namespace = 'default';

let passed = 0;
let failed = 0;

function within(promise, what, milliseconds = 15000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function check(name, body) {
  try {
    await within(body(), name, 60000);
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error.message}`);
  }
}

function equal(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: got ${actual}, wanted ${expected}`);
}

async function refused(promise, pattern) {
  try {
    await promise;
  } catch (error) {
    if (!pattern.test(error.message)) throw new Error(`refused with ${error.message}, wanted ${pattern}`);
    return;
  }
  throw new Error('was not refused');
}

const connect = () => within(Client.connect(address, tenant, token, 'localhost', ca), 'connect');
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function take(subscription, count) {
  const events = [];
  while (events.length < count) {
    const event = await within(subscription.nextEvent(), `event ${events.length} of ${count}`);
    if (event === null || event === undefined) throw new Error(`ended after ${events.length} of ${count} events`);
    events.push(event);
  }
  return events;
}

async function main() {
  let client;
  await check('connects with authority and token', async () => {
    client = await connect();
  });
  if (client === undefined) return;

  for (const ack of ['none', 'per_message', 'per_batch']) {
    await check(`publishes with ack ${ack}, and a subscriber receives it`, async () => {
      const stream = `ack-${ack}`;
      await client.publish(tenant, namespace, stream, Buffer.from('first'), undefined, 'per_message');
      const subscription = await within(client.subscribe(tenant, namespace, stream), 'subscribe');
      await client.publish(tenant, namespace, stream, Buffer.from(`hello ${ack}`), undefined, ack);
      const [event] = await take(subscription, 1);
      equal(event.payload.toString(), `hello ${ack}`, 'payload');
      await subscription.close();
    });
  }

  await check('publishes with a routing key', async () => {
    const subscription = await within(client.subscribe(tenant, namespace, 'keyed'), 'subscribe');
    await client.publish(tenant, namespace, 'keyed', Buffer.from('with a key'), Buffer.from('k1'), 'per_message');
    const [event] = await take(subscription, 1);
    equal(event.payload.toString(), 'with a key', 'payload');
    await subscription.close();
  });

  await check('10,000 records arrive in order from latest', async () => {
    const count = 10000;
    const subscription = await within(client.subscribe(tenant, namespace, 'ordered', 'latest'), 'subscribe');
    for (let i = 0; i < count; i += 100) {
      // One after the other: concurrent calls race inside the client before they reach the wire.
      for (let k = i; k < i + 100; k += 1) {
        await client.publish(tenant, namespace, 'ordered', Buffer.from(`record ${k}`), undefined, 'per_message');
      }
      // The client itself drops what its queue of 256 has no room for, so it is not allowed to fall behind.
      const events = await take(subscription, 100);
      events.forEach((event, k) => equal(event.payload.toString(), `record ${i + k}`, `record ${i + k}`));
    }
    await subscription.close();
  });

  await check('a late subscriber reads history from earliest, with contiguous offsets', async () => {
    for (let i = 0; i < 50; i += 1) {
      await client.publish(tenant, namespace, 'history', Buffer.from(`entry ${i}`), undefined, 'per_message');
    }
    const subscription = await within(client.subscribe(tenant, namespace, 'history', 'earliest'), 'subscribe');
    const events = await take(subscription, 50);
    events.forEach((event, i) => equal(event.payload.toString(), `entry ${i}`, `entry ${i}`));
    events.forEach((event, i) => equal(Number(event.offset), i, `offset ${i}`));
    await subscription.close();
  });

  await check('cache: put, get, overwrite, delete, miss', async () => {
    equal(await client.cacheGet(tenant, namespace, 'primary', 'absent'), null, 'absent key');
    await client.cachePut(tenant, namespace, 'primary', 'k', Buffer.from('one'));
    equal((await client.cacheGet(tenant, namespace, 'primary', 'k')).toString(), 'one', 'value');
    await client.cachePut(tenant, namespace, 'primary', 'k', Buffer.from('two'));
    equal((await client.cacheGet(tenant, namespace, 'primary', 'k')).toString(), 'two', 'overwritten value');
    await client.cacheDelete(tenant, namespace, 'primary', 'k');
    equal(await client.cacheGet(tenant, namespace, 'primary', 'k'), null, 'deleted key');
  });

  await check('cache: a value expires', async () => {
    await client.cachePut(tenant, namespace, 'primary', 'brief', Buffer.from('soon gone'), 0.3);  // seconds
    equal((await client.cacheGet(tenant, namespace, 'primary', 'brief')).toString(), 'soon gone', 'before its time');
    await sleep(500);
    equal(await client.cacheGet(tenant, namespace, 'primary', 'brief'), null, 'after its time');
  });

  await check('an idle connection still subscribes after twelve seconds', async () => {
    await sleep(12000);
    const subscription = await within(client.subscribe(tenant, namespace, 'patient'), 'subscribe');
    await client.publish(tenant, namespace, 'patient', Buffer.from('still here'), undefined, 'per_message');
    const [event] = await take(subscription, 1);
    equal(event.payload.toString(), 'still here', 'payload');
    await subscription.close();
  });

  await check('a token of another key is refused', () =>
    refused(within(Client.connect(address, tenant, process.env.FELIX_BAD_TOKEN, 'localhost', ca), 'connect'), /AUTH|auth/));

  await check('an unknown stream is refused where streams are not created on use', async () => {
    const { FELIX_STRICT_ADDRESS: strict, FELIX_STRICT_TOKEN: strictToken, FELIX_STRICT_CA: strictCa } = process.env;
    const other = await within(Client.connect(strict, tenant, strictToken, 'localhost', strictCa), 'connect');
    await refused(within(other.subscribe(tenant, namespace, 'nowhere'), 'subscribe'), /not found|NOT_FOUND/i);
    await refused(within(other.publish(tenant, namespace, 'nowhere', Buffer.from('x'), undefined, 'per_message'), 'publish'),
      /not found|NOT_FOUND/i);
    await within(other.close(), 'close').catch(() => {});
  });

  await check('a stream of another tenant is refused', async () => {
    const other = await connect();
    await refused(within(other.publish('elsewhere', namespace, 's', Buffer.from('x'), undefined, 'per_message'), 'publish'),
      /tenant|forbidden|AUTH|auth/i);
    await within(other.close(), 'close').catch(() => {});
  });

  await within(client.close(), 'close').catch(() => {});
}

main()
  .catch((error) => {
    failed += 1;
    console.log(`FAIL ${error.stack}`);
  })
  .finally(() => {
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 && passed > 0 ? 0 : 1);
  });
