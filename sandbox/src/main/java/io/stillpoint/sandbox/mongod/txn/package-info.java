/** Multi-document transactions and their two-phase commit. */
package io.stillpoint.sandbox.mongod.txn;
