'use strict';

// Measures Message DB: message_db.js CONNECTION_STRING. All streams are of one category, as the instances of one kind of
// entity are; Message DB appends to a category one transaction at a time.

const { randomUUID } = require('node:crypto');
const { Pool } = require('pg');
const { answer, data } = require('./load.js');

const CONNECTIONS_MAX = 256;
const body = JSON.stringify(data);

const ONE = { name: 'one', text: 'SELECT write_message($1, $2, $3, $4)' };
const MANY = {
  name: 'many',
  text: 'SELECT write_message(id, stream, $3, $4) FROM unnest($1::varchar[], $2::varchar[]) AS message (id, stream)',
};

async function main() {
  const pool = new Pool({
    connectionString: process.argv[2],
    max: CONNECTIONS_MAX,
    options: '-c search_path=message_store',
    idleTimeoutMillis: 0,
  });
  await pool.query('SELECT message_store_version()');
  await answer(async (stream, count) => {
    if (count === 1) {
      await pool.query({ ...ONE, values: [randomUUID(), stream(), 'Recorded', body] });
      return;
    }
    const ids = Array.from({ length: count }, () => randomUUID());
    await pool.query({ ...MANY, values: [ids, ids.map(() => stream()), 'Recorded', body] });
  });
  await pool.end();
}

main();
