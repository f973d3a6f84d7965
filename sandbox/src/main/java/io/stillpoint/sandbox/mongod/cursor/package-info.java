/** Cursors and sessions between requests. */
package io.stillpoint.sandbox.mongod.cursor;
