/**
 * A look-alike of mongod that keeps real files, so that a mistake in the use of its backup protocol
 * loses data here as it does on the real server.
 */
package io.stillpoint.sandbox.mongod;
