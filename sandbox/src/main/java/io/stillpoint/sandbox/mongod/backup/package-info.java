/** The backup cursor, its extension, and fsyncLock, which excludes it. */
package io.stillpoint.sandbox.mongod.backup;
