/** Replica sets: oplog, elections, commit point, recovery to the top of the oplog. */
package io.stillpoint.sandbox.mongod.repl;
