'use strict';

// Measures Emmett's event store on PostgreSQL: emmett.js CONNECTION_STRING. A transaction of many events appends them to one
// stream, as its interface has it.

const pg = require('pg');
const { getPostgreSQLEventStore } = require('@event-driven-io/emmett-postgresql');
const { answer, data } = require('./load.js');

const CONNECTIONS_MAX = 256;

async function main() {
  const connectionString = process.argv[2];
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS_MAX, idleTimeoutMillis: 0 });
  const store = getPostgreSQLEventStore(connectionString, { connectionOptions: { pool } });
  await store.appendToStream('partnership-first', [{ type: 'Recorded', data }]); // The schema is made on the way.
  await answer((stream, count) =>
    store.appendToStream(stream(), Array.from({ length: count }, () => ({ type: 'Recorded', data }))),
  );
  await store.close();
  await pool.end();
}

main();
